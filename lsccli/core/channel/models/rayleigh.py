"""Rayleigh fading, known to Bob, and white Gaussian noise.

|h|² is exponential of mean 1. The ergodic capacity in bits per symbol, whatever the modulation, is

    C(γ) = E[log2(1 + |h|² γ)] = e^(1/γ) E1(1/γ) / ln 2,   γ = Es/N0,

with E1 the exponential integral and the fades known to Bob alone (M.-S. Alouini and A. Goldsmith, IEEE Trans.
Veh. Technol. 48(4), 1999).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Self

import numpy as np
from pydantic import model_validator

from lsccli.core.channel.models.base import channel_model
from lsccli.core.channel.noise import Complexes, Floats, PacketNoise
from lsccli.core.channel.waves import ByFormula, Point, Waves
from lsccli.core.options import option

# Near here e^x overflows, and seven terms of the asymptotic series are exact to rounding.
_FAR = 600.0


class Fading(Point):
    """The operating point, and how long a fade lasts."""

    fading: str = option(
        "block", choices=("block", "fast"), help="A fade per block, which is a packet, or per symbol."
    )


class Rayleigh(ByFormula, Fading):
    """The same, and whether symbols are simulated."""

    @model_validator(mode="after")
    def _independent(self) -> Self:
        if self.formula and self.fading == "block":
            raise ValueError("--formula goes with fast fading: errors in a block fade are not independent")
        return self


@channel_model("rayleigh", summary="fades as well, and Bob knows each fade", options=Rayleigh)
class RayleighFading(Waves):
    """y = h x + w; Bob knows h and divides by it."""

    def __init__(self, options: Rayleigh, rate: float) -> None:
        super().__init__(options, rate, fades=True, formula=options.formula)
        self._block = options.fading == "block"

    def arrive(
        self, symbols: Complexes, noise: Complexes, energy: float, noises: Sequence[PacketNoise]
    ) -> tuple[Complexes, Floats]:
        """The symbols with fades undone, by which the noise has grown; see `Waves`."""
        fade = np.stack([packet.fades(1 if self._block else symbols.shape[1]) for packet in noises])
        energies = np.full((len(symbols), 1), energy)
        return symbols + np.sqrt(energies) * noise / fade, energies / np.abs(fade) ** 2

    def packet_error_rate(self, bits: int) -> float | None:
        """None in block fading, where the errors of a packet are not independent."""
        return None if self._block else super().packet_error_rate(bits)

    def capacity(self) -> float:
        """e^(1/γ) E1(1/γ) / ln 2."""
        return ergodic(self.es_n0)

    def block_gains(self) -> tuple[Floats, Floats] | None:
        """Of |h|² in narrow classes, the upper end of each, and e^−lower − e^−upper."""
        if not self._block:
            return None
        ends = np.concatenate([[0.0], np.geomspace(1e-9, 50.0, 1200)])
        return ends[1:], np.exp(-ends[:-1]) - np.exp(-ends[1:])

    def least_es_n0(self, efficiency: float) -> float:
        """The root of C(γ) = η in ln γ."""
        from scipy.optimize import brentq

        root = brentq(lambda log: ergodic(math.exp(log)) - efficiency, -60.0, 60.0, xtol=1e-13)
        return math.exp(float(root))


def ergodic(es_n0: float) -> float:
    """C(γ) in bits per symbol at Es/N0 = γ > 0."""
    return scaled_integral(1 / es_n0) / math.log(2)


def scaled_integral(x: float) -> float:
    """e^x E1(x) for x > 0; far out Σ (−1)^k k! / x^(k+1) (M. Abramowitz and I. Stegun, 5.1.51)."""
    if x > _FAR:
        return math.fsum((-1) ** k * math.factorial(k) / x**k for k in range(7)) / x
    from scipy.special import exp1

    return math.exp(x) * float(exp1(x))
