"""Characters by a Huffman code whose table was learnt from captions; see `training/tables.py`.

D. Huffman, "A method for the construction of minimum-redundancy codes", Proc. IRE 40(9), 1952. The file
holds the length of each codeword; the codewords are the canonical ones of these lengths. A character
without a codeword is sent as an escape and its code point in 21 bits.
"""

from __future__ import annotations

import json
from importlib import resources

import numpy as np

from lsccli.core.channel.noise import Bits
from lsccli.core.channel.source.base import SourceCode, no_such_character, source_code

# Stands for the escape in the table; no text contains it.
ESCAPE = ""
_POINT_BITS = 21


@source_code("huffman", summary="a fixed table of characters")
class Huffman(SourceCode):
    """The fixed table of characters, and an escape for all others."""

    def __init__(self) -> None:
        file = resources.files("lsccli").joinpath("core", "channel", "data", "huffman.json")
        self._codes = canonical(json.loads(file.read_text(encoding="utf-8")))
        self._letters = {code: letter for letter, code in self._codes.items()}

    def encode(self, text: str) -> Bits:
        """The codewords one after another; LscError for half a surrogate pair."""
        return np.array([int(bit) for letter in text for bit in self._code(letter)], np.uint8)

    def decode(self, bits: Bits) -> str:
        """The text, as far as codewords go; U+FFFD for an escape to nowhere and for a broken end."""
        digits = "".join("1" if bit else "0" for bit in bits)
        text, start, end = [], 0, 1
        while end <= len(digits):
            letter = self._letters.get(digits[start:end])
            if letter is None:
                end += 1
                continue
            if letter == ESCAPE:
                letter = _character(digits[end : end + _POINT_BITS])
                end += _POINT_BITS
            text.append(letter)
            start, end = end, end + 1
        if start < len(digits):
            text.append("\ufffd")
        return "".join(text)

    def _code(self, letter: str) -> str:
        if code := self._codes.get(letter):
            return code
        if "\ud800" <= letter <= "\udfff":
            raise no_such_character("huffman", letter)
        return self._codes[ESCAPE] + f"{ord(letter):0{_POINT_BITS}b}"


def canonical(lengths: dict[str, int]) -> dict[str, str]:
    """Codewords of these lengths: counted up in the order of length, then of the character."""
    codes: dict[str, str] = {}
    value, before = 0, 0
    for letter, length in sorted(lengths.items(), key=lambda entry: (entry[1], entry[0])):
        value <<= length - before
        codes[letter] = f"{value:0{length}b}"
        value, before = value + 1, length
    return codes


def _character(digits: str) -> str:
    point = int(digits, 2) if len(digits) == _POINT_BITS else 0xD800
    return "\ufffd" if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF else chr(point)
