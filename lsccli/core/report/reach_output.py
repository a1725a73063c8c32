"""Words and bits to a score as a table on the terminal, and as files."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lsccli.core.errors import LscError
from lsccli.core.report.missing import in_short
from lsccli.core.report.reach import ReachReport, as_dict
from lsccli.core.report.summary import Estimate
from lsccli.core.report.tables import WIDTH
from lsccli.core.store.keys import canonical_json

_ESTIMATES = ("words", "bits", "never", "restricted")
_COLUMNS = [
    *("label", "method", "importance", "captioner", "oracle", "stop_at", "images", "reached", "replicates"),
    *(f"{name}{end}" for name in _ESTIMATES for end in ("", "_low", "_high")),
    "settings",
]


def print_reach(console: Console, report: ReachReport) -> None:
    """Print the methods, the one that needs the fewest words first, and notes.

    Where no image is decided, prints the one line that says which command helps.
    """
    width = min(console.width, WIDTH)
    if report.set.nothing is not None:
        console.print(Text(report.set.nothing), soft_wrap=True)
        return
    table = Table(box=box.SIMPLE_HEAD, expand=True, show_edge=False, pad_edge=False, padding=0)
    table.add_column("method", overflow="fold", ratio=1)
    table.add_column("by", no_wrap=True)
    longest = report.set.longest
    for name in ("words to X", "bits to X", "never", f"words, never = {longest}"):
        table.add_column(name, justify="right", no_wrap=True)
    several = len(report.set.images) > 1
    for one in sorted(report.methods, key=lambda one: one.restricted.mean):
        table.add_row(
            Text(f"{one.label} (oracle)" if one.oracle else one.label),
            Text(one.captioner),
            _text(one.words, 1, several),
            _text(one.bits, 0, several),
            _text(one.never, 2, several),
            _text(one.restricted, 1, several),
        )
    console.print(table, width=width)
    for line in _notes(report):
        console.print(Text(line), width=width)


def _notes(report: ReachReport) -> list[str]:
    base, count = report.set, len(report.set.images)
    sign = "at most" if base.better == "lower" else "at least"
    images = f"{count} image{'s' * (count != 1)}"
    lines = [
        f"X: {base.metric} {sign} {report.stop.typed}; {images}; profile {base.profile}. "
        "Where the empty prompt is there already, that is 0 words.",
        "words, bits: means over the images that got there; never: share of transmissions that did not, mean "
        "over all images.",
        f"Methods compare in the last column: all images, {base.longest} words for what never got there.",
    ]
    if count > 1:
        lines.append("In brackets: 95 % bootstrap intervals over images.")
    if any(one.oracle for one in report.methods):
        lines.append("(oracle): uses what Alice cannot know in practice; a bound, not a method.")
    if base.left_out:
        lines.append(
            f"Left out: {base.left_out} image{'s' * (base.left_out != 1)} not decided in every method."
        )
    if base.unsent:
        lines.append(f"Not in it: {base.unsent} image{'s' * (base.unsent != 1)} not sent by any method.")
    return [*lines, *(f"Missing: {line}" for line in in_short(base.missing))]


def _text(value: Estimate | None, places: int, several: bool) -> Text:
    if value is None:
        return Text("–")
    text = f"{value.mean:.{places}f}"
    return Text(f"{text} [{value.low:.{places}f}, {value.high:.{places}f}]" if several else text)


def write_files(report: ReachReport, folder: Path) -> list[Path]:
    """Write reach.csv and reach.json; the paths written.

    Raises:
        LscError: where no image is decided, or the folder cannot be written.
    """
    if report.set.nothing is not None:
        raise LscError(report.set.nothing)
    facts = as_dict(report)
    table, whole = folder / "reach.csv", folder / "reach.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(facts, indent=2, ensure_ascii=False, allow_nan=False)
        whole.write_text(text + "\n", encoding="utf-8")
        with table.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, _COLUMNS, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(_rows(facts))
    except OSError as error:
        raise LscError(f"Cannot write the report to {folder}: {error.strerror or error}.") from error
    return [table, whole]


def _rows(facts: dict[str, Any]) -> Sequence[dict[str, Any]]:
    rows = []
    for one in facts["methods"]:
        row = {**one, "stop_at": facts["stop_at"], "settings": canonical_json(one["settings"])}
        for name in _ESTIMATES:
            value = one[name]  # None where no image got there
            row[name] = None if value is None else value["mean"]
            row[f"{name}_low"] = None if value is None else value["low"]
            row[f"{name}_high"] = None if value is None else value["high"]
        rows.append(row)
    return rows
