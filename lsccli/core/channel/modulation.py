"""Bits to symbols and back, by Sionna: BPSK and square QAM with the Gray labels of 3GPP TS 38.211.

Symbols have unit mean energy. Log-likelihood ratios are ln(P(b = 1) / P(b = 0)): positive means one.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsccli.core.channel.noise import Bits, Complexes, Floats

# Bits per symbol.
MODULATIONS = {"bpsk": 1, "qpsk": 2, "16qam": 4, "64qam": 6, "256qam": 8}
_AT_ONCE = 2048


class Modem:
    """One modulation of M points: m = log2 M bits a symbol."""

    def __init__(self, modulation: str) -> None:
        from sionna.phy.mapping import Constellation, Demapper, Mapper

        self.bits_per_symbol = MODULATIONS[modulation]
        kind = "pam" if self.bits_per_symbol == 1 else "qam"
        how: dict[str, Any] = {"precision": "double", "device": "cpu"}
        constellation = Constellation(kind, self.bits_per_symbol, **how)
        self._map = Mapper(constellation=constellation, **how)
        self._soft = Demapper("app", constellation=constellation, **how)
        points = constellation().numpy()
        # Points lie at odd multiples of half their distance: -(√M - 1), …, √M - 1 on each axis.
        self._side = 2 ** max(1, self.bits_per_symbol // 2)
        self._half = float(np.abs(points.real).min())
        label = np.arange(len(points))[:, None] >> np.arange(self.bits_per_symbol)[::-1] & 1
        self._labels = np.zeros((self._side, self._side, self.bits_per_symbol), np.uint8)
        self._labels[self._index(points.real), self._index(points.imag)] = label
        if self.bits_per_symbol == 1:
            self._labels[:] = self._labels[:, self._index(np.zeros(1))]

    def symbols(self, bits: Bits) -> Complexes:
        """(B, n·m) bits to (B, n) symbols."""
        import torch

        with torch.inference_mode():
            return np.asarray(self._map(torch.from_numpy(bits.astype(np.int32))).numpy())

    def nearest(self, received: Complexes) -> Bits:
        """(B, n) received symbols, fades undone, to the (B, n·m) bits of the nearest points."""
        found = self._labels[self._index(received.real), self._index(received.imag)]
        return np.asarray(found.reshape(len(received), -1))

    def ratios(self, received: Complexes, noise: Floats) -> Floats:
        """Exact (B, n·m) log-likelihood ratios of (B, n) received symbols, fades undone.

        `noise` is the noise energy of each symbol, (B, n) or (B, 1), in units of the symbol energy.
        """
        import torch

        count, n = received.shape
        # Always the same number of symbols at once, the last ones filled up: memory stays bounded, and a
        # result does not depend on its company.
        size = -(-count * n // _AT_ONCE) * _AT_ONCE
        symbols, energy = np.zeros(size, np.complex128), np.ones(size)
        symbols[: count * n] = received.reshape(-1)
        energy[: count * n] = np.broadcast_to(noise, received.shape).reshape(-1)
        found = np.empty((size, self.bits_per_symbol))
        with torch.inference_mode():
            for start in range(0, size, _AT_ONCE):
                part = slice(start, start + _AT_ONCE)
                logits = self._soft(torch.from_numpy(symbols[part]), torch.from_numpy(energy[part]))
                found[part] = logits.numpy().reshape(_AT_ONCE, -1)
        return found[: count * n].reshape(count, -1)

    def _index(self, axis: Floats) -> NDArray[np.int64]:
        steps = np.floor(axis / (2 * self._half)) + self._side // 2
        return np.asarray(np.clip(steps, 0, self._side - 1), np.int64)


@cache
def modem(modulation: str) -> Modem:
    """The modem of this modulation, made once."""
    return Modem(modulation)
