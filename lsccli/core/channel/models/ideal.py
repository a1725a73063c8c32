"""The ideal channel: what is sent arrives."""

from __future__ import annotations

from collections.abc import Sequence

from lsccli.core.channel.models.base import ChannelModel, channel_model
from lsccli.core.channel.noise import Bits, PacketNoise
from lsccli.core.channel.received import Received, untouched


@channel_model("ideal", summary="corrupts nothing", noisy=False)
class Ideal(ChannelModel):
    """Corrupts nothing."""

    def send(self, bits: Bits, noises: Sequence[PacketNoise], *, soft: bool) -> Received:
        """The bits, for certain."""
        return untouched(bits)

    def bit_error_rate(self) -> float:
        """0."""
        return 0.0

    def symbol_error_rate(self) -> float:
        """0."""
        return 0.0

    def packet_error_rate(self, bits: int) -> float:
        """0."""
        return 0.0
