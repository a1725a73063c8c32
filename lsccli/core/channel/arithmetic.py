"""Intervals of arithmetic coding, in whole numbers.

J. Rissanen and G. Langdon, "Arithmetic coding", IBM J. Res. Dev. 23(2), 1979.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# Bits of the place of a character.
SCALE = 16


@dataclass(frozen=True)
class Interval:
    """[low, low + size) / 2^depth."""

    low: int = 0
    size: int = 1
    depth: int = 0

    def part(self, low: int, size: int, depth: int = SCALE) -> Interval:
        """The part of this one that [low, low + size) / 2^depth is of [0, 1)."""
        return Interval((self.low << depth) + self.size * low, self.size * size, self.depth + depth)

    @property
    def nats(self) -> float:
        """−ln of its length."""
        return self.depth * math.log(2) - math.log(self.size)

    def digits(self) -> tuple[int, int]:
        """(value, b): the fewest bits b such that [value, value + 1) / 2^b lies within."""
        bits = self.depth - self.size.bit_length() + 1
        for b in (bits, bits + 1):
            value = -((-self.low << b) >> self.depth)
            if (value + 1) << self.depth <= (self.low + self.size) << b:
                return value, b
        raise ValueError(f"no bits in {self}")
