"""Words and bits to a score as a table on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsccli.core.report.axes import WORDS
from lsccli.core.report.missing import left_out_lines
from lsccli.core.report.reach import ReachReport
from lsccli.core.report.tables import WIDTH, new_table, print_warnings, seeds_text, simulates_bob_text
from lsccli.core.report.wording import counted, estimate_text

if TYPE_CHECKING:
    from rich.console import Console


def print_reach(console: Console, report: ReachReport) -> None:
    """Print the methods, the one that needs the fewest bits (or words) first, and notes.

    Where no image is decided, prints the one line that says which command helps.
    """
    width = min(console.width, WIDTH)
    if report.set.nothing is not None:
        console.print(report.set.nothing, soft_wrap=True)
        return
    table = new_table()
    longest = report.set.longest
    most = f"{report.most:.0f}"
    for name in (
        "words to X",
        "bits to X",
        "never",
        f"words, never = {longest}",
        f"bits, never = {most}",
    ):
        table.add_column(name, justify="right", no_wrap=True)
    several = len(report.set.images) > 1
    for one in report.ranked:
        columns = (
            (one.words, 1),
            (one.bits, 0),
            (one.never, 2),
            (one.restricted, 1),
            (one.restricted_bits, 0),
        )
        ranges = (False, False, several, report.by == WORDS and several, report.by != WORDS and several)
        cells = [
            estimate_text(value, places, interval=interval)
            for (value, places), interval in zip(columns, ranges, strict=True)
        ]
        table.add_row(one.printed, one.captioner, *cells)
    console.print(table, width=width)
    for line in _notes(report):
        console.print(line, width=width)
    for line in left_out_lines(report.set.incomplete, report.set.missing):
        console.print(line, soft_wrap=True)
    print_warnings(console, report.set)


def _notes(report: ReachReport) -> list[str]:
    base, count = report.set, len(report.set.images)
    sign = "at most" if base.better == "lower" else "at least"
    lines = [
        f"X: {base.metric} {sign} {report.stop.typed}; {counted(count, 'image')}; profile {base.profile}"
        f"{seeds_text(base)}. Where the empty prompt is there already, that is 0 words.",
        "words, bits: means over the images that got there; never: share of transmissions that did not, mean "
        "over all images.",
        f"Methods compare in {report.by}: all images, {base.longest} words or {report.most:.0f} bits for "
        "what never got there.",
    ]
    if count > 1:
        lines.append("In brackets: 95 % intervals over images, of a share Wilson's, else Student's.")
    if any(one.simulates_bob for one in report.methods):
        lines.append(simulates_bob_text(report.methods, base))
    if base.left_out:
        lines.append(f"Left out: {counted(base.left_out, 'image')} not decided in every method.")
    if base.unsent:
        lines.append(f"Not in it: {counted(base.unsent, 'image')} not sent by any method.")
    return lines
