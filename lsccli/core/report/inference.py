"""What a sample of images allows to be said of all: intervals of means, paired tests, many of them at once.

`benchmarks/coverage.py` counts how often each interval holds the true mean, and so decided which is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from lsccli.core.report.stats import Estimate, Floats

LEVEL = 0.95
# Up to so many images every change of signs is tried; beyond, so many drawn at random.
_EXACT = 12
_FLIPS = 9999
_AT_ONCE = 4096
# Two sums of the same numbers in another order may differ in their last bits.
_SAME = 1e-9


def t_intervals(values: Floats, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Student's interval of each column's mean: (images, columns) -> low, high; infinite for one image.

    `mean ± t_{n-1} · s / √n`: Student, "The probable error of a mean", Biometrika 6, 1908.
    """
    from scipy.stats import t

    count = len(values)
    if count == 0:
        raise ValueError("no images to average over")
    mean = values.mean(axis=0)
    if count == 1:
        return np.full_like(mean, -np.inf), np.full_like(mean, np.inf)
    reach = t.ppf((1 + level) / 2, count - 1) * values.std(axis=0, ddof=1) / np.sqrt(count)
    return mean - reach, mean + reach


def estimates(values: Floats) -> list[Estimate]:
    """Each column's mean with Student's interval: (images, columns) -> columns of them."""
    low, high = t_intervals(values)
    return [Estimate(*map(float, one)) for one in zip(values.mean(axis=0), low, high, strict=True)]


def wilson(shares: Floats, level: float = LEVEL) -> Estimate:
    """The mean of shares, one per image, with Wilson's interval: (images,).

    It is that of a share of n images, and so errs on the wide side where images have shares between 0 and 1.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.
    """
    from scipy.stats import norm

    count = len(shares)
    if count == 0:
        raise ValueError("no images to average over")
    mean, z = float(shares.mean()), float(norm.ppf((1 + level) / 2))
    centre = (mean + z * z / (2 * count)) / (1 + z * z / count)
    reach = z / (1 + z * z / count) * np.sqrt(mean * (1 - mean) / count + z * z / (4 * count * count))
    return Estimate(mean, max(0.0, float(centre - reach)), min(1.0, float(centre + reach)))


def sign_flip_p(gaps: Floats, seed: int = 0) -> Floats:
    """Two-sided p of each column's mean difference, paired by image: (images, columns) -> (columns,).

    Where two methods are equal, an image's difference is as likely to have the other sign: p is the share of
    changes of signs whose mean is at least as far from 0. All 2^n up to n = 12 images, else those drawn at
    random beside the one that was seen: 9,999, or 100 per column where that is more, so that Holm's rule
    over all columns can still find something.

    E. J. G. Pitman, "Significance tests which may be applied to samples from any populations", 1937;
    B. Phipson and G. K. Smyth, "Permutation p-values should never be zero", 2010.
    """
    count, columns = gaps.shape
    if count == 0:
        raise ValueError("no images to compare")
    seen = np.abs(gaps.sum(axis=0)) - _SAME * np.abs(gaps).sum(axis=0)
    far, total = np.zeros(columns), 0
    for signs in _signs(count, max(_FLIPS, 100 * columns), seed):
        far += (np.abs(signs @ gaps) >= seen).sum(axis=0)
        total += len(signs)
    return far / total


def _signs(count: int, flips: int, seed: int) -> Iterator[Floats]:
    """(changes, images) of 1 and -1, some at a time; the first is the one that was seen."""
    if count <= _EXACT:
        every = (np.arange(2**count)[:, None] >> np.arange(count)) & 1
        yield np.asarray(1.0 - 2.0 * every, np.float64)
        return
    generator = np.random.Generator(np.random.PCG64(seed))
    yield np.ones((1, count))
    for start in range(0, flips, _AT_ONCE):
        drawn = generator.integers(0, 2, (min(_AT_ONCE, flips - start), count))
        yield np.asarray(1.0 - 2.0 * drawn, np.float64)


def holm(p: Floats) -> Floats:
    """p adjusted so that, of all true null hypotheses, one is rejected at α with probability α at most.

    S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6, 1979.
    """
    order = np.argsort(p, kind="stable")
    scaled = p[order] * (len(p) - np.arange(len(p)))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(scaled))
    return adjusted


def least_images(comparisons: int, level: float = LEVEL) -> int:
    """How many images a table of m comparisons needs for any verdict: 2 · 2^-n · m must reach 1 - level."""
    return max(1, int(np.ceil(np.log2(2 * max(1, comparisons) / (1 - level)) - 1e-12)))


def detectable(gaps: Floats, comparisons: int = 1) -> Floats:
    """The difference that so many images show four times in five: (images, columns) -> (columns,).

    `d · s`, with d the effect in standard deviations at which the test above finds a normal difference so
    often at α / m, the smallest of Holm's steps. Infinite where so few images can show nothing.
    """
    count = len(gaps)
    if count < least_images(comparisons):
        return np.full(gaps.shape[1], np.inf)
    return np.asarray(_effect(count, comparisons) * gaps.std(axis=0, ddof=1), dtype=np.float64)


@cache
def _effect(count: int, comparisons: int, level: float = LEVEL, power: float = 0.8) -> float:
    """The effect in standard deviations that is found so often; up to 12 images by simulation.

    Beyond them p is fine enough for `(t_{α/2m} + t_power) / √n`, n - 1 degrees of freedom.
    """
    from scipy.stats import t

    tail = (1 - level) / 2 / max(1, comparisons)
    start = float((t.ppf(1 - tail, count - 1) + t.ppf(power, count - 1)) / np.sqrt(count))
    if count > _EXACT:
        return start
    noise = np.random.Generator(np.random.PCG64(0)).normal(size=(count, 1000))
    low, high = 0.0, 8.0
    while high - low > 0.01:
        middle = (low + high) / 2
        found = (sign_flip_p(noise + middle) <= 2 * tail + 1e-12).mean()
        low, high = (middle, high) if found < power else (low, middle)
    return high
