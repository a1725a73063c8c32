"""Capacities, and how far a transmission stays from them.

C. Shannon, "A mathematical theory of communication", Bell Syst. Tech. J. 27, 1948. Bits per symbol:

    bsc       C = 1 − h(ε), h(ε) = −ε log2 ε − (1 − ε) log2(1 − ε), a symbol being a channel bit
    awgn      C(γ) = log2(1 + γ), γ = Es/N0
    rayleigh  C(γ) = E[log2(1 + |h|² γ)] = e^(1/γ) E1(1/γ) / ln 2,

whatever the modulation; |h|² is exponential of mean 1, E1 the exponential integral, and the fades are known
to Bob alone (ergodic capacity: M.-S. Alouini and A. Goldsmith, IEEE Trans. Veh. Technol. 48(4), 1999). B
source bits take at least B / C symbols. Of S symbols sent, let D source bits be delivered, those of words
that Bob reads as they were sent. Then η = D / S is the spectral efficiency, γ / η the Eb/N0 spent per
delivered source bit, C⁻¹(η) / η the least at which η is possible, and

    gap = 10 log10(γ / C⁻¹(η))  in dB.

Both take source bits at their word. A decoder that knows words, or the length of a packet, which is free,
can make up for lost bits, so that the gap may come out below zero.
"""

from __future__ import annotations

import math

from lsccli.core.channel.settings import ChannelSettings

_EULER = 0.5772156649015329


def capacity(settings: ChannelSettings) -> float | None:
    """Bits per symbol at the operating point; None where nothing is ever lost."""
    if settings.channel == "ideal":
        return None
    if settings.channel == "bsc":
        return 1 - binary_entropy(settings.ber or 0.0)
    return _rate(settings, settings.es_n0)


def least_symbols(settings: ChannelSettings, source_bits: float) -> float | None:
    """Symbols that so many bits take at capacity; None without noise, and where nothing gets through."""
    limit = capacity(settings)
    return source_bits / limit if limit else None


def gap_db(settings: ChannelSettings, delivered: float, symbols: float) -> float | None:
    """Eb/N0 spent per delivered source bit over the least there is, in dB.

    None where there is no Es/N0 (ideal, bsc), and where no bit was delivered.
    """
    if settings.points_db is None or delivered <= 0 or symbols <= 0:
        return None
    efficiency = delivered / symbols
    if settings.channel == "awgn":
        least = math.expm1(efficiency * math.log(2))
    else:
        least = _inverse(settings, efficiency)
    return settings.points_db[1] - 10 * math.log10(least)


def binary_entropy(p: float) -> float:
    """h(p) in bits."""
    return 0.0 if p in (0, 1) else -p * math.log2(p) - (1 - p) * math.log2(1 - p)


def _rate(settings: ChannelSettings, es_n0: float) -> float:
    if settings.channel == "awgn":
        return math.log1p(es_n0) / math.log(2)
    return _scaled_integral(1 / es_n0) / math.log(2)


def _inverse(settings: ChannelSettings, efficiency: float) -> float:
    """The Es/N0 at which the capacity is this, by bisection of its logarithm."""
    low, high = -60.0, 60.0
    for _ in range(100):
        middle = (low + high) / 2
        if _rate(settings, math.exp(middle)) < efficiency:
            low = middle
        else:
            high = middle
    return math.exp((low + high) / 2)


def _scaled_integral(x: float) -> float:
    """e^x E1(x) for x > 0, by series and continued fraction (M. Abramowitz and I. Stegun, 5.1.11, 5.1.22)."""
    if x < 1:
        total, term = -_EULER - math.log(x), 1.0
        for k in range(1, 25):
            term *= -x / k
            total -= term / k
        return math.exp(x) * total
    found = 0.0
    for k in range(200, 0, -1):
        found = k / (1 + k / (x + found))
    return 1 / (x + found)
