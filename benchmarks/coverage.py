"""How often each interval holds the true mean, and how often equal methods are told apart.

    python -m benchmarks.coverage
    python -m benchmarks.coverage --gaps gaps.txt

Populations of paired differences: normal; skewed, as of distances that are bounded below (log-normal less its
mean, σ = 0.6 and 1); and, with --gaps, drawn from differences that were measured.
Intervals: percentile, BCa and studentised bootstrap (1,000 resamples) and Student's t, at 95 %. Families: 19
methods that are equal to the baseline, whose differences share half of their variance; a table is wrong where
it calls any better or worse.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from lsccli.core.report.inference import holm, sign_flip_p, t_intervals

Floats = NDArray[np.float64]
Interval = Callable[[Floats, int], tuple[Floats, Floats]]
SIZES = (2, 3, 5, 8, 12, 24, 100)
RESAMPLES = 1000
METHODS = 19
LEAST = 8
# Resamples are drawn in chunks of about this many numbers, to bound memory.
_CHUNK = 1 << 22


def resampled_means(values: Floats, resamples: int, seed: int) -> Floats:
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


def percentile(values: Floats, seed: int) -> tuple[Floats, Floats]:
    """(n, columns) -> low, high: quantiles of the resampled means."""
    low, high = np.quantile(resampled_means(values, RESAMPLES, seed), [0.025, 0.975], axis=0)
    return low, high


def bca(values: Floats, seed: int) -> tuple[Floats, Floats]:
    """The same, corrected for bias and acceleration (Efron 1987)."""
    means = resampled_means(values, RESAMPLES, seed)
    mean = values.mean(axis=0)
    below = ((means < mean).sum(axis=0) + 0.5 * (means == mean).sum(axis=0)) / RESAMPLES
    bias = norm.ppf(np.clip(below, 1 / RESAMPLES, 1 - 1 / RESAMPLES))
    away = mean - values
    cubes, squares = (away**3).sum(axis=0), (away**2).sum(axis=0)
    speed = np.divide(cubes, 6 * squares**1.5, out=np.zeros_like(cubes), where=squares > 0)
    ends = []
    for tail in (0.025, 0.975):
        z = bias + norm.ppf(tail)
        ends.append(norm.cdf(bias + z / (1 - speed * z)))
    means = np.sort(means, axis=0)
    columns = np.arange(values.shape[1])
    places = [np.clip((end * RESAMPLES).astype(int), 0, RESAMPLES - 1) for end in ends]
    return means[places[0], columns], means[places[1], columns]


def studentised(values: Floats, seed: int) -> tuple[Floats, Floats]:
    """Quantiles of (resampled mean - mean) / its standard error, turned about the mean (bootstrap-t)."""
    count = len(values)
    both = resampled_means(np.concatenate([values, values**2], axis=1), RESAMPLES, seed)
    means, squares = np.split(both, 2, axis=1)
    spread = np.sqrt(np.maximum(squares - means**2, 0) / max(1, count - 1))
    mean = values.mean(axis=0)
    error = values.std(axis=0, ddof=1) / np.sqrt(count)
    # A sample of one image again and again has no spread, and says nothing of how far the mean may be.
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.nan_to_num(
            (means - mean) / np.where(spread > 1e-12, spread, 0), nan=0.0, posinf=np.inf, neginf=-np.inf
        )
    low, high = np.quantile(ratios, [0.025, 0.975], axis=0, method="nearest")
    return mean - high * error, mean - low * error


INTERVALS: dict[str, Interval] = {
    "percentile": percentile,
    "BCa": bca,
    "studentised": studentised,
    "Student's t": lambda values, seed: t_intervals(values),
}


def populations(scores: Floats | None) -> dict[str, Callable[[np.random.Generator, tuple[int, int]], Floats]]:
    """Draw (n, columns) differences whose true mean is 0."""

    def skewed(sigma: float) -> Callable[[np.random.Generator, tuple[int, int]], Floats]:
        return lambda generator, shape: generator.lognormal(0, sigma, shape) - np.exp(sigma**2 / 2)

    found: dict[str, Callable[[np.random.Generator, tuple[int, int]], Floats]] = {
        "normal": lambda generator, shape: generator.normal(size=shape),
        "skewed, σ = 0.6": skewed(0.6),
        "skewed, σ = 1": skewed(1.0),
    }
    if scores is not None:
        centred = scores - scores.mean()
        found["measured"] = lambda generator, shape: generator.choice(centred, shape)
    return found


def coverage(
    interval: Interval, draw: Callable[..., Floats], count: int, tables: int, seed: int
) -> tuple[float, float]:
    """How often the interval of n draws holds 0, and its mean width in standard deviations."""
    generator = np.random.Generator(np.random.PCG64(seed))
    held, width, done = 0, 0.0, 0
    while done < tables:
        columns = min(500, tables - done)
        values = draw(generator, (count, columns))
        low, high = interval(values, int(generator.integers(1 << 30)))
        held += int(((low <= 0) & (high >= 0)).sum())
        width += float(np.minimum(high - low, 1e9).sum())
        done += columns
    return held / tables, width / tables / float(draw(generator, (1000, 100)).std())


def rules() -> dict[str, Callable[[Floats], NDArray[np.bool_]]]:
    """Which of the methods a rule calls better or worse, from (n, methods) differences."""

    def by_interval(interval: Interval) -> Callable[[Floats], NDArray[np.bool_]]:
        def rule(gaps: Floats) -> NDArray[np.bool_]:
            low, high = interval(gaps, 0)
            return (low > 0) | (high < 0)

        return rule

    def by_test(gaps: Floats) -> NDArray[np.bool_]:
        if len(gaps) < LEAST:
            return np.zeros(gaps.shape[1], bool)
        return holm(sign_flip_p(gaps)) <= 0.05

    return {
        "percentile interval leaves 0 out": by_interval(percentile),
        "Student's interval leaves 0 out": by_interval(INTERVALS["Student's t"]),
        "sign flips, Holm, 8 images or more": by_test,
    }


def family(
    rule: Callable[[Floats], NDArray[np.bool_]], draw: Callable[..., Floats], count: int, tables: int
) -> float:
    """The share of tables of equal methods in which any is called better or worse."""
    generator = np.random.Generator(np.random.PCG64(count))
    wrong = 0
    for _ in range(tables):
        # Equal methods: every score is a draw, the baseline's too, which all differences share.
        scores = draw(generator, (count, METHODS + 1))
        wrong += bool(rule(scores[:, 1:] - scores[:, :1]).any())
    return wrong / tables


def row(cells: Sequence[object]) -> str:
    """One line of a Markdown table."""
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--tables", type=int, default=4000, help="simulated samples per cell")
    parser.add_argument("--families", type=int, default=1000, help="simulated tables of 19 methods per cell")
    parser.add_argument("--gaps", help="a text file of measured differences, one a line, to draw from")
    asked = parser.parse_args()
    started = time.monotonic()
    measured = np.loadtxt(asked.gaps) if asked.gaps else None
    print(row(["population", "interval", *(f"n = {count}" for count in SIZES)]))
    print(row(["---"] * (2 + len(SIZES))))
    for place, (population, draw) in enumerate(populations(measured).items()):
        for name, interval in INTERVALS.items():
            cells = [coverage(interval, draw, count, asked.tables, place) for count in SIZES]
            print(
                row([population, name, *(f"{held:.3f} ({min(wide, 999):.2f})" for held, wide in cells)]),
                flush=True,
            )
    print("\nIn brackets: mean width in standard deviations.\n")
    print(row(["population", "rule", *(f"n = {count}" for count in SIZES)]))
    print(row(["---"] * (2 + len(SIZES))))
    for population, draw in populations(measured).items():
        for name, rule in rules().items():
            print(
                row(
                    [
                        population,
                        name,
                        *(f"{family(rule, draw, count, asked.families):.3f}" for count in SIZES),
                    ]
                ),
                flush=True,
            )
    print(f"\n{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
