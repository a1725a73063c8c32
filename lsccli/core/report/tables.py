"""A report on the terminal: tables of at most 100 columns that read well in a plain log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from lsccli.core.report.axes import BITS, ENERGY, WORDS
from lsccli.core.report.curves import CurveSet
from lsccli.core.report.energy import is_guesser, spent_texts
from lsccli.core.report.labels import Labelled
from lsccli.core.report.material import Basis
from lsccli.core.report.missing import left_out_lines
from lsccli.core.report.summary import Report, Summary
from lsccli.core.report.wording import counted, estimate_text, p_text

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 100
WARNING = "yellow"
SIMULATES_BOB = "(simulates Bob): a search with knowledge of Bob, on one of his seeds."
# Words after which the score is printed: dense where curves fall steeply.
_COLUMNS = (0, 1, 2, 3, 5, 8)


def print_report(console: Console, report: Report, compare: bool = False) -> None:
    """Print the curves of each method, or with `compare` the methods side by side, and notes.

    Where there is no curve, prints the one line that says which command helps.
    """
    if report.set.nothing is not None:
        console.print(report.set.nothing, soft_wrap=True)
        return
    tables = [_comparison(report)] if compare else [_curves(report)]
    if compare and report.noisy:
        tables.append(_spending(report))
    for table in tables:
        console.print(table, width=min(console.width, WIDTH))
    for line in notes(report, compare):
        console.print(line, width=min(console.width, WIDTH))
    for line in report.unpaired if compare else ():
        console.print(line, soft_wrap=True)
    for line in left_out_lines(report.set.incomplete, report.set.missing):
        console.print(line, soft_wrap=True)  # with commands, which a line's end would cut
    print_warnings(console, report.set)


def print_warnings(console: Console, curves: Basis) -> None:
    """Print what a reader must know before believing a figure, in colour."""
    for line in curves.notes:
        console.print(f"Note: {line}", width=min(console.width, WIDTH), style=WARNING)


def notes(report: Report, compare: bool) -> list[str]:
    """What is compared, how, and what is left out; a line each."""
    curves = report.set
    count = len(curves.images)
    lines = [
        f"{curves.metric}, {curves.better} is better; {counted(count, 'image')}; "
        f"profile {curves.profile}{_receiver(report.summaries)}{seeds_text(curves)}.",
        f"Means over images, carried forward after the last word; AUC: area under the score over 0 to "
        f"{_ends(curves)}, divided by that length.",
        "by: whose captions; words, bits: sent in all, bits on the channel.",
    ]
    if compare and report.baseline is not None:
        lines.append(
            f"Difference: AUC over {report.by} minus that of {report.baseline} on the same captions, paired "
            "by image; in brackets 95 % intervals (Student's); p: changes of signs, by Holm over the table."
        )
    if compare and report.family is not None:
        lines += report.family.lines(_places(report))
    if compare and report.noisy:
        lines.append(
            "symbols: sent per image; perfect: that a perfect code would take for as many words; excess: "
            "Es/N0 above the least there is for them, in dB. Beaten with a probability of 10^-6 at most."
        )
    lines += _stretched(report)
    lines += floors(report)
    spent = [summary.spent for summary in report.summaries if summary.spent]
    lines += dict.fromkeys(one.no_limit for one in spent if one.no_limit and compare)
    lines += dict.fromkeys(one.no_floor for one in spent if one.no_floor)
    if any(summary.curve.simulates_bob for summary in report.summaries):
        lines.append(simulates_bob_text([summary.curve for summary in report.summaries], curves))
    if curves.left_out:
        lines.append(f"Left out: {counted(curves.left_out, 'image')} not complete in every curve.")
    if curves.unsent:
        lines.append(f"Not in any curve: {counted(curves.unsent, 'image')} not sent by any method.")
    return lines


def _stretched(report: Report) -> list[str]:
    """What is said where most of an axis lies behind what some curves spend."""
    end = report.set.ends[report.by]
    if report.by == WORDS or not report.summaries:
        return []
    least = min(summary.curve.most[report.by] for summary in report.summaries)
    if end < 3 * least:
        return []
    return [
        f"The {report.by} axis is {_times(end / least)} as long as what some curves spend; there the score "
        f"after their last word weighs most. Compare like with like (--where), or fix --to-{report.by}.",
    ]


def _times(ratio: float) -> str:
    return f"{ratio:.0f} times" if ratio < 1e4 else "many times"


def seeds_text(curves: Basis) -> str:
    """`, seed 100`: what Bob drew with."""
    seeds = curves.receiver_seeds
    return f", seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))}" if seeds else ""


def simulates_bob_text(methods: Sequence[Labelled], curves: Basis) -> str:
    """What (simulates Bob) means, and the seed that such methods chose with, where Bob drew with another."""
    own = {one.settings["method"].get("search", {}).get("seed") for one in methods if one.simulates_bob}
    unseen = sorted(own - {None} - set(curves.receiver_seeds))
    told = f" Chosen with seed {', '.join(map(str, unseen))}, unlike what is scored here." if unseen else ""
    return SIMULATES_BOB + told


def _curves(report: Report) -> Table:
    longest = report.set.longest
    shown = [k for k in _COLUMNS if k < longest]
    table = new_table()
    for name in (*map(str, shown), "full"):
        table.add_column(name, justify="right", no_wrap=True)
    _add_area(table, report.by)
    for name in ("words", "bits"):
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
    """What Bob could read of each curve by guessing, where he knows words and their lengths for nothing."""
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
        f"floor: where Bob knows words, {share} % of them could be read by guessing from lengths alone, "
        "which ideal framing gives for nothing."
    ]


def _comparison(report: Report) -> Table:
    """Verdicts; without noise also what was spent, for which there is room then."""
    places = _places(report)
    several = len(report.set.images) > 1
    table = new_table()
    interval = several and report.baseline is None
    _add_area(table, report.by, narrow=not interval)
    if report.baseline is not None:
        table.add_column("difference", justify="right", no_wrap=True)
        table.add_column("p", justify="right", no_wrap=True)
        table.add_column("", no_wrap=True)
    spent = [] if report.noisy else _add_spent(table, report)
    table.add_column("full", justify="right", no_wrap=True)
    for summary in report.ranked:
        row = [summary.curve.printed, summary.curve.captioner]
        # Beside a difference with its interval there is no room for a second one.
        row.append(estimate_text(summary.auc, places, interval=interval))
        if report.baseline is not None:
            row += _difference(summary, places, several)
        row += [make(summary) for make in spent]
        table.add_row(*row, f"{summary.full.mean:.{places}f}")
    return table


def _spending(report: Report) -> Table:
    """What was spent over channels with noise."""
    table = new_table()
    spent = _add_spent(table, report)
    for name in ("symbols", "perfect", "excess"):
        table.add_column(name, justify="right", no_wrap=True)
    for summary in report.ranked:
        row = [summary.curve.printed, summary.curve.captioner, *(make(summary) for make in spent)]
        table.add_row(*row, *spent_texts(summary.spent))
    return table


def _add_spent(table: Table, report: Report) -> list[Callable[[Summary], str]]:
    """Columns of the areas over the other axes, of words and of bits, and what makes the cell of each."""
    places = _places(report)
    made: list[Callable[[Summary], str]] = []
    for axis in report.set.ends:
        if axis != report.by:
            _add_area(table, axis)
            made.append(lambda one, axis=axis: f"{one.areas[axis].mean:.{places}f}")  # type: ignore[misc]
    for name in ("words", "bits"):
        table.add_column(name, justify="right", no_wrap=True)
    return [*made, lambda one: f"{one.words:.1f}", lambda one: f"{one.bits[-1]:.0f}"]


def _add_area(table: Table, axis: str, *, narrow: bool = True) -> None:
    """A column of areas over an axis; where there are no intervals its head takes two lines."""
    width = max(6, len(axis)) if narrow else None
    table.add_column(f"AUC {axis}", justify="right", no_wrap=not narrow, max_width=width)


def _difference(summary: Summary, places: int, several: bool) -> list[str]:
    gap = summary.difference
    if gap is None:
        return ["baseline" if summary.is_baseline else "unpaired", "", ""]
    told = estimate_text(gap.auc, places, interval=several, sign="+")
    return [told, p_text(gap.adjusted), gap.verdict or "unclear"]


def _ends(curves: CurveSet) -> str:
    """`12 words, 470 bits`: where each axis ends."""
    told = {WORDS: "{} words", BITS: "{} bits", ENERGY: "an energy of {} N0"}
    return ", ".join(told[axis].format(_length(end)) for axis, end in curves.ends.items())


def _length(end: float) -> str:
    return f"{end:.0f}" if 10 <= end < 1e7 else f"{end:.4g}"


def new_table() -> Table:
    """A table as reports have it, with the columns that name a curve."""
    table = Table(box=box.SIMPLE_HEAD, expand=True, show_edge=False, pad_edge=False, padding=0)
    table.add_column("method", overflow="fold", ratio=1, min_width=20)
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
