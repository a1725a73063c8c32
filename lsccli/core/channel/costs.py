"""What captions cost by each source code, beside references; and how far one wrong bit spreads.

References are DEFLATE at its best over the words joined by spaces (zlib, header and check sum included), and
the language model's −log2 p = Σ_k −log2 P(w_k | w_1 … w_{k−1}) of the caption in its own order, which
arithmetic coding of whole captions would reach but for a bit or two.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lsccli.core.channel.link import names_of
from lsccli.core.channel.settings import resolved
from lsccli.core.channel.source.base import find_source_code
from lsccli.core.channel.source.lm import LanguageModel
from lsccli.core.errors import LscError


@dataclass(frozen=True)
class Cost:
    """What a source code makes of captions.

    Attributes:
        code: its name; `zlib` and `-log2 p` are references.
        bits: per caption, in the mean, spaces included; None where it cannot carry them.
        per_word: per word, in the mean.
        spread: words that come out wrong of one wrong bit, itself included, in the mean; None of references.
        blind: the same where Alice heeds her own words instead of those that Bob has read.
    """

    code: str
    bits: float | None
    per_word: float | None
    spread: float | None = None
    blind: float | None = None


def zlib_bits(words: Sequence[str]) -> int:
    """Bits of the words, joined by spaces, by DEFLATE."""
    return 8 * len(zlib.compress(" ".join(words).encode(), 9))


def model_bits(words: Sequence[str]) -> float:
    """−log2 p of the words by the language model; LscError for half a surrogate pair."""
    code = LanguageModel()
    return sum(code.given(words[:k]).information(word) for k, word in enumerate(words))


def coded_bits(words: Sequence[str], name: str) -> int:
    """Bits of the words in this order by a source code, spaces included, where all of them arrive.

    Raises:
        LscError: where the code lacks a character.
    """
    code = find_source_code(name)
    spaces = 0 if code.contextual else len(code.encode(" ")) * max(0, len(words) - 1)
    return spaces + sum(len(code.given(words[:k]).encode(word)) for k, word in enumerate(words))


def spread(words: Sequence[str], name: str, *, feedback: bool) -> tuple[int, int]:
    """(wrong, flips): flip each bit of each word in turn; how many of this and later words come out wrong.

    With `feedback` Alice codes each later word given the words as Bob read them, else given her own.
    """
    code = find_source_code(name)
    read = resolved(channel="bsc", ber=0.0, source_code=name).reader
    wrong = flips = 0
    for k, word in enumerate(words):
        bits = code.given(words[:k]).encode(word)
        for place in range(len(bits)):
            broken = bits.copy()
            broken[place] ^= 1
            said = [*words[:k], read(broken, 0, None, words[:k]) or ""]
            # A code that does not heed the words before reads the later ones whatever was said.
            for later in words[k + 1 :] if code.contextual else ():
                known = said if feedback else words[: len(said)]
                said.append(read(code.given(known).encode(later), 0, None, said) or "")
            wrong += sum(one != other for one, other in zip(words[k:], said[k:], strict=False))
        flips += len(bits)
    return wrong, flips


def costs(captions: Sequence[Sequence[str]]) -> list[Cost]:
    """A line for each source code, then one for each reference, in the mean over captions of words.

    Raises:
        LscError: where there is no word.
    """
    count, words = len(captions), sum(map(len, captions))
    if not words:
        raise LscError("There is no word to code in these captions.")
    found = []
    for name in names_of("source_code"):
        try:
            bits = sum(coded_bits(caption, name) for caption in captions)
        except LscError:
            found.append(Cost(name, None, None))
            continue
        shares = []
        for feedback in (True, False):
            pairs = np.array([spread(caption, name, feedback=feedback) for caption in captions])
            shares.append(float(pairs[:, 0].sum() / pairs[:, 1].sum()))
        found.append(Cost(name, bits / count, bits / words, *shares))
    for name, total in (
        ("zlib", sum(map(zlib_bits, captions))),
        ("-log2 p", sum(map(model_bits, captions))),
    ):
        found.append(Cost(name, total / count, total / words))
    return found


def zlib_of_json(words: str) -> int:
    """`zlib_bits` of words as the store has them."""
    return zlib_bits(json.loads(words))


def model_of_json(words: str) -> float | None:
    """`model_bits` of words as the store has them; None where the model cannot say."""
    try:
        return model_bits(json.loads(words))
    except LscError:
        return None
