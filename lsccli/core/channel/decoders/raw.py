"""Raw characters, as they were decoded; unprintable ones read as U+FFFD."""

from __future__ import annotations

from collections.abc import Sequence

from lsccli.core.channel.decoders.base import Decoder, decoder
from lsccli.core.channel.noise import Bits, Floats


@decoder("raw", summary="characters as decoded")
class Raw(Decoder):
    """Characters as they were decoded."""

    def __call__(self, bits: Bits, before: int, ratios: Floats | None, said: Sequence[str]) -> str | None:
        """The word in a packet; see `Decoder`."""
        if self.frame.frames.ends(bits[before:]):
            return None
        word = self.frame.frames.word(bits[before:])
        text = "\ufffd" if word is None else self.frame.source.given(said).decode(word)
        if not self.frame.noisy:
            return text
        return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
