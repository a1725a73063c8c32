"""No channel code."""

from __future__ import annotations

from lsccli.core.channel.codes.base import channel_code
from lsccli.core.channel.noise import Bits
from lsccli.core.channel.received import Received
from lsccli.core.options import Settings


@channel_code("none", summary="no code")
class Uncoded:
    """What arrives is what it is."""

    soft = False
    nominal_rate = 1.0

    def __init__(self, options: Settings) -> None:
        """There are no options."""

    def length(self, k: int) -> int:
        """k."""
        return k

    def encode(self, bits: Bits) -> Bits:
        """The bits."""
        return bits

    def decode(self, received: Received, k: int) -> Bits:
        """The decisions."""
        return received.bits
