"""Closed forms of bit and symbol error rates without a channel code: Gray labels, nearest symbol.

K. Cho and D. Yoon, "On the general BER expression of one- and two-dimensional amplitude modulations",
IEEE Trans. Commun. 50(7), 2002; M. Simon and M.-S. Alouini, "Digital communication over fading channels",
2nd ed., 2005. With square M-QAM, I = √M and γ = Es/N0,

    P_b = 1/(I log2 I) · Σ_k Σ_i (−1)^⌊i J⌋ (2^(k−1) − ⌊i J + 1/2⌋) erfc((2i+1) √(1.5 γ/(M−1)))

with J = 2^(k−1)/I, k = 1…log2 I and i = 0…(1 − 2^−k) I − 1. Over Rayleigh fading γ is exponential with
mean γ̄ and E[erfc √(aγ)] = 1 − √(aγ̄/(1 + aγ̄)).
"""

from __future__ import annotations

import math
from collections.abc import Callable

from lsccli.core.channel.modulation import MODULATIONS


def bit_error_rate(modulation: str, es_n0: float, *, fading: bool = False) -> float:
    """Share of wrong bits at Es/N0 (a ratio; its mean where the channel fades)."""
    mean_erfc = _rayleigh(es_n0) if fading else _gaussian(es_n0)
    bits = MODULATIONS[modulation]
    if bits == 1:
        return 0.5 * mean_erfc(1.0)
    per_axis = bits // 2
    points = 2**per_axis
    total = 0.0
    for k in range(1, per_axis + 1):
        for i in range(points - points // 2**k):
            turn = i * 2 ** (k - 1) // points
            weight = 2 ** (k - 1) - math.floor(i * 2 ** (k - 1) / points + 0.5)
            total += (-1) ** turn * weight * mean_erfc((2 * i + 1) ** 2 * 1.5 / (2**bits - 1)) / points
    return total / per_axis


def symbol_error_rate(modulation: str, es_n0: float, *, fading: bool = False) -> float:
    """Share of wrong symbols: 4C Q − 4C² Q² with C = 1 − 1/√M and Q = Q(√(3γ/(M−1))); BPSK: Q(√(2γ))."""
    bits = MODULATIONS[modulation]
    scale = 1.0 if bits == 1 else 1.5 / (2**bits - 1)
    tail = 0.5 * (_rayleigh(es_n0) if fading else _gaussian(es_n0))(scale)
    if bits == 1:
        return tail
    square = tail**2
    if fading:
        b = math.sqrt(scale * es_n0 / (1 + scale * es_n0))
        square = 0.25 * (1 - 4 / math.pi * b * math.atan(1 / b)) if b else 0.25
    c = 1 - 2 ** (-bits / 2)
    return 4 * c * tail - 4 * c**2 * square


def _gaussian(es_n0: float) -> Callable[[float], float]:
    return lambda a: math.erfc(math.sqrt(a * es_n0))


def _rayleigh(es_n0: float) -> Callable[[float], float]:
    return lambda a: 1 - math.sqrt(a * es_n0 / (1 + a * es_n0))
