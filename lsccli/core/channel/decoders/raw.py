"""Raw characters, as they were decoded; unprintable ones read as U+FFFD."""

from __future__ import annotations

from collections.abc import Sequence

from lsccli.core.channel.decoders.base import Decoder, decoder
from lsccli.core.channel.noise import Bits, Floats


@decoder("raw", summary="characters as decoded")
class Raw(Decoder):
    """Characters as they were decoded."""

    def __call__(self, bits: Bits, before: int, ratios: Floats | None, said: Sequence[str]) -> str:
        """The word in a packet; see `Decoder`."""
        text = self.frame.source.given(said).decode(bits[before:])
        if not self.frame.noisy:
            return text
        return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
