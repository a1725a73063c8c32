"""A report as tables: a row per point and a row per curve, or a row per method with `--stop-at`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from lsccli.core.report.document import (
    CurveJson,
    EstimateJson,
    ReachJson,
    ReportJson,
    reach_document,
    report_document,
)
from lsccli.core.report.escape import csv_cell, finite
from lsccli.core.report.formats.base import Files, report_format
from lsccli.core.report.reach import ReachReport
from lsccli.core.report.summary import Report
from lsccli.core.store.keys import canonical_json

Row = Mapping[str, object]

_CURVE_COLUMNS = ["label", "method", "importance", "captioner", "words", "bits", "mean", "low", "high", "n"]
_SUMMARY_COLUMNS = [
    *("label", "method", "importance", "captioner", "oracle", "images", "replicates", "by", "auc"),
    *("auc_low", "auc_high", "auc_words", "auc_bits", "auc_energy", "to_words", "to_bits", "to_energy"),
    *("full", "full_low", "full_high", "words", "bits", "baseline", "difference", "difference_low"),
    *("difference_high", "p", "adjusted", "verdict", "symbols", "source_bits", "delivered", "floor"),
    *("perfect_symbols", "excess_db", "settings", "notes", "simulates_bob"),
]
_ESTIMATES = ("words", "bits", "never", "restricted", "restricted_bits")
_ALONG_COLUMNS = ["label", "method", "importance", "captioner", "axis", "spent", "mean", "low", "high", "n"]
_REACH_COLUMNS = [
    *("label", "method", "importance", "captioner", "oracle", "stop_at", "images", "reached", "replicates"),
    *(f"{name}{end}" for name in _ESTIMATES for end in ("", "_low", "_high")),
    *("settings", "notes", "simulates_bob"),
]


def reach_csv(report: ReachReport) -> Files:
    """reach.csv."""
    return {"reach.csv": csv_text(_REACH_COLUMNS, _reach_rows(reach_document(report)))}


@report_format(
    "csv",
    summary="curves.csv (over words), along.csv (bits, energy) and summary.csv, or reach.csv",
    reach=reach_csv,
)
def curves_csv(report: Report) -> Files:
    """curves.csv, along.csv and summary.csv."""
    document = report_document(report)
    curves, notes = document["curves"], " ".join(document["notes"])
    points = [{**curve, **point} for curve in curves for point in curve["points"]]
    return {
        "curves.csv": csv_text(_CURVE_COLUMNS, points),
        "along.csv": csv_text(_ALONG_COLUMNS, _along_rows(report)),
        "summary.csv": csv_text(
            _SUMMARY_COLUMNS, ({**_summary_row(curve, document), "notes": notes} for curve in curves)
        ),
    }


def csv_text(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """A CSV file of these columns; what else a row has is left out, and what it lacks is empty."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: csv_cell(row.get(name)) for name in columns} for row in rows)
    return stream.getvalue()


def _along_rows(report: Report) -> Iterable[Row]:
    for summary in report.summaries:
        curve = summary.curve
        one = {name: getattr(curve, name) for name in ("label", "method", "importance", "captioner")}
        for axis, (mean, low, high) in summary.along.items():
            for at, *point in zip(report.set.grids[axis], mean, low, high, strict=True):
                told = dict(zip(("mean", "low", "high"), map(finite, point), strict=True))
                yield {**one, "axis": axis, "spent": float(at), **told, "n": len(curve.scores)}


def _summary_row(curve: CurveJson, report: ReportJson) -> Row:
    last, gap = curve["points"][-1], curve["difference"]
    row: dict[str, object] = {**curve, **(curve["spent"] or {})}
    row |= {"full": last["mean"], "full_low": last["low"], "full_high": last["high"]}
    row |= {"settings": canonical_json(curve["settings"]), "difference": None, "by": report["by"]}
    row |= {f"auc_{axis}": area["mean"] for axis, area in curve["areas"].items()}
    row |= {f"to_{axis}": end for axis, end in report["ends"].items()}
    if gap is not None:
        row |= {"baseline": gap["baseline"], "verdict": gap["verdict"]}
        row |= {"p": gap["p"], "adjusted": gap["adjusted"]}
        row |= _columns("difference", gap["auc"])
    return row


def _reach_rows(report: ReachJson) -> Iterable[Row]:
    for one in report["methods"]:
        row: dict[str, object] = {**one, "stop_at": report["stop_at"]}
        row |= {"settings": canonical_json(one["settings"]), "notes": " ".join(report["notes"])}
        for name in _ESTIMATES:
            row |= _columns(name, cast("Mapping[str, EstimateJson | None]", one)[name])
        yield row


def _columns(name: str, value: EstimateJson | None) -> dict[str, float | None]:
    """A mean with the ends of its interval; empty where nothing got there."""
    mean, low, high = (value["mean"], value["low"], value["high"]) if value else (None, None, None)
    return {name: mean, f"{name}_low": low, f"{name}_high": high}
