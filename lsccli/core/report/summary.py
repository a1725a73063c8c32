"""The statistics of a report: what is printed, plotted and written."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lsccli.core.errors import LscError
from lsccli.core.methods.base import METHODS
from lsccli.core.metrics.base import METRICS
from lsccli.core.report import commands
from lsccli.core.report.curves import Curve, CurveSet, load_curves
from lsccli.core.report.energy import Spent, spent_of
from lsccli.core.report.escape import shell_words
from lsccli.core.report.inference import t_intervals
from lsccli.core.report.judged import Difference, Family, judge
from lsccli.core.report.labels import method_label
from lsccli.core.report.request import ReportRequest, split_method
from lsccli.core.report.stats import Estimate, Floats
from lsccli.core.store.store import Store

DEFAULT_BASELINE = "order"


@dataclass(frozen=True, eq=False)
class Summary:
    """A curve, averaged over its images.

    Attributes:
        mean: (K + 1,) score after k words, with its interval `low`, `high`.
        along: axis -> (3, P) the same at each point of `CurveSet.grids`: mean, low, high.
        bits: (K + 1,) mean cumulative channel bits after k words.
        words: mean number of words sent in all.
        areas: axis -> the area under the score over that axis.
        auc: the one that curves are judged by.
        spent: symbols against Shannon's limit; None where the channel has no noise.
        difference: against the baseline; None for the baseline itself, and where there is none on the same
            captions over the same channel.
    """

    curve: Curve
    mean: Floats
    low: Floats
    high: Floats
    bits: Floats
    words: float
    along: Mapping[str, Floats]
    areas: Mapping[str, Estimate]
    auc: Estimate
    spent: Spent | None = None
    difference: Difference | None = None
    is_baseline: bool = False

    @property
    def full(self) -> Estimate:
        """The score at the full caption."""
        return Estimate(float(self.mean[-1]), float(self.low[-1]), float(self.high[-1]))


@dataclass(frozen=True, eq=False)
class Report:
    """All that a report says: the curves with their statistics, and what the store lacks.

    Attributes:
        baseline: what differences are against; None where there are none.
        family: what all differences together allow to be said.
        unpaired: what is said of curves that have no baseline of their own; a line each.
    """

    request: ReportRequest
    set: CurveSet
    summaries: Sequence[Summary]
    baseline: str | None
    family: Family | None = None
    unpaired: Sequence[str] = ()

    @property
    def by(self) -> str:
        """The axis over which curves are judged."""
        return self.request.budget.by

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
    baselines = [_baseline_of(curve, curves.curves, wanted, baseline) for curve in curves.curves]
    if baseline and all(index is None for index in baselines):
        name, importance = split_method(baseline)
        raise LscError(
            f"There is no curve of {method_label(name, importance)} to compare with. "
            f"Make it with: {shell_words('lsc', 'run', 'DATA', '--method', method_label(name, importance))}"
        )
    named = method_label(*wanted) if wanted and any(index is not None for index in baselines) else None
    summaries, family = _summaries(curves, baselines, request.budget.by)
    alone = [curve for curve, index in zip(curves.curves, baselines, strict=True) if index is None]
    lines = _unpaired(alone, wanted, request) if named and wanted else []
    return Report(request, curves, summaries, named, family, lines)


def _has_default() -> bool:
    return DEFAULT_BASELINE in METHODS.all()


def _baseline_of(
    curve: Curve, curves: Sequence[Curve], wanted: tuple[str, str | None] | None, asked: str | None
) -> int | None:
    """The baseline for a curve: on its captions, over its channel, by its receiver and metric.

    Raises:
        LscError: where several are what was `asked` for.
    """
    if wanted is None:
        return None
    kinds = ("captioner", "channel", "receiver", "metric")
    found = [
        index
        for index, other in enumerate(curves)
        if other.method == wanted[0]
        and wanted[1] in (None, other.importance)
        and all(other.settings[kind] == curve.settings[kind] for kind in kinds)
    ]
    if asked is not None and len(found) > 1:
        labels = ", ".join(curves[index].label for index in found)
        raise LscError(f"--baseline {asked} may be each of {labels}; choose one with --where.")
    return found[0] if found else None


def _unpaired(curves: Sequence[Curve], wanted: tuple[str, str | None], request: ReportRequest) -> list[str]:
    """What is said of curves without a baseline of their own: whose captions they are on, and what helps."""
    label = method_label(*wanted)
    method = {"method": wanted[0], "importance": wanted[1]}
    lines = {}
    for curve in curves:
        send = commands.transmit(curve.captioner, method, curve.settings["channel"])
        lines[send] = (
            f"unpaired: there is no {label} on the captions of {curve.captioner} over the same channel. "
            f"Make it with: {request.advise(send)}, then: {request.advise(commands.score(request.metric))}"
        )
    return list(lines.values())


def _summaries(
    curves: CurveSet, baselines: Sequence[int | None], by: str
) -> tuple[list[Summary], Family | None]:
    judged = [curve.areas[by] for curve in curves.curves]
    pairs = [(index, other) for index, other in enumerate(baselines) if other is not None and other != index]
    differences: dict[int, Difference] = {}
    family = None
    if pairs:
        gaps = np.stack([judged[index] - judged[other] for index, other in pairs], axis=1)
        labels = [curves.curves[other].label for _, other in pairs]
        found, family = judge(gaps, labels, curves.better)
        differences = dict(zip((index for index, _ in pairs), found, strict=True))
    bounds = [-math.inf, math.inf]
    best = METRICS.find(curves.metric).best
    if best is not None:
        bounds[curves.better == "higher"] = best
    result = []
    for index, curve in enumerate(curves.curves):
        areas = _averaged(np.stack(list(curve.areas.values()), axis=1), bounds)
        by_axis = {
            axis: Estimate(*map(float, column)) for axis, column in zip(curve.areas, areas.T, strict=True)
        }
        mean, low, high = _averaged(curve.scores, bounds)
        result.append(
            Summary(
                curve=curve,
                mean=mean,
                low=low,
                high=high,
                bits=curve.bits.mean(axis=0),
                words=float(curve.words.mean()),
                along={axis: _averaged(scores, bounds) for axis, scores in curve.along.items()},
                areas=by_axis,
                auc=by_axis[by],
                spent=spent_of(curve, curves.vocabularies),
                difference=differences.get(index),
                is_baseline=baselines[index] == index,
            )
        )
    return result, family


def _averaged(values: Floats, bounds: Sequence[float]) -> Floats:
    """(images, columns) -> (3, columns): mean, low, high; the interval within what a mean can be.

    Of one image there is no interval, and its ends stay infinite.
    """
    low, high = t_intervals(values)
    if len(values) > 1:
        low, high = np.maximum(low, bounds[0]), np.minimum(high, bounds[1])
    return np.stack([values.mean(axis=0), low, high])
