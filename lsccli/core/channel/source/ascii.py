"""Characters of a fixed length: UTF-8 in 8 bits a byte, ASCII in 7 bits a character."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np

from lsccli.core.channel.modulation import Bits
from lsccli.core.errors import LscError


class Ascii8:
    """8 bits per byte of the UTF-8 text, as published; a broken byte reads as U+FFFD."""

    contextual = False

    def given(self, said: Sequence[str]) -> Ascii8:
        """The same code, whatever was said."""
        return self

    def encode(self, text: str) -> Bits:
        """(8 × bytes,) bits, the most significant first; LscError for half a surrogate pair."""
        try:
            data = text.encode()
        except UnicodeEncodeError as error:
            raise no_such_character("ascii8", text[error.start]) from error
        return np.unpackbits(np.frombuffer(data, np.uint8))

    def decode(self, bits: Bits) -> str:
        """The text of (8 × bytes,) bits."""
        return np.packbits(bits).tobytes().decode("utf-8", errors="replace")


class Ascii7:
    """7 bits per character of ASCII."""

    contextual = False

    def given(self, said: Sequence[str]) -> Ascii7:
        """The same code, whatever was said."""
        return self

    def encode(self, text: str) -> Bits:
        """(7 × characters,) bits, the most significant first; LscError beyond U+007F."""
        if other := next((letter for letter in text if not letter.isascii()), None):
            raise no_such_character("ascii7", other)
        data = np.frombuffer(text.encode("ascii"), np.uint8)
        return np.unpackbits(data[:, None], axis=1)[:, 1:].reshape(-1)

    def decode(self, bits: Bits) -> str:
        """The text of (7 × characters,) bits."""
        septets = np.pad(bits.reshape(-1, 7), ((0, 0), (1, 0)))
        return np.packbits(septets, axis=1).tobytes().decode("ascii")


def no_such_character(code: str, letter: str) -> LscError:
    """What is said of a character that a code cannot carry."""
    name = unicodedata.name(letter, "no name")
    shown = f"{letter!r}, " if letter.isprintable() else ""
    return LscError(f"{code} has no code for {shown}U+{ord(letter):04X} ({name}).")
