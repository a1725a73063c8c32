"""The binary symmetric channel: each bit is wrong with the same probability.

Its capacity is C = 1 − h(ε) with h(ε) = −ε log2 ε − (1 − ε) log2(1 − ε), a symbol being a channel bit
(C. Shannon, "A mathematical theory of communication", Bell Syst. Tech. J. 27, 1948).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from lsccli.core.channel.models.base import ChannelModel, any_wrong, channel_model
from lsccli.core.channel.noise import Bits, PacketNoise
from lsccli.core.channel.received import Received, flipped
from lsccli.core.options import Settings, option


class Flips(Settings):
    """How often bits are wrong."""

    ber: float = option(ge=0, le=0.5, help="Probability of a flipped bit.")


@channel_model("bsc", summary="flips each bit with probability --ber", options=Flips)
class BinarySymmetric(ChannelModel):
    """Flips bits with probability ε."""

    def __init__(self, options: Flips, rate: float) -> None:
        self._rate = options.ber

    def send(self, bits: Bits, noises: Sequence[PacketNoise], *, soft: bool) -> Received:
        """The bits, some of them flipped."""
        return flipped(bits, noises, self._rate)

    def bit_error_rate(self) -> float:
        """ε."""
        return self._rate

    def symbol_error_rate(self) -> float:
        """ε."""
        return self._rate

    def packet_error_rate(self, bits: int) -> float:
        """1 − (1 − ε)^n."""
        return any_wrong(self._rate, bits)

    def capacity(self) -> float:
        """1 − h(ε)."""
        return 1 - binary_entropy(self._rate)


def binary_entropy(p: float) -> float:
    """h(p) in bits."""
    return 0.0 if p in (0, 1) else -p * math.log2(p) - (1 - p) * math.log2(1 - p)
