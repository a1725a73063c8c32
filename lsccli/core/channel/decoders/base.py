"""What a decoder is: how Bob reads the word in a packet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from lsccli.core.channel import crc
from lsccli.core.channel.codes.base import ChannelCode
from lsccli.core.channel.framing import Frames
from lsccli.core.channel.noise import Bits, Floats
from lsccli.core.channel.source.base import SourceCode
from lsccli.core.channel.vocabulary import Vocabulary
from lsccli.core.registry.base import Entry, Registry


@dataclass(frozen=True)
class Frame:
    """How words become packets, and which words Bob knows: the same at all points of a sweep.

    Attributes:
        source: the source code, before any word.
        code: the channel code.
        crc: the name of the check, or None.
        known: Bob's vocabulary; where the decoder heeds none, the one that comes with the package.
        noisy: whether the channel can corrupt anything.
        frames: the framing.
    """

    source: SourceCode
    code: ChannelCode
    crc: str | None
    known: Vocabulary
    noisy: bool
    frames: Frames = field(default_factory=Frames)

    def coded(self, bits: Bits) -> Floats:
        """(B, k) bits of packets, check bits left out, to their (B, n) coded bits as 0.0 and 1.0."""
        return self.code.encode(crc.attach(bits, self.crc)).astype(np.float64)


class Decoder:
    """Reads packets; `soft` says whether it needs log-likelihood ratios of coded bits."""

    soft: bool = False

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def __call__(self, bits: Bits, before: int, ratios: Floats | None, said: Sequence[str]) -> str | None:
        """The word in a packet; None where it says that the message ends.

        Args:
            bits: as decoded by the channel code, without check bits; with --framing fixed, padded.
            before: how many of them are space and position.
            ratios: (n,) of all coded bits as they arrived, where `soft`.
            said: the words before it, as Bob read them.
        """
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class DecoderSpec(Entry):
    """One decoder: `make(frame)` gives a `Decoder`.

    Attributes:
        uses_vocabulary: whether it matters which words Bob knows.
    """

    uses_vocabulary: bool = False


DECODERS: Registry[DecoderSpec] = Registry("decoder", "lsccli.core.channel.decoders", "lsc channel --help")

D = TypeVar("D", bound=Decoder)


def decoder(
    name: str, *, summary: str, uses_vocabulary: bool = False, source: str = "", version: int = 1
) -> Callable[[type[D]], type[D]]:
    """Register a subclass of `Decoder`; see `DecoderSpec`."""

    def register(make: type[D]) -> type[D]:
        DECODERS.add(
            DecoderSpec(
                name=name,
                make=make,
                summary=summary,
                uses_vocabulary=uses_vocabulary,
                source=source,
                version=version,
            )
        )
        return make

    return register
