"""How far a word is from all words that Bob knows, in single-letter errors."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


class Surroundings:
    """The words of a vocabulary, as neighbours that another word may be mistaken for."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = sorted(set(words))
        self._places = {word: place for place, word in enumerate(self._words)}
        self._lengths = np.array([len(word) for word in self._words], np.int64)
        self._letters = np.full((len(self._words), max(self._lengths, default=0)), -1, np.int64)
        for place, word in enumerate(self._words):
            self._letters[place, : len(word)] = [ord(letter) for letter in word]
        self._known: dict[str, int | None] = {}

    def nearest(self, word: str) -> int | None:
        """min_v d(word, v) over all other words v, d the Levenshtein distance; None where there is no other.

        Source: V. Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals",
        Soviet Physics Doklady 10, 1966.
        """
        if word not in self._known:
            distances = self._distances(word)
            if (own := self._places.get(word)) is not None:
                distances = np.delete(distances, own)
            self._known[word] = int(distances.min()) if len(distances) else None
        return self._known[word]

    def _distances(self, word: str) -> NDArray[np.int64]:
        """(V,) distances, one row of the table for each letter, all words at once."""
        steps = np.arange(self._letters.shape[1] + 1)
        row = np.tile(steps, (len(self._words), 1))
        for letter in word:
            kept = row[:, :-1] + (self._letters != ord(letter))
            best = np.concatenate([row[:, :1] + 1, np.minimum(kept, row[:, 1:] + 1)], axis=1)
            # Insertions run along the row: best[j] = min over i ≤ j of best[i] + j − i.
            row = np.minimum.accumulate(best - steps, axis=1) + steps
        return np.asarray(row[np.arange(len(row)), self._lengths])
