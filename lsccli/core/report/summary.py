"""The statistics of a report: what is printed, plotted and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lsccli.core.errors import LscError
from lsccli.core.methods.base import METHODS
from lsccli.core.report.curves import Curve, CurveSet, load_curves
from lsccli.core.report.energy import Spent, spent_of
from lsccli.core.report.escape import shell_words
from lsccli.core.report.labels import method_label
from lsccli.core.report.request import ReportRequest, split_method
from lsccli.core.report.stats import FEWEST, Estimate, Floats, area, intervals
from lsccli.core.store.store import Store

DEFAULT_BASELINE = "order"
NO_VERDICT = f"Below {FEWEST} images no difference is called better or worse: too few."


@dataclass(frozen=True)
class Difference:
    """AUC minus the baseline's, paired by image; `clear` where the interval leaves 0 out.

    `verdict` is "better" or "worse" where the difference is clear, "" where it is not, and "too few" below
    8 images, over which an interval says too little for either.
    """

    baseline: str
    auc: Estimate
    clear: bool
    verdict: str


@dataclass(frozen=True, eq=False)
class Summary:
    """A curve, averaged over its images.

    Attributes:
        mean: (K + 1,) score after k words, with its interval `low`, `high`.
        bits: (K + 1,) mean cumulative channel bits after k words.
        words: mean number of words sent in all.
        spent: symbols against Shannon's limit; None where the channel has no noise.
        difference: against the baseline; None where there is none, and for the baseline itself.
    """

    curve: Curve
    mean: Floats
    low: Floats
    high: Floats
    bits: Floats
    words: float
    auc: Estimate
    spent: Spent | None = None
    difference: Difference | None = None

    @property
    def full(self) -> Estimate:
        """The score at the full caption."""
        return Estimate(float(self.mean[-1]), float(self.low[-1]), float(self.high[-1]))


@dataclass(frozen=True, eq=False)
class Report:
    """All that a report says: the curves with their statistics, and what the store lacks."""

    request: ReportRequest
    set: CurveSet
    summaries: Sequence[Summary]
    baseline: str | None

    @property
    def ranked(self) -> list[Summary]:
        """The summaries, the best AUC first."""
        sign = 1 if self.set.better == "lower" else -1
        return sorted(self.summaries, key=lambda summary: sign * summary.auc.mean)

    @property
    def noisy(self) -> bool:
        """Whether any channel has noise."""
        return any(summary.spent for summary in self.summaries)


def build_report(store: Store, request: ReportRequest, baseline: str | None = None) -> Report:
    """Read the curves and their statistics; differences are against `baseline` (`METHOD[:IMPORTANCE]`).

    Without `baseline` it is `order`, where there is such a curve.

    Raises:
        LscError: for an unknown name, a baseline that has no curve, and where no image is selected.
    """
    wanted = split_method(baseline or DEFAULT_BASELINE) if baseline or _has_default() else None
    curves = load_curves(store, request)
    if not curves.curves:
        return Report(request, curves, [], None)
    baselines = [_baseline_of(curve, curves.curves, wanted) for curve in curves.curves]
    if baseline and all(index is None for index in baselines):
        name, importance = split_method(baseline)
        raise LscError(
            f"There is no curve of {method_label(name, importance)} to compare with. "
            f"Make it with: {shell_words('lsc', 'run', 'DATA', '--method', method_label(name, importance))}"
        )
    named = method_label(*wanted) if wanted and any(index is not None for index in baselines) else None
    return Report(request, curves, _summaries(curves, baselines), named)


def _has_default() -> bool:
    return DEFAULT_BASELINE in METHODS.all()


def _baseline_of(curve: Curve, curves: Sequence[Curve], wanted: tuple[str, str | None] | None) -> int | None:
    """The baseline for a curve: same receiver and metric, and the nearest channel and captioner."""
    if wanted is None:
        return None

    def same(other: Curve, kind: str) -> bool:
        return other.settings[kind] == curve.settings[kind]

    near = [
        (not same(other, "channel"), not same(other, "captioner"), other.captioner != curve.captioner, index)
        for index, other in enumerate(curves)
        if other.method == wanted[0]
        and wanted[1] in (None, other.importance)
        and same(other, "receiver")
        and same(other, "metric")
    ]
    return min(near)[-1] if near else None


def _summaries(curves: CurveSet, baselines: Sequence[int | None]) -> list[Summary]:
    """One bootstrap for all columns: the curves' points, their AUCs, and the differences of AUCs."""
    points = curves.longest + 1
    areas = np.stack([area(curve.scores) for curve in curves.curves], axis=1)
    zero = np.zeros(len(areas))
    gaps = np.stack(
        [
            zero if other is None else areas[:, index] - areas[:, other]
            for index, other in enumerate(baselines)
        ],
        axis=1,
    )
    table = np.concatenate([*(curve.scores for curve in curves.curves), areas, gaps], axis=1)
    means = table.mean(axis=0)
    low, high = intervals(table)
    count = len(curves.curves)

    def estimate(column: int) -> Estimate:
        return Estimate(float(means[column]), float(low[column]), float(high[column]))

    result = []
    for index, (curve, other) in enumerate(zip(curves.curves, baselines, strict=True)):
        own = slice(index * points, (index + 1) * points)
        difference = None
        if other is not None and other != index:
            gap = estimate(count * points + count + index)
            label = curves.curves[other].label
            enough = len(curves.images) >= FEWEST
            clear = enough and (gap.low > 0 or gap.high < 0)
            verdict = "better" if (gap.mean < 0) == (curves.better == "lower") else "worse"
            difference = Difference(label, gap, clear, (verdict if clear else "") if enough else "too few")
        result.append(
            Summary(
                curve=curve,
                mean=means[own],
                low=low[own],
                high=high[own],
                bits=curve.bits.mean(axis=0),
                words=float(curve.words.mean()),
                auc=estimate(count * points + index),
                spent=spent_of(curve),
                difference=difference,
            )
        )
    return result
