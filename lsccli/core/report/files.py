"""A report as files: CSV, JSON, figures and a LaTeX table."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from lsccli.core.errors import LscError
from lsccli.core.report.summary import Estimate, Report, Summary, as_dict
from lsccli.core.store.keys import canonical_json

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def write_files(report: Report, folder: Path) -> list[Path]:
    """Write curves.csv, summary.csv, curves.json, table.tex and the figures; the paths written.

    Raises:
        LscError: where there is no curve to write, or the folder cannot be written.
    """
    from lsccli.core.report.figure import draw

    if report.set.nothing is not None:
        raise LscError(report.set.nothing)
    facts = as_dict(report)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(facts, indent=2, ensure_ascii=False, allow_nan=False)
        (folder / "curves.json").write_text(text + "\n", encoding="utf-8")
        _write_csv(folder / "curves.csv", _CURVE_COLUMNS, _curve_rows(facts))
        _write_csv(folder / "summary.csv", _SUMMARY_COLUMNS, _summary_rows(facts))
        (folder / "table.tex").write_text(latex(report), encoding="utf-8")
        figures = draw(report, folder)
    except OSError as error:
        raise LscError(f"Cannot write the report to {folder}: {error.strerror or error}.") from error
    names = ("curves.csv", "summary.csv", "curves.json", "table.tex")
    return [*(folder / name for name in names), *figures]


def latex(report: Report) -> str:
    """The comparison as a `tabular` in the manner of booktabs, best AUC first."""
    curves = report.set
    sign = 1 if curves.better == "lower" else -1
    compared = report.baseline is not None
    noisy = any(summary.spent for summary in report.summaries)
    head = [
        "Method",
        "Captions",
        "AUC",
        *([r"$\Delta$AUC"] if compared else []),
        "Full caption",
        "Words",
        "Bits",
        *(["Symbols", "Limit", "Gap (dB)"] if noisy else []),
    ]
    lines = [
        f"% {curves.metric}, {curves.better} is better; {len(curves.images)} images; profile "
        f"{curves.profile}; brackets: 95 % percentile bootstrap over images",
        rf"\begin{{tabular}}{{ll{'r' * (len(head) - 2)}}}",
        r"\toprule",
        " & ".join(head) + r" \\",
        r"\midrule",
    ]
    for summary in sorted(report.summaries, key=lambda summary: sign * summary.auc.mean):
        gap = summary.difference
        change = ["--" if gap is None else _estimate(gap.auc, "+")] if compared else []
        row = [
            _escape(summary.label),
            _escape(summary.curve.captioner),
            _estimate(summary.auc),
            *change,
            _estimate(summary.full),
            f"{summary.words:.1f}",
            f"{summary.bits[-1]:.0f}",
            *(_spent(summary) if noisy else []),
        ]
        lines.append(" & ".join(row) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])


def _estimate(value: Estimate, sign: str = "") -> str:
    return f"${value.mean:{sign}.3f}$ [${value.low:{sign}.3f}$, ${value.high:{sign}.3f}$]"


def _spent(summary: Summary) -> list[str]:
    if (spent := summary.spent) is None:
        return ["--"] * 3
    values = ((spent.symbols, 0), (spent.least_symbols, 0), (spent.gap_db, 1))
    return ["--" if value is None else f"${value:.{places}f}$" for value, places in values]


def _escape(text: str) -> str:
    return "".join(_LATEX.get(letter, letter) for letter in text)


_CURVE_COLUMNS = ["label", "method", "importance", "captioner", "words", "bits", "mean", "low", "high", "n"]
_SUMMARY_COLUMNS = [
    *("label", "method", "importance", "captioner", "oracle", "images", "replicates", "auc", "auc_low"),
    *("auc_high", "full", "full_low", "full_high", "words", "bits", "baseline", "difference"),
    *("difference_low", "difference_high", "verdict", "symbols", "source_bits", "delivered", "least_symbols"),
    *("gap_db", "settings"),
]


def _curve_rows(facts: dict[str, Any]) -> Iterable[dict[str, Any]]:
    for curve in facts["curves"]:
        for point in curve["points"]:
            yield {**curve, **point}


def _summary_rows(facts: dict[str, Any]) -> Iterable[dict[str, Any]]:
    for curve in facts["curves"]:
        last, gap = curve["points"][-1], curve["difference"]
        row = {**curve, "full": last["mean"], "full_low": last["low"], "full_high": last["high"]}
        row |= curve["spent"] or {}
        row |= {"settings": canonical_json(curve["settings"]), "difference": None}
        if gap is not None:
            row |= {"baseline": gap["baseline"], "verdict": gap["verdict"], "difference": gap["auc"]["mean"]}
            row |= {"difference_low": gap["auc"]["low"], "difference_high": gap["auc"]["high"]}
        yield row


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
