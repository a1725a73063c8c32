"""Coded bits as Bob sees them: decisions, and log-likelihood ratios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsccli.core.channel.noise import Bits, Floats, PacketNoise

# What an error-free channel says of a bit, in nats; decoders clip such certainty anyway.
_CERTAIN = 20.0


@dataclass
class Received:
    """(B, n) coded bits as they arrive.

    Attributes:
        bits: decisions on each bit, by the nearest symbol.
        symbol_errors: (B,) symbols of each packet that were taken for another.
        ratios: ln(P(b = 1) / P(b = 0)) of each bit; of no bit where they were not asked for.
    """

    bits: Bits
    symbol_errors: NDArray[np.int64]
    ratios: Floats


def untouched(bits: Bits) -> Received:
    """(B, n) bits that arrive as they were sent."""
    return Received(bits.copy(), np.zeros(len(bits), np.int64), _certainty(bits, 0.0))


def flipped(bits: Bits, noises: Sequence[PacketNoise], rate: float, bits_per_symbol: int = 1) -> Received:
    """(B, n) bits, each row a packet with its own noise, each bit wrong with probability `rate`."""
    flips = np.stack([noise.uniform(bits.shape[1]) for noise in noises]) < rate
    arrived = bits ^ flips.astype(np.uint8)
    filled = -(-bits.shape[1] // bits_per_symbol) * bits_per_symbol
    padded = np.zeros((len(bits), filled), bool)
    padded[:, : bits.shape[1]] = flips
    wrong = padded.reshape(len(bits), -1, bits_per_symbol).any(axis=2).sum(axis=1)
    return Received(arrived, np.asarray(wrong, np.int64), _certainty(arrived, rate))


def _certainty(bits: Bits, rate: float) -> Floats:
    """±ln((1 − p) / p) for decisions that are wrong with probability p."""
    nats = _CERTAIN if rate <= 0 else min(_CERTAIN, float(np.log((1 - rate) / rate)))
    return np.where(bits == 1, nats, -nats)
