"""A packet on its way from Alice to Bob."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lsccli.core.channel.noise import Bits, Floats, PacketNoise
from lsccli.core.errors import LscError


def _nothing() -> Bits:
    return np.zeros(0, np.uint8)


@dataclass
class Found:
    """What Bob makes of a packet before he reads its word.

    Attributes:
        bits: information bits without length field and check bits, `before` of them space and position.
        known: how many of them are the space.
        ratios: of its coded bits, where Bob's decoder reads them.
        passed: whether the check held; True without one.
        size: bits that it took on the channel.
        ends: whether it says that the message ends.
    """

    bits: Bits
    known: int = 0
    before: int = 0
    ratios: Floats | None = None
    passed: bool = True
    size: int = 0
    ends: bool = False


@dataclass
class Packet:
    """One word, or the end of the message, on its way.

    Attributes:
        bits: information bits without length field and check bits: `known` of the space, `prefix` of the
            position, then the word, then `padding` bits.
        found: these bits as decoded.
        header, header_found: the length field as sent, and as decoded; empty without one.
        symbol_errors: symbols taken for another, in all rounds.
        passed: whether the check held in the last round; True without one.
        ratios: of all its coded bits in the last round, where Bob's decoder reads them.
        arrived, arrived_ratios: all bits on the channel in the last round, length field and fill-bits among
            them, where there is a length field.
        burst: what Bob made of the last round, where he is told where each packet begins.
        text: what Bob has read when this packet had come, words joined by spaces.
        read: the same words, each with the number of its packet by Bob's count, from 0, and its position.
        refused: why it could not be sent, where it could not.
    """

    word: str
    bits: Bits
    known: int
    prefix: int
    noise: PacketNoise | None
    found: Bits
    padding: int = 0
    header: Bits = field(default_factory=_nothing)
    header_found: Bits = field(default_factory=_nothing)
    channel_bits: int = 0
    symbols: int = 0
    symbol_errors: int = 0
    rounds: int = 0
    passed: bool = True
    ratios: Floats | None = None
    arrived: Bits = field(default_factory=_nothing)
    arrived_ratios: Floats | None = None
    burst: Found | None = None
    text: str = ""
    read: list[tuple[str, int, int]] = field(default_factory=list)
    refused: LscError | None = None

    def anew(self) -> None:
        """Forget what became of it on the way, before it is sent again from the start."""
        self.channel_bits = self.symbols = self.symbol_errors = self.rounds = 0

    @property
    def wrong(self) -> int:
        """Wrong bits after channel decoding, of the length field too, in the last round."""
        return int((self.found != self.bits).sum() + (self.header_found != self.header).sum())
