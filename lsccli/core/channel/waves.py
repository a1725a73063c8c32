"""What channels of waves share: modulated symbols in complex white Gaussian noise, at an operating point.

Es/N0 = Eb/N0 + 10 log10(R log2 M), R the nominal rate of the channel code, M the points of the modulation.
Before modulation bits are scrambled by a sequence that both ends know, as in 5G; at no cost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Self

import numpy as np
from pydantic import model_validator

from lsccli.core.channel.models.base import ChannelModel, any_wrong
from lsccli.core.channel.modulation import MODULATIONS, modem
from lsccli.core.channel.noise import Bits, Complexes, Floats, PacketNoise
from lsccli.core.channel.received import Received, flipped
from lsccli.core.channel.theory import bit_error_rate, symbol_error_rate
from lsccli.core.errors import LscError
from lsccli.core.options import Settings, option


class Point(Settings):
    """The modulation and the operating point."""

    modulation: str = option("bpsk", choices=tuple(MODULATIONS), help="Bits to symbols.")
    ebn0_db: float | None = option(
        None, ge=-100, le=100, sweeps=True, help="Energy per information bit over N0, in dB."
    )
    esn0_db: float | None = option(
        None, ge=-100, le=100, sweeps=True, help="Energy per symbol over N0, in dB."
    )

    @model_validator(mode="after")
    def _one_point(self) -> Self:
        if self.ebn0_db is not None and self.esn0_db is not None:
            raise ValueError("takes --ebn0-db or --esn0-db, not both: Es/N0 = Eb/N0 + 10 log10(R log2 M)")
        if self.ebn0_db is None and self.esn0_db is None:
            raise ValueError("needs one of --ebn0-db and --esn0-db, in dB")
        return self


class ByFormula(Settings):
    """Whether symbols are simulated at all."""

    formula: bool = option(
        False, help="Flip bits by the closed form of the bit error rate; no symbols are simulated."
    )


class Waves(ChannelModel):
    """A channel of symbols; a subclass says what it does to them beside the noise.

    Args:
        fades: whether |h|² of a symbol is exponential instead of 1; for the closed forms.
        formula: flip bits by the closed form instead of simulating symbols.
    """

    def __init__(self, point: Point, rate: float, *, fades: bool, formula: bool) -> None:
        self.modulation = point.modulation
        self.bits_per_symbol = MODULATIONS[point.modulation]
        self._fades = fades
        self._formula = formula
        gain = 10 * math.log10(rate * self.bits_per_symbol)
        if point.ebn0_db is not None:
            by_bit, by_symbol = point.ebn0_db, point.ebn0_db + gain
        else:
            by_symbol = point.esn0_db or 0.0
            by_bit = by_symbol - gain
        self.points_db = (by_bit, by_symbol)
        self.es_n0 = float(10 ** (by_symbol / 10))

    def send(self, bits: Bits, noises: Sequence[PacketNoise], *, soft: bool) -> Received:
        """Map, send and decide (B, n) bits; the last symbol is filled up."""
        if self._formula:
            return flipped(bits, noises, self._bit_error_rate(), self.bits_per_symbol)
        device = modem(self.modulation)
        m, n = self.bits_per_symbol, bits.shape[1]
        count = self.symbols(n)
        # Letters are far from random, and closed forms hold for symbols that are all as likely: scramble.
        mask = np.stack([packet.scrambling(count * m) for packet in noises])
        sent = mask.copy()
        sent[:, :n] ^= bits
        noise = np.stack([packet.noise(count) for packet in noises])
        received, energy = self.arrive(device.symbols(sent), noise, 1 / self.es_n0, noises)
        found = device.nearest(received)
        wrong = (found != sent).reshape(len(bits), count, m).any(axis=2).sum(axis=1)
        ratios = np.zeros((0, 0))
        if soft:
            ratios = device.ratios(received, energy)[:, :n] * (1.0 - 2.0 * mask[:, :n])
        return Received((found ^ mask)[:, :n], np.asarray(wrong, np.int64), ratios)

    def arrive(
        self, symbols: Complexes, noise: Complexes, energy: float, noises: Sequence[PacketNoise]
    ) -> tuple[Complexes, Floats]:
        """(B, n) symbols as Bob sees them, fades undone, and the noise energy of each, (B, n) or (B, 1).

        Args:
            noise: (B, n) of unit energy.
            energy: of the noise, in units of the symbol energy.
            noises: what more is random of each packet.
        """
        raise NotImplementedError

    def check_coded(self) -> None:
        """LscError by formula, which is of bits without a code."""
        if self._formula:
            raise LscError(
                "--formula knows no closed form with a channel code; leave --code or --formula out."
            )

    def bit_error_rate(self) -> float | None:
        """Of Gray labels and the nearest symbol; see `lsccli.core.channel.theory`."""
        return self._bit_error_rate()

    def symbol_error_rate(self) -> float | None:
        """Of the nearest symbol; None where none are simulated."""
        return None if self._formula else self._symbol_error_rate()

    def packet_error_rate(self, bits: int) -> float | None:
        """1 − (1 − P)^n over independent symbols (by formula, bits); None where they do not fill the last."""
        if self._formula:
            return any_wrong(self._bit_error_rate(), float(bits))
        if bits % self.bits_per_symbol:
            return None
        return any_wrong(self._symbol_error_rate(), bits / self.bits_per_symbol)

    def _bit_error_rate(self) -> float:
        return bit_error_rate(self.modulation, self.es_n0, fading=self._fades)

    def _symbol_error_rate(self) -> float:
        return symbol_error_rate(self.modulation, self.es_n0, fading=self._fades)
