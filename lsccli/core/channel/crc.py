"""Cyclic redundancy checks of 5G over whole packets (3GPP TS 38.212, section 5.1)."""

from __future__ import annotations

from functools import cache

import numpy as np

from lsccli.core.channel.noise import Bits

# Check bits.
CRCS = {"none": 0, "crc6": 6, "crc11": 11, "crc16": 16, "crc24a": 24}
# Exponents of the generator polynomials.
_POLYNOMIALS = {
    "crc6": (6, 5, 0),
    "crc11": (11, 10, 9, 5, 0),
    "crc16": (16, 12, 5, 0),
    "crc24a": (24, 23, 18, 17, 14, 11, 10, 7, 6, 5, 4, 3, 1, 0),
}


def attach(bits: Bits, name: str | None) -> Bits:
    """(B, k) bits with their check bits behind them."""
    if name is None:
        return bits
    return np.concatenate([bits, _checks(bits, name)], axis=1)


def holds(bits: Bits, name: str) -> np.ndarray:
    """(B,) whether the check bits at the end fit the bits before them."""
    size = CRCS[name]
    return np.asarray((_checks(bits[:, :-size], name) == bits[:, -size:]).all(axis=1))


def _checks(bits: Bits, name: str) -> Bits:
    # The check is linear: that of a packet is the sum of those of its ones.
    table = _remainders(name, bits.shape[1])
    return np.asarray(bits.astype(np.int64) @ table % 2, np.uint8)


@cache
def _remainders(name: str, k: int) -> np.ndarray:
    """(k, size) row i: x^(size + k − 1 − i) modulo the polynomial, highest power first."""
    size = CRCS[name]
    polynomial = sum(1 << exponent for exponent in _POLYNOMIALS[name])
    rows = np.zeros((k, size), np.int64)
    value = 1 << size
    for i in reversed(range(k)):
        if value >> size & 1:
            value ^= polynomial
        rows[i] = [value >> bit & 1 for bit in reversed(range(size))]
        value <<= 1
    return rows
