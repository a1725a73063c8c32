"""What a channel is, by its settings; all of them are identity."""

from __future__ import annotations

from dataclasses import dataclass

from lsccli.core.errors import LscError
from lsccli.core.keys import identity

REORDER = ("none", "free", "coded")
# A coded position is one of 64.
POSITION_BITS = 6


@dataclass(frozen=True)
class ChannelSettings:
    """The link between Alice and Bob: source code, channel, and whether Bob restores the caption's order.

    `reorder`: `none` leaves the words in sending order; `free` puts them back at no cost, as published;
    `coded` sends a 6-bit position with each word, and counts it.
    """

    channel: str = identity("ideal")
    source_code: str = identity("ascii8")
    reorder: str = identity("none")

    def __post_init__(self) -> None:
        if self.reorder not in REORDER:
            raise LscError(f"--reorder {self.reorder!r}: choose {', '.join(REORDER)}.")
