"""Attention between the words of a caption, and what the methods read from it.

A is (n, n): rows attend, columns are attended. A word that the model does not see has NaN in row and column.
"""

from __future__ import annotations

import math
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsccli.core.errors import LscError
from lsccli.core.text.words import encode, window_of

Matrix = NDArray[np.float64]

# Captions are padded to a multiple of this, so that a short one does not cost a model its whole window.
_STEP = 16


def words_from_tokens(attention: Matrix, groups: Sequence[Sequence[int]]) -> Matrix:
    """Attention between words from attention between tokens.

    W[u, v] = (1 / |u|) Σ_{i in u} Σ_{j in v} T[i, j]: summed over the attended, averaged over the attending.
    Tokens in no group (special tokens, padding) fall away without renormalising; a word with no token is NaN.

    Args:
        attention: (t, t), T.
        groups: per word the indices of its tokens, n of them.

    Returns:
        (n, n), W.
    """
    count = len(groups)
    membership = np.zeros((count, attention.shape[0]))
    for word, tokens in enumerate(groups):
        membership[word, list(tokens)] = 1.0
    sizes = membership.sum(axis=1)
    with np.errstate(invalid="ignore"):
        words: Matrix = (membership @ attention @ membership.T) / sizes[:, None]
    words[:, sizes == 0] = np.nan
    return words


def seen_equally(attention: Matrix, tokens: Sequence[int]) -> Matrix:
    """Each column divided by the number of tokens that can see it: T[i, j] / #{k : T[k, j] > 0}.

    In a causal model token j of n is seen by the n − j from itself on (j from 0), so that a column's sum
    tells its place before anything else. In a model that sees both ways every column is divided by n.

    Args:
        attention: (t, t), T.
        tokens: the tokens of words, which are counted and divided; special tokens and padding are not.
    """
    corrected = attention.copy()
    own = list(tokens)
    counts = (attention[np.ix_(own, own)] > 0).sum(axis=0)
    corrected[:, own] /= np.maximum(counts, 1)
    return corrected


def contribution(attention: Matrix) -> Matrix:
    """How much each word gives and takes: c_i = Σ_j A[i, j] + Σ_j A[j, i] − 2 A[i, i].

    Args:
        attention: (n, n), A.

    Returns:
        (n,), c.

    Source: H. Nam et al., ICASSP 2024 (arXiv 2309.11127).
    """
    others = attention.copy()
    # Left out, not taken off again: of a word that attends to itself alone, rounding would be what is left.
    np.fill_diagonal(others, 0.0)
    summed: Matrix = others.sum(axis=1) + others.sum(axis=0)
    return summed


def combination(attention: Matrix) -> Matrix:
    """How much two words belong together: C[i, j] = (A[i, j] + A[j, i]) / 2.

    Args:
        attention: (n, n), A.

    Returns:
        (n, n), C, symmetric.

    Source: H. Nam et al., ICASSP 2024 (arXiv 2309.11127).
    """
    mean: Matrix = (attention + attention.T) / 2.0
    return mean


def compared(values: Matrix, *of: Matrix) -> Matrix:
    """Values as methods compare them: to 9 digits of the largest, so that what is equal on paper is a tie.

    Models give 7 digits; sums of the same numbers in another order differ in the 15th or so. Differences are
    as exact as what they are differences `of`: to 9 digits of the largest of that.
    """
    largest = max(float(np.nanmax(np.abs(one), initial=0.0)) for one in of or (values,))
    if largest == 0 or not np.isfinite(largest):
        return values
    rounded: Matrix = np.round(values, 9 - math.ceil(math.log10(largest))) + 0.0  # -0.0 is 0.0
    return rounded


def seen_words(attention: Matrix, words: Sequence[str]) -> tuple[int, ...]:
    """The words that the model sees, in caption order; warns where it does not see all of them."""
    seen = [int(word) for word in np.flatnonzero(~np.isnan(np.diagonal(attention)))]
    return warn_unseen(seen, words)


def warn_unseen(seen: Sequence[int], words: Sequence[str]) -> tuple[int, ...]:
    """`seen` as it is; warns where these are fewer than the caption's words, and says why.

    What lies beyond the window is at the end of the caption. So a word before one that is seen has no token
    at all, and neither has one of which tokenizers drop every character.
    """
    last = max(seen, default=-1)
    unseen = sorted(set(range(len(words))) - set(seen))
    bare = [word for word in unseen if word < last or _dropped(words[word])]
    if bare:
        names = ", ".join(dict.fromkeys(ascii(words[word]) for word in bare))
        warnings.warn(
            f"{names} {'has' if len(bare) == 1 else 'have'} no token in the text model, and rank last.",
            stacklevel=3,
        )
    if len(unseen) > len(bare):
        warnings.warn(
            f"The text model sees only {len(seen)} of a caption's {len(words)} words; "
            "the words beyond its window rank last, in order.",
            stacklevel=3,
        )
    return tuple(seen)


def _dropped(word: str) -> bool:
    """Whether BERT's tokenizer, as others made after it, drops every character: U+FFFD, controls, marks."""
    return all(
        character == "\ufffd" or unicodedata.category(character)[0] in "CMZ"
        for character in unicodedata.normalize("NFD", word)
    )


