"""A report on the terminal: tables of at most 100 columns that read well in a plain log."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lsccli.core.report.missing import in_short
from lsccli.core.report.summary import Estimate, Report, Summary

WIDTH = 100
# Words after which the score is printed: dense where curves fall steeply.
_COLUMNS = (0, 1, 2, 3, 5, 8)


def print_report(console: Console, report: Report, compare: bool = False) -> None:
    """Print the curves of each method, or with `compare` the methods side by side, and notes.

    Where there is no curve, prints the one line that says which command helps.
    """
    if report.set.nothing is not None:
        console.print(Text(report.set.nothing), soft_wrap=True)
        return
    console.print(_comparison(report) if compare else _curves(report), width=min(console.width, WIDTH))
    for line in notes(report, compare):
        console.print(Text(line), width=min(console.width, WIDTH))


def notes(report: Report, compare: bool) -> list[str]:
    """What is compared, how, and what is left out; a line each."""
    curves = report.set
    count = len(curves.images)
    lines = [
        f"{curves.metric}, {curves.better} is better; {_images(count)}; "
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
    if compare and any(summary.spent for summary in report.summaries):
        lines.append(
            "symbols: sent per image; limit: that the source bits take at capacity; gap: Eb/N0 spent per "
            "delivered source bit over the least, in dB."
        )
    if compare and count < 10:
        lines.append(f"Only {_images(count)}: intervals over so few say little.")
    if any(summary.curve.oracle for summary in report.summaries):
        lines.append("(oracle): uses what Alice cannot know in practice; a bound, not a method.")
    if curves.left_out:
        lines.append(f"Left out: {_images(curves.left_out)} not complete in every curve.")
    if curves.unsent:
        lines.append(
            f"Not in any curve: {_images(curves.unsent)} not sent by any method; lsc run sends them."
        )
    lines += [f"Missing: {line}" for line in in_short(curves.missing)]
    return lines


def _curves(report: Report) -> Table:
    longest = report.set.longest
    shown = [k for k in _COLUMNS if k < longest]
    table = _table()
    table.add_column("method", overflow="fold", ratio=1)
    table.add_column("by", no_wrap=True)
    for name in (*map(str, shown), "full", "AUC", "words", "bits"):
        table.add_column(name, justify="right", no_wrap=True)
    places = _places(report)
    for summary in report.summaries:
        values = [*(float(summary.mean[k]) for k in shown), summary.full.mean, summary.auc.mean]
        table.add_row(
            Text(summary.label),
            Text(summary.curve.captioner),
            *(f"{value:.{places}f}" for value in values),
            f"{summary.words:.1f}",
            f"{summary.bits[-1]:.0f}",
        )
    return table


def _comparison(report: Report) -> Table:
    sign = 1 if report.set.better == "lower" else -1
    ranked = sorted(report.summaries, key=lambda summary: sign * summary.auc.mean)
    places = _places(report)
    table = _table()
    table.add_column("method", overflow="fold", ratio=1)
    table.add_column("by", no_wrap=True)
    table.add_column("AUC", justify="right", no_wrap=True)
    if report.baseline is not None:
        table.add_column("difference", justify="right", no_wrap=True)
        table.add_column("", no_wrap=True)
    noisy = any(summary.spent for summary in ranked)
    for name in ("full", "words", "bits", *(("symbols", "limit", "gap") if noisy else ())):
        table.add_column(name, justify="right", no_wrap=True)
    several = len(report.set.images) > 1
    for summary in ranked:
        row = [Text(summary.label), Text(summary.curve.captioner), _estimate(summary.auc, places, several)]
        if report.baseline is not None:
            gap = summary.difference
            row.append(Text("baseline") if gap is None else _estimate(gap.auc, places, several, "+"))
            row.append(Text("" if gap is None or not several else gap.verdict or "unclear"))
        row += [
            Text(f"{summary.full.mean:.{places}f}"),
            Text(f"{summary.words:.1f}"),
            Text(f"{summary.bits[-1]:.0f}"),
            *([Text(cell) for cell in _spent(summary)] if noisy else []),
        ]
        table.add_row(*row)
    return table


def _spent(summary: Summary) -> tuple[str, str, str]:
    if (spent := summary.spent) is None:
        return ("–", "–", "–")
    least, gap = spent.least_symbols, spent.gap_db
    return (
        f"{spent.symbols:.0f}",
        "–" if least is None else f"{least:.0f}",
        "–" if gap is None else f"{gap:.1f}",
    )


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, expand=True, show_edge=False, pad_edge=False, padding=0)


def _estimate(value: Estimate, places: int, several: bool, sign: str = "") -> Text:
    text = f"{value.mean:{sign}.{places}f}"
    if several:
        text += f" [{value.low:{sign}.{places}f}, {value.high:{sign}.{places}f}]"
    return Text(text)


def _places(report: Report) -> int:
    """Decimals that make sense of the metric: three for scores about 1, two for decibels."""
    return 3 if max(float(abs(summary.mean).max()) for summary in report.summaries) < 10 else 2


def _images(count: int) -> str:
    return f"{count} image" if count == 1 else f"{count} images"


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
