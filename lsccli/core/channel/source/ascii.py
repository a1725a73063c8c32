"""Characters of a fixed length: UTF-8 in 8 bits a byte, ASCII in 7 bits a character."""

from __future__ import annotations

import numpy as np

from lsccli.core.channel.noise import Bits
from lsccli.core.channel.source.base import SourceCode, no_such_character, source_code


@source_code("ascii8", summary="UTF-8, 8 bits a byte")
class Ascii8(SourceCode):
    """8 bits per byte of the UTF-8 text, as published; a broken byte reads as U+FFFD."""

    unit = 8

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


@source_code("ascii7", summary="ASCII, 7 bits a character")
class Ascii7(SourceCode):
    """7 bits per character of ASCII."""

    unit = 7

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
