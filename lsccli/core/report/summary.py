"""The statistics of a report, and the report as a dictionary: what is printed, plotted and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lsccli.core.channel.shannon import gap_db, least_symbols
from lsccli.core.errors import LscError
from lsccli.core.registry import base as registry
from lsccli.core.report.curves import Curve, CurveSet, load_curves
from lsccli.core.report.labels import method_label
from lsccli.core.report.selection import Selection, split_method
from lsccli.core.report.stats import Floats, area, intervals
from lsccli.core.scc.coder import settings_of
from lsccli.core.store.store import Store

DEFAULT_BASELINE = "order"


@dataclass(frozen=True)
class Estimate:
    """A mean over images and its 95 % percentile bootstrap interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Difference:
    """AUC minus the baseline's, paired by image; `clear` where the interval leaves 0 out.

    `verdict` is "better" or "worse" where the difference is clear, and "" where it is not.
    """

    baseline: str
    auc: Estimate
    clear: bool
    verdict: str


@dataclass(frozen=True)
class Spent:
    """Symbols against Shannon's limit, in the mean over images; formulae in `lsccli.core.channel.shannon`.

    Attributes:
        symbols: sent, in all rounds.
        source_bits, delivered: in all, and of the words that were read as they were sent.
        least_symbols: that the source bits take at capacity; None where nothing gets through.
        gap_db: Eb/N0 spent per delivered source bit over the least at this efficiency; None where there is no
            Es/N0, and where nothing was delivered.
    """

    symbols: float
    source_bits: float
    delivered: float
    least_symbols: float | None
    gap_db: float | None


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
    def label(self) -> str:
        """The curve's label, an oracle marked as one."""
        return f"{self.curve.label} (oracle)" if self.curve.oracle else self.curve.label

    @property
    def full(self) -> Estimate:
        """The score at the full caption."""
        return Estimate(float(self.mean[-1]), float(self.low[-1]), float(self.high[-1]))


@dataclass(frozen=True, eq=False)
class Report:
    """All that a report says: the curves with their statistics, and what the store lacks."""

    selection: Selection
    set: CurveSet
    summaries: Sequence[Summary]
    baseline: str | None


def build_report(store: Store, selection: Selection, baseline: str | None = None) -> Report:
    """Read the curves and their statistics; differences are against `baseline` (`METHOD[:IMPORTANCE]`).

    Without `baseline` it is `order`, where there is such a curve.

    Raises:
        LscError: for an unknown name, a baseline that has no curve, and where no image is selected.
    """
    wanted = split_method(baseline or DEFAULT_BASELINE) if baseline or _has_default() else None
    curves = load_curves(store, selection)
    if not curves.curves:
        return Report(selection, curves, [], None)
    chosen = [_baseline_of(curve, curves.curves, wanted) for curve in curves.curves]
    if baseline and all(index is None for index in chosen):
        name, importance = split_method(baseline)
        raise LscError(
            f"There is no curve of {method_label(name, importance)} to compare with. "
            f"Make it with: lsc run DATA --method {method_label(name, importance)}"
        )
    named = method_label(*wanted) if wanted and any(index is not None for index in chosen) else None
    return Report(selection, curves, _summaries(curves, chosen), named)


def report_dict(store: Store, selection: Selection, baseline: str | None = None) -> dict[str, Any]:
    """`as_dict` of `build_report`."""
    return as_dict(build_report(store, selection, baseline))


def as_dict(report: Report) -> dict[str, Any]:
    """The report as JSON values; nothing is rounded."""
    curves = report.set
    return {
        "metric": curves.metric,
        "better": curves.better,
        "profile": curves.profile,
        "images": len(curves.images),
        "longest": curves.longest,
        "baseline": report.baseline,
        "curves": [_curve_dict(summary) for summary in report.summaries],
        "left_out": curves.left_out,
        "unsent": curves.unsent,
        "missing": [asdict(gap) for gap in curves.missing],
        "nothing": curves.nothing,
    }


def _curve_dict(summary: Summary) -> dict[str, Any]:
    curve = summary.curve
    count = len(curve.scores)
    columns = zip(summary.bits, summary.mean, summary.low, summary.high, strict=True)
    return {
        "method": curve.method,
        "importance": curve.importance,
        "captioner": curve.captioner,
        "oracle": curve.oracle,
        "label": curve.label,
        "settings": curve.settings,
        "images": count,
        "replicates": float(curve.replicates.mean()),
        "auc": summary.auc.mean,
        "auc_low": summary.auc.low,
        "auc_high": summary.auc.high,
        "words": summary.words,
        "bits": float(summary.bits[-1]),
        "spent": asdict(summary.spent) if summary.spent else None,
        "difference": asdict(summary.difference) if summary.difference else None,
        "points": [
            {
                "words": k,
                "bits": float(bits),
                "mean": float(mean),
                "low": float(low),
                "high": float(high),
                "n": count,
            }
            for k, (bits, mean, low, high) in enumerate(columns)
        ],
    }


def _spent(curve: Curve) -> Spent | None:
    try:
        channel = settings_of(dict(curve.settings["channel"]))
    except (LscError, TypeError):  # sent by a version that knew other settings
        return None
    if not channel.noisy:
        return None
    symbols, source, delivered = (
        float(values.mean()) for values in (curve.symbols, curve.source_bits, curve.delivered)
    )
    return Spent(
        symbols=symbols,
        source_bits=source,
        delivered=delivered,
        least_symbols=least_symbols(channel, source),
        gap_db=gap_db(channel, delivered, symbols),
    )


def _has_default() -> bool:
    return DEFAULT_BASELINE in registry.methods()


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
            # One image has no spread, and so nothing is clear from it.
            clear = len(curves.images) > 1 and (gap.low > 0 or gap.high < 0)
            verdict = "better" if (gap.mean < 0) == (curves.better == "lower") else "worse"
            difference = Difference(label, gap, clear, verdict if clear else "")
        result.append(
            Summary(
                curve=curve,
                mean=means[own],
                low=low[own],
                high=high[own],
                bits=curve.bits.mean(axis=0),
                words=float(curve.words.mean()),
                auc=estimate(count * points + index),
                spent=_spent(curve),
                difference=difference,
            )
        )
    return result
