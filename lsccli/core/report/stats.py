"""Averages over images and how sure they are; area under a curve."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Below so many images no difference is called better or worse.
FEWEST = 8


@dataclass(frozen=True)
class Estimate:
    """A mean over images and its 95 % interval (Student's); infinite where one image is all there is."""

    mean: float
    low: float
    high: float

    def within(self, least: float, most: float) -> Estimate:
        """The same, its interval cut where no mean can be."""
        if not self.known:
            return self
        return Estimate(self.mean, max(self.low, least), min(self.high, most))

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return isfinite(self.low) and isfinite(self.high)


def area(curves: Floats) -> Floats:
    """Area under each curve by the trapezoid rule over 0…K, divided by K: (…, K + 1) -> (…).

    `AUC = (v_0 / 2 + v_1 + … + v_{K-1} + v_K / 2) / K`; for K = 0 it is v_0.
    """
    last = curves.shape[-1] - 1
    if last < 0:
        raise ValueError("a curve without points has no area")
    if last == 0:
        return np.asarray(curves[..., 0], dtype=np.float64)
    inner = curves[..., 1:-1].sum(axis=-1)
    return np.asarray((inner + (curves[..., 0] + curves[..., -1]) / 2) / last, dtype=np.float64)
