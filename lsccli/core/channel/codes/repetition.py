"""Repetition: each packet N times over."""

from __future__ import annotations

import numpy as np

from lsccli.core.channel.codes.base import channel_code
from lsccli.core.channel.noise import Bits
from lsccli.core.channel.received import Received
from lsccli.core.options import Settings


@channel_code(
    "repetitionN", summary="each packet N times over, N from 2", pattern=r"repetition(?P<times>[2-9]|[1-9]\d)"
)
class Repetition:
    """Each packet N times over; its ratios are added up. A sum of zero reads as zero."""

    soft = True

    def __init__(self, options: Settings, times: str) -> None:
        """`times` is N as it was typed."""
        self.times = int(times)
        self.nominal_rate = 1 / self.times

    def length(self, k: int) -> int:
        """N k."""
        return self.times * k

    def encode(self, bits: Bits) -> Bits:
        """The bits, N times one after another: repetitions of a bit lie far apart."""
        return np.tile(bits, (1, self.times))

    def decode(self, received: Received, k: int) -> Bits:
        """Maximum likelihood."""
        total = received.ratios.reshape(-1, self.times, k).sum(axis=1)
        # Ratios that cancel leave rounding errors; without the threshold these would decide.
        return np.asarray(total > 1e-9, np.uint8)
