"""Averages over images and how sure they are: area under a curve, percentile bootstrap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RESAMPLES = 2000
SEED = 0
# Below so many images no difference is called better or worse.
FEWEST = 8
# Resamples are drawn in chunks of about this many numbers, to bound memory.
_CHUNK = 1 << 22


@dataclass(frozen=True)
class Estimate:
    """A mean over images and its 95 % percentile bootstrap interval."""

    mean: float
    low: float
    high: float


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


def resampled_means(values: Floats, resamples: int = RESAMPLES, seed: int = SEED) -> Floats:
    """Means over images drawn with replacement: (images, columns) -> (resamples, columns).

    All columns share the draws, so that differences of columns are paired.

    B. Efron and R. Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 6.
    """
    count, columns = values.shape
    if count == 0:
        raise ValueError("no images to draw from")
    generator = np.random.Generator(np.random.PCG64(seed))
    means = np.empty((resamples, columns))
    step = max(1, _CHUNK // count)
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        drawn = generator.integers(0, count, (rows, count))
        # How often each image was drawn; a matrix product then makes all means at once.
        flat = (drawn + np.arange(rows)[:, None] * count).ravel()
        times = np.bincount(flat, minlength=rows * count).reshape(rows, count)
        means[start : start + rows] = times.astype(np.float64) @ values / count
    return means


def intervals(values: Floats, resamples: int = RESAMPLES, seed: int = SEED) -> tuple[Floats, Floats]:
    """The 95 % percentile bootstrap interval of each column's mean: (images, columns) -> low, high."""
    low, high = np.quantile(resampled_means(values, resamples, seed), [0.025, 0.975], axis=0)
    return low, high
