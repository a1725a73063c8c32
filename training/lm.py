"""The tables of the source code `lm`: which word follows which, which letter follows which, and weights.

    python -m training.lm

Learnt from the captions that `training/tables.py` draws; the model shares its vocabulary and company counts.
"""

from __future__ import annotations

import itertools
import random

import numpy as np

from lsccli.core.channel.source.lm import ALPHABET, END, WEIGHTS, components
from lsccli.core.channel.vocabulary import shipped
from training.tables import FOLDER, SCENES, learn

# Captions from which the weights are learnt, each once as it stands and once shuffled.
_SAMPLE = 1000
_ROUNDS = 30


def followers(texts: list[str], words: list[str]) -> np.ndarray:
    """(V + 1, V) how often a word follows another in a caption; the last row: how often it begins one."""
    places = {word: place for place, word in enumerate(words)}
    counts = np.zeros((len(words) + 1, len(words)), np.uint32)
    for text in texts:
        before = len(words)
        for word in text.split():
            counts[before, places[word]] += 1
            before = places[word]
    return counts


def letters(words: list[str]) -> np.ndarray:
    """(A, A) how often a letter, or a word's beginning, comes before a letter or its end, each word once."""
    places = {letter: place for place, letter in enumerate(ALPHABET)}
    counts = np.zeros((len(ALPHABET), len(ALPHABET)), np.uint16)
    for word in words:
        row = [places[END], *(places[letter] for letter in word), places[END]]
        for before, after in itertools.pairwise(row):
            counts[before, after] += 1
    return counts


def weights(texts: list[str], rng: random.Random) -> list[int]:
    """Shares in 64ths of the model's parts, by expectation maximisation; half the captions are shuffled."""
    rows = []
    for text in rng.sample(texts, _SAMPLE):
        words = text.split()
        for order in (words, rng.sample(words, len(words))):
            for k, word in enumerate(order):
                parts = components(order[:k])
                rows.append([part[shipped("storybook").places[word]] / part.sum() for part in parts])
    likely = np.array(rows)
    shares = np.full(likely.shape[1], 1 / likely.shape[1])
    for _ in range(_ROUNDS):
        owed = likely * shares
        shares = (owed / owed.sum(axis=1, keepdims=True)).mean(axis=0)
    found = np.maximum(1, np.round(shares * 64)).astype(int)
    found[np.argmax(found)] += 64 - found.sum()
    return [int(share) for share in found]


def main() -> None:
    """Write `lm.npz`, and say which weights belong into the model."""
    texts = learn(SCENES)
    words = list(shipped("storybook").words)
    file = FOLDER / "lm.npz"
    np.savez_compressed(file, followers=followers(texts, words), letters=letters(words))
    print(f"weights {weights(texts, random.Random(6))}, in force {list(WEIGHTS)}")


if __name__ == "__main__":
    main()
