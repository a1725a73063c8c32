"""Additive white Gaussian noise, complex, of one energy for all symbols.

Its capacity is C(γ) = log2(1 + γ) bits per symbol with γ = Es/N0, whatever the modulation (C. Shannon, "A
mathematical theory of communication", Bell Syst. Tech. J. 27, 1948).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lsccli.core.channel.models.base import channel_model
from lsccli.core.channel.noise import Complexes, Floats, PacketNoise
from lsccli.core.channel.waves import ByFormula, Point, Waves


class Gaussian(ByFormula, Point):
    """The operating point, and whether symbols are simulated."""


@channel_model("awgn", summary="adds complex white Gaussian noise", options=Gaussian)
class Awgn(Waves):
    """y = x + w."""

    def __init__(self, options: Gaussian, rate: float) -> None:
        super().__init__(options, rate, fades=False, formula=options.formula)

    def arrive(
        self, symbols: Complexes, noise: Complexes, energy: float, noises: Sequence[PacketNoise]
    ) -> tuple[Complexes, Floats]:
        """The symbols in noise; see `Waves`."""
        energies = np.full((len(symbols), 1), energy)
        return symbols + np.sqrt(energies) * noise, energies

    def capacity(self) -> float:
        """log2(1 + γ)."""
        return math.log1p(self.es_n0) / math.log(2)

    def least_es_n0(self, efficiency: float) -> float:
        """2^η − 1."""
        return math.expm1(efficiency * math.log(2))
