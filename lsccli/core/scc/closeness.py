"""How close two words are in a text encoder: the cosine of its states for them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsccli.core.text.words import window_of

# Words per batch; a last batch that is not full is filled up, so that a state does not depend on company.
_BATCH = 32
# Tokens of a word are padded to a multiple of this.
_STEP = 8


class WordStates:
    """States of single words in a text encoder, each computed once.

    The state of a word is the mean over its tokens of the encoder's last layer, with the word alone, in lower
    case, as input; states of special tokens are left out.

    Args:
        model: a text model of transformers (CLIPTextModel, BertModel, …), on its device.
        tokenizer: its fast tokenizer.
    """

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model = model.eval()
        self._tokenizer = tokenizer
        self._window = window_of(tokenizer, model.config)
        self._known: dict[str, NDArray[np.float64]] = {}

    def cosine(self, first: str, second: str) -> float:
        """cos(s(first), s(second)), rounded to 6 digits: within them devices and batches agree.

        0 where the tokenizer makes nothing of a word.
        """
        self.learn((first, second))
        a, b = self._known[first.lower()], self._known[second.lower()]
        norm = float(np.linalg.norm(a) * np.linalg.norm(b))
        return round(float(a @ b) / norm, 6) if norm > 0 else 0.0

    def learn(self, words: Iterable[str]) -> None:
        """Compute the states of many words at once."""
        new = sorted({word.lower() for word in words} - self._known.keys())
        rows: dict[int, list[tuple[str, list[int], list[int]]]] = {}
        for word in new:
            whole = self._tokenizer(
                word, return_offsets_mapping=True, truncation=True, max_length=self._window, verbose=False
            )
            own = [place for place, (start, end) in enumerate(whole["offset_mapping"]) if end > start]
            ids = list(whole["input_ids"])
            length = min(self._window, math.ceil(len(ids) / _STEP) * _STEP)
            rows.setdefault(length, []).append((word, ids, own))
        for length, group in rows.items():
            for start in range(0, len(group), _BATCH):
                part = group[start : start + _BATCH]
                states = self._run([ids for _, ids, _ in part], length)
                for (word, _, own), state in zip(part, states, strict=True):
                    self._known[word] = state[own].mean(axis=0) if own else np.zeros(state.shape[1])

    def _run(self, rows: Sequence[list[int]], length: int) -> NDArray[np.float64]:
        """(len(rows), length, width) states of the last layer."""
        import torch

        filled = [*rows, *[rows[0]] * (_BATCH - len(rows))]
        padding = self._tokenizer.pad_token_id or 0
        ids = torch.tensor([row + [padding] * (length - len(row)) for row in filled])
        mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in filled])
        device = self._model.device
        with torch.inference_mode():
            output = self._model(input_ids=ids.to(device), attention_mask=mask.to(device))
        states: NDArray[np.float64] = output.last_hidden_state.double().cpu().numpy()
        return states[: len(rows)]