class WordAttention:
    """Attention between words in a text model, averaged over all its layers and heads.

    The words are joined by single spaces and run with the special tokens and the padding mask; then both fall
    away. The shape of a batch does not depend on what is in it: captions of one padded length go together,
    and a last batch that is not full is filled up. The model is put into evaluation mode; how it computes
    attention is changed for the call only, as models other than "eager" ones do not hand attention out.

    Args:
        model: a text model of transformers (CLIPTextModel, BertModel, BlipTextModel, …), on its device.
        tokenizer: its fast tokenizer.
        batch_size: captions at once.

    Raises:
        ValueError: where the tokenizer is not a fast one (it could not tell where its tokens come from).
    """

    def __init__(self, model: Any, tokenizer: Any, batch_size: int = 16) -> None:
        if not getattr(tokenizer, "is_fast", False):
            raise ValueError(f"{type(tokenizer).__name__} is no fast tokenizer, so it has no offsets")
        if batch_size < 1:
            raise ValueError(f"batch_size must be positive, not {batch_size}")
        self.model = model.eval()
        self.tokenizer = tokenizer
        self.batch_size = batch_size
        self.window = window_of(tokenizer, model.config)

    def matrices(self, batch: Sequence[Sequence[str]], *, corrected: bool = False) -> list[Matrix]:
        """For the words of each caption their attention A, (n, n); `corrected` by `seen_equally`.

        A word of which any token lies beyond the model's window is not seen, nor are those after it.
        """
        encoded = [encode(self.tokenizer, words, self.window) for words in batch]
        found = []
        for (_, groups), attention in zip(encoded, self._each([ids for ids, _ in encoded]), strict=True):
            if corrected:
                attention = seen_equally(attention, [token for own in groups for token in own])
            found.append(words_from_tokens(attention, groups))
        return found

    def tokens(self, batch: Sequence[Sequence[str]], *, head: int | None = None) -> list[Matrix]:
        """For the words of each caption the attention between their t tokens, (t, t), up to the window.

        It is averaged over layers and heads, and special tokens run along and fall away. With `head`, counted
        from 0, it is that head's alone, summed over layers, and the model is run without special tokens.

        Raises:
            LscError: where the model has no such head.
        """
        heads = self.model.config.num_attention_heads
        if head is not None and head >= heads:
            raise LscError(f"{type(self.model).__name__} has {heads} heads, and none of index {head}.")
        how: dict[str, Any] = {"truncation": True, "max_length": self.window, "verbose": False}
        how |= {"add_special_tokens": head is None, "return_special_tokens_mask": True}
        encoded = [self.tokenizer(" ".join(words), **how) for words in batch]
        rows = self._each([list(one["input_ids"]) for one in encoded], head)
        found = []
        for one, attention in zip(encoded, rows, strict=True):
            kept = [
                i for i, special in enumerate(one["special_tokens_mask"]) if not special or head is not None
            ]
            found.append(attention[np.ix_(kept, kept)])
        return found

    def _each(self, rows: Sequence[list[int]], head: int | None = None) -> list[Matrix]:
        """The attention of each row of ids, padded: (length, length), as `_run` gives it; (0, 0) for none."""
        found: list[Matrix] = [np.zeros((0, 0))] * len(rows)
        by_length: dict[int, list[int]] = {}
        for index, ids in enumerate(rows):
            if ids:
                padded = min(self.window, math.ceil(len(ids) / _STEP) * _STEP)
                by_length.setdefault(padded, []).append(index)
        for length, indices in by_length.items():
            for start in range(0, len(indices), self.batch_size):
                part = indices[start : start + self.batch_size]
                for index, one in zip(
                    part, self._run([rows[index] for index in part], length, head), strict=True
                ):
                    found[index] = one
        return found

    def _run(self, rows: list[list[int]], length: int, head: int | None = None) -> Matrix:
        """(rows, length, length): the mean of layers and heads, or the sum of one head over layers."""
        import torch

        filled = rows + rows[:1] * (self.batch_size - len(rows))
        padding = self.tokenizer.pad_token_id or 0
        ids = torch.tensor([row + [padding] * (length - len(row)) for row in filled])
        mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in filled])
        device = self.model.device
        with torch.inference_mode(), _eager(self.model):
            output = self.model(
                input_ids=ids.to(device), attention_mask=mask.to(device), output_attentions=True
            )
        layers = output.attentions
        if not layers or layers[0] is None:
            raise ValueError(f"{type(self.model).__name__} hands out no attention")
        total = np.zeros((len(filled), length, length))
        for layer in layers:
            own = layer.float().mean(dim=1) if head is None else layer[:, head].float()
            total += own.cpu().numpy()
        found: Matrix = total[: len(rows)] / (len(layers) if head is None else 1)
        return found


@contextmanager
def _eager(model: Any) -> Iterator[None]:
    """Let the model compute attention in the open, and afterwards as before."""
    before = model.config._attn_implementation
    if before == "eager":
        yield
        return
    model.set_attn_implementation("eager")
    try:
        yield
    finally:
        model.set_attn_implementation(before)
