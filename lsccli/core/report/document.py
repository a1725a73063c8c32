"""Reports as JSON values, nothing rounded: what `--json` prints and what files hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypedDict

from lsccli.core.report.escape import finite
from lsccli.core.report.judged import Difference, Family
from lsccli.core.report.missing import LeftOut, Missing
from lsccli.core.report.reach import Reach, ReachReport
from lsccli.core.report.stats import Estimate
from lsccli.core.report.summary import Report, Summary


class EstimateJson(TypedDict):
    """A mean and its interval; of one image there is none."""

    mean: float
    low: float | None
    high: float | None


class DifferenceJson(TypedDict):
    """A difference of AUCs."""

    baseline: str
    auc: EstimateJson
    p: float
    adjusted: float
    clear: bool
    verdict: str


class PointJson(TypedDict):
    """A curve after so many words."""

    words: int
    bits: float
    mean: float
    low: float | None
    high: float | None
    n: int


class CurveJson(TypedDict):
    """One curve with its statistics."""

    method: str
    importance: str | None
    captioner: str
    simulates_bob: bool
    oracle: bool  # the same, by its name in 0.2: what is printed here only gains columns
    label: str
    settings: Mapping[str, Mapping[str, Any]]
    images: int
    replicates: float
    auc: float
    auc_low: float | None
    auc_high: float | None
    areas: dict[str, EstimateJson]
    words: float
    bits: float
    spent: dict[str, float | str | None] | None
    difference: DifferenceJson | None
    points: list[PointJson]


class ReportJson(TypedDict):
    """A report of curves."""

    metric: str
    better: str
    profile: str
    images: int
    longest: int
    by: str
    ends: dict[str, float]
    baseline: str | None
    family: dict[str, Any] | None
    unpaired: list[str]
    curves: list[CurveJson]
    left_out: int
    incomplete: list[dict[str, Any]]
    unsent: int
    missing: list[dict[str, Any]]
    notes: list[str]
    nothing: str | None
    receiver_seeds: list[int]


class ReachMethodJson(TypedDict):
    """What one method took to get to X."""

    method: str
    importance: str | None
    captioner: str
    simulates_bob: bool
    oracle: bool  # the same, by its name in 0.2: what is printed here only gains columns
    label: str
    settings: Mapping[str, Mapping[str, Any]]
    replicates: float
    reached: int
    images: int
    words: EstimateJson | None
    bits: EstimateJson | None
    never: EstimateJson
    restricted: EstimateJson
    restricted_bits: EstimateJson


class ReachJson(TypedDict):
    """A report of `--stop-at`."""

    metric: str
    better: str
    stop_at: float
    profile: str
    images: int
    longest: int
    by: str
    most_bits: float
    methods: list[ReachMethodJson]
    left_out: int
    incomplete: list[dict[str, Any]]
    unsent: int
    missing: list[dict[str, Any]]
    notes: list[str]
    nothing: str | None
    receiver_seeds: list[int]


def report_document(report: Report) -> ReportJson:
    """The report of curves."""
    curves = report.set
    return {
        "metric": curves.metric,
        "better": curves.better,
        "profile": curves.profile,
        "images": len(curves.images),
        "longest": curves.longest,
        "by": report.by,
        "ends": dict(curves.ends),
        "baseline": report.baseline,
        "family": _family(report.family) if report.family else None,
        "unpaired": list(report.unpaired),
        "curves": [_curve(summary) for summary in report.summaries],
        "left_out": curves.left_out,
        "incomplete": _missing(curves.incomplete),
        "unsent": curves.unsent,
        "missing": _missing(curves.missing),
        "notes": list(curves.notes),
        "nothing": curves.nothing,
        "receiver_seeds": list(curves.receiver_seeds),
    }


def reach_document(report: ReachReport) -> ReachJson:
    """The report of `--stop-at`."""
    base = report.set
    return {
        "metric": base.metric,
        "better": base.better,
        "stop_at": report.stop.score,
        "profile": base.profile,
        "images": len(base.images),
        "longest": base.longest,
        "by": report.by,
        "most_bits": report.most,
        "methods": [_reach(one, len(base.images)) for one in report.methods],
        "left_out": base.left_out,
        "incomplete": _missing(base.incomplete),
        "unsent": base.unsent,
        "missing": _missing(base.missing),
        "notes": list(base.notes),
        "nothing": base.nothing,
        "receiver_seeds": list(base.receiver_seeds),
    }


def _curve(summary: Summary) -> CurveJson:
    curve = summary.curve
    count = len(curve.scores)
    columns = zip(summary.bits, summary.mean, summary.low, summary.high, strict=True)
    return {
        "method": curve.method,
        "importance": curve.importance,
        "captioner": curve.captioner,
        "simulates_bob": curve.simulates_bob,
        "oracle": curve.simulates_bob,
        "label": curve.label,
        "settings": curve.settings,
        "images": count,
        "replicates": float(curve.replicates.mean()),
        "auc": summary.auc.mean,
        "auc_low": finite(summary.auc.low),
        "auc_high": finite(summary.auc.high),
        "areas": {axis: _estimate(value) for axis, value in summary.areas.items()},
        "words": summary.words,
        "bits": float(summary.bits[-1]),
        "spent": asdict(summary.spent) if summary.spent else None,
        "difference": _difference(summary.difference) if summary.difference else None,
        "points": [
            {
                "words": k,
                "bits": float(bits),
                "mean": float(mean),
                "low": finite(low),
                "high": finite(high),
                "n": count,
            }
            for k, (bits, mean, low, high) in enumerate(columns)
        ],
    }


def _reach(one: Reach, images: int) -> ReachMethodJson:
    return {
        "method": one.method,
        "importance": one.importance,
        "captioner": one.captioner,
        "simulates_bob": one.simulates_bob,
        "oracle": one.simulates_bob,
        "label": one.label,
        "settings": one.settings,
        "replicates": one.replicates,
        "reached": one.reached,
        "images": images,
        "words": _estimate(one.words) if one.words else None,
        "bits": _estimate(one.bits) if one.bits else None,
        "never": _estimate(one.never),
        "restricted": _estimate(one.restricted),
        "restricted_bits": _estimate(one.restricted_bits),
    }


def _difference(gap: Difference) -> DifferenceJson:
    return {
        "baseline": gap.baseline,
        "auc": _estimate(gap.auc),
        "p": gap.p,
        "adjusted": gap.adjusted,
        "clear": gap.clear,
        "verdict": gap.verdict,
    }


def _estimate(value: Estimate) -> EstimateJson:
    return {"mean": value.mean, "low": finite(value.low), "high": finite(value.high)}


def _family(family: Family) -> dict[str, Any]:
    names = ("least", "median", "most")
    shown = {name: finite(value) for name, value in zip(names, family.detectable, strict=True)}
    return {"comparisons": family.comparisons, "images_needed": family.needed, "detectable": shown}


def _missing(gaps: Sequence[Missing | LeftOut]) -> list[dict[str, Any]]:
    ours = ("group", "then")  # of use in one report only
    return [{name: value for name, value in asdict(gap).items() if name not in ours} for gap in gaps]
