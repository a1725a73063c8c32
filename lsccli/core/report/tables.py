"""A report on the terminal: tables of at most 100 columns that read well in a plain log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from lsccli.core.report.curves import CurveSet
from lsccli.core.report.energy import is_guesser, spent_texts
from lsccli.core.report.missing import left_out_lines
from lsccli.core.report.stats import FEWEST
from lsccli.core.report.summary import NO_VERDICT, Report, Summary
from lsccli.core.report.wording import counted, estimate_text

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 100
WARNING = "yellow"
ORACLE = "(oracle): uses what Alice cannot know in practice; a bound, not a method."
# Words after which the score is printed: dense where curves fall steeply.
_COLUMNS = (0, 1, 2, 3, 5, 8)


def print_report(console: Console, report: Report, compare: bool = False) -> None:
    """Print the curves of each method, or with `compare` the methods side by side, and notes.

    Where there is no curve, prints the one line that says which command helps.
    """
    if report.set.nothing is not None:
        console.print(report.set.nothing, soft_wrap=True)
        return
    console.print(_comparison(report) if compare else _curves(report), width=min(console.width, WIDTH))
    for line in notes(report, compare):
        console.print(line, width=min(console.width, WIDTH))
    for line in left_out_lines(report.set.incomplete, report.set.missing):
        console.print(line, soft_wrap=True)  # with commands, which a line's end would cut
    print_warnings(console, report.set)


def print_warnings(console: Console, curves: CurveSet) -> None:
    """Print what a reader must know before believing a figure, in colour."""
    for line in curves.notes:
        console.print(f"Note: {line}", width=min(console.width, WIDTH), style=WARNING)


def notes(report: Report, compare: bool) -> list[str]:
    """What is compared, how, and what is left out; a line each."""
    curves = report.set
    count = len(curves.images)
    lines = [
        f"{curves.metric}, {curves.better} is better; {counted(count, 'image')}; "
        f"profile {curves.profile}{_receiver(report.summaries)}.",
        f"Means over images, carried forward to {curves.longest} words; AUC: area over 0 to "
        f"{curves.longest} words, divided by {curves.longest}.",
    ]
    lines.append("by: whose captions; words, bits: sent in all, bits on the channel.")
    if compare:
        text = "In brackets: 95 % bootstrap intervals over images."
        if report.baseline is not None:
            text += f" Difference: AUC minus that of {report.baseline}, paired by image."
        lines.append(text)
    if compare and report.noisy:
        lines.append(
            "symbols: sent per image; perfect: that a perfect code would take for as many words; excess: "
            "Es/N0 above the least there is for them, in dB."
        )
    lines += floors(report)
    if compare and count < 10:
        few = f"Only {counted(count, 'image')}: intervals over so few say little."
        lines.append(f"{few} {NO_VERDICT}" if report.baseline is not None and count < FEWEST else few)
    if any(summary.curve.oracle for summary in report.summaries):
        lines.append(ORACLE)
    if curves.left_out:
        lines.append(f"Left out: {counted(curves.left_out, 'image')} not complete in every curve.")
    if curves.unsent:
        lines.append(f"Not in any curve: {counted(curves.unsent, 'image')} not sent by any method.")
    return lines


def _curves(report: Report) -> Table:
    longest = report.set.longest
    shown = [k for k in _COLUMNS if k < longest]
    table = new_table()
    for name in (*map(str, shown), "full", "AUC", "words", "bits"):
        table.add_column(name, justify="right", no_wrap=True)
    places = _places(report)
    for summary in report.summaries:
        values = [*(float(summary.mean[k]) for k in shown), summary.full.mean, summary.auc.mean]
        table.add_row(
            summary.curve.printed,
            summary.curve.captioner,
            *(f"{value:.{places}f}" for value in values),
            f"{summary.words:.1f}",
            f"{summary.bits[-1]:.0f}",
        )
    return table


def floors(report: Report) -> list[str]:
    """What is read of each curve at capacity zero, where Bob knows words and their lengths for nothing."""
    found = {
        summary.spent.floor
        for summary in report.summaries
        if summary.spent and summary.spent.floor is not None and is_guesser(summary.curve)
    }
    if not found:
        return []
    low, high = f"{100 * min(found):.0f}", f"{100 * max(found):.0f}"
    share = low if low == high else f"{low} to {high}"
    return [
        f"floor: where Bob knows words, {share} % of them are read at capacity zero, guessing from lengths, "
        "which ideal framing gives for nothing."
    ]


def _comparison(report: Report) -> Table:
    places = _places(report)
    table = new_table()
    table.add_column("AUC", justify="right", no_wrap=True)
    if report.baseline is not None:
        table.add_column("difference", justify="right", no_wrap=True)
        table.add_column("", no_wrap=True)
    for name in ("full", "words", "bits", *(("symbols", "perfect", "excess") if report.noisy else ())):
        table.add_column(name, justify="right", no_wrap=True)
    several = len(report.set.images) > 1
    for summary in report.ranked:
        row = [summary.curve.printed, summary.curve.captioner]
        row.append(estimate_text(summary.auc, places, interval=several))
        if report.baseline is not None:
            gap = summary.difference
            auc = gap.auc if gap is not None else None
            row.append(estimate_text(auc, places, interval=several, sign="+", none="baseline"))
            row.append("" if gap is None else gap.verdict or "unclear")
        row += [f"{summary.full.mean:.{places}f}", f"{summary.words:.1f}", f"{summary.bits[-1]:.0f}"]
        row += spent_texts(summary.spent) if report.noisy else []
        table.add_row(*row)
    return table


def new_table() -> Table:
    """A table as reports have it, with the columns that name a curve."""
    table = Table(box=box.SIMPLE_HEAD, expand=True, show_edge=False, pad_edge=False, padding=0)
    table.add_column("method", overflow="fold", ratio=1)
    table.add_column("by", no_wrap=True)
    return table


def _places(report: Report) -> int:
    """Decimals that make sense of the metric: three for scores about 1, two for decibels."""
    return 3 if max(float(abs(summary.mean).max()) for summary in report.summaries) < 10 else 2


def _receiver(summaries: Sequence[Summary]) -> str:
    """`, 4 steps, guidance 3.0, 64 x 64`, where all curves have the same receiver."""
    settings = [summary.curve.settings["receiver"] for summary in summaries]
    first = settings[0]
    if any(other != first for other in settings):
        return ", several receivers"
    text = ""
    if "steps" in first:
        text += f", {first['steps']} step{'s' * (first['steps'] != 1)}"
    if "guidance" in first:
        text += f", guidance {first['guidance']:g}"
    if "width" in first and "height" in first:
        text += f", {first['width']} x {first['height']} pixels"
    return text
