"""Tables of docs/results.md, from reports as JSON.

    lsc --json report --compare --baseline order > order.json
    lsc --json report --compare --baseline random > random.json
    lsc --json report --compare --baseline prompttune:heads > heads.json
    python benchmarks/tables.py methods order.json random.json heads.json
    python benchmarks/tables.py axes order.json order-words.json
    python benchmarks/tables.py energy noisy.json --figure energy.png

`methods` sets each method beside the baseline of each report. `axes` counts the verdicts of two reports, over
different axes or on different images, and lists those that are not the same in both. `energy` sets operating
points side by side at equal energy per image: a curve's energy is Σ symbols · Es/N0 in dB, and its score
after the last word, like the ends of its interval, is interpolated linearly between its points; schemes are
named by the channel settings in which they differ.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lsccli.core.report.canvas import new_figure, save
from lsccli.core.scc.coder import settings_of

STEP_DB = 2.0
# Settings that make no other scheme, and those that go without saying.
USUAL = {"source_code": "ascii8", "rate": 0.5}
POINT = ("ebn0_db", "esn0_db", "seed", "scc_reads", "scc_closeness", "vocabulary", "vocabulary_digest")


def read(path: Path) -> dict[str, Any]:
    """One report."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def difference(curve: dict[str, Any], baseline: str) -> str:
    """AUC minus the baseline's with its interval, p by Holm over the report, and the verdict."""
    gap = curve["difference"]
    if gap is None:
        return "baseline" if curve["label"].split(" [")[0] == baseline else "unpaired"
    auc = gap["auc"]
    interval = f"[{auc['low']:+.3f}, {auc['high']:+.3f}]" if auc["low"] is not None else ""
    return f"{auc['mean']:+.3f} {interval}, p {told(gap['adjusted'])}: {gap['verdict'] or 'unclear'}"


def told(p: float) -> str:
    """p to three digits, or that it is smaller."""
    return f"{p:.3f}" if p >= 0.001 else "< 0.001"


def name(curve: dict[str, Any]) -> str:
    """A method as its row names it."""
    mark = " (simulates Bob)" if curve["simulates_bob"] else ""
    return f"`{curve['label'].removesuffix(' [reorder=none]')}`{mark}"


def area(curve: dict[str, Any], axis: str) -> str:
    """The area over an axis, with its interval."""
    found = curve["areas"][axis]
    return f"{found['mean']:.3f} [{found['low']:.3f}, {found['high']:.3f}]"


def methods(*reports: dict[str, Any]) -> list[str]:
    """A row per method, best first by the axis of the reports; a column of differences per report.

    Raises:
        ValueError: where the reports are judged over different axes or images.
    """
    first = reports[0]
    if len({(report["by"], report["images"], str(report["ends"])) for report in reports}) > 1:
        raise ValueError("The reports are over different axes or images: make them with the same options.")
    sign = 1 if first["better"] == "lower" else -1
    others = [{(c["label"], c["captioner"]): c for c in report["curves"]} for report in reports]
    names = [report["baseline"] for report in reports]
    lines = [
        f"{first['images']} images; {first['metric']}, {first['better']} is better; "
        f"differences are of the AUC over {first['by']}.",
        "",
        "| method | captions | AUC over bits | over words | "
        + " | ".join(f"against `{each}`" for each in names)
        + " | full caption | words | bits |",
        "|" + "---|" * (7 + len(names)),
    ]
    for curve in sorted(first["curves"], key=lambda c: sign * c["auc"]):
        key = curve["label"], curve["captioner"]
        gaps = [difference(other[key], each) for other, each in zip(others, names, strict=True)]
        cells = [
            name(curve), curve["captioner"], area(curve, "bits"), area(curve, "words"), *gaps,
            f"{curve['points'][-1]['mean']:.3f}", f"{curve['words']:.1f}", f"{curve['bits']:.0f}",
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def axes(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """How many verdicts each report gives, and each that is not the same in both."""
    found = {(c["label"], c["captioner"]): c["difference"] for c in other["curves"]}
    pairs = [
        (name(c), c["captioner"], c["difference"], found.get((c["label"], c["captioner"])))
        for c in one["curves"]
        if c["difference"]
    ]
    rows = [(label, whose, a["verdict"], b["verdict"]) for label, whose, a, b in pairs if b]
    counts = [
        " and ".join(f"{sum(row[place] == v for row in rows)} {v}" for v in ("better", "worse"))
        for place in (2, 3)
    ]
    lines = [
        f"Of {len(rows)} differences from `{one['baseline']}`: over {one['by']}, {one['images']} images: "
        f"{counts[0]}; over {other['by']}, {other['images']} images: {counts[1]}; contradictions: "
        f"{sum({row[2], row[3]} == {'better', 'worse'} for row in rows)}.",
        "",
    ]
    return lines + [
        f"- {label} on {whose}: {a or 'unclear'}, {b or 'unclear'}" for label, whose, a, b in rows if a != b
    ]


class Point(NamedTuple):
    """A scheme at one Eb/N0: energy per image over N0 in dB, and the score after the last word."""

    energy: float
    mean: float
    low: float
    high: float


def schemes(report: dict[str, Any]) -> dict[str, list[Point]]:
    """The points of each scheme, by energy."""
    found: dict[str, list[Point]] = defaultdict(list)
    settings = [curve["settings"]["channel"] for curve in report["curves"]]
    names = sorted({name for one in settings for name in one})
    differ = [n for n in names if n not in POINT and len({str(one.get(n)) for one in settings}) > 1]
    for curve, channel in zip(report["curves"], settings, strict=True):
        own = {n: channel[n] for n in differ if n in channel and channel[n] != USUAL.get(n)}
        scheme = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in own.items())
        spent = 10 * math.log10(curve["spent"]["symbols"] * settings_of(channel).es_n0)
        last = curve["points"][-1]
        low, high = (last[end] if last[end] is not None else math.nan for end in ("low", "high"))
        found[scheme].append(Point(spent, last["mean"], low, high))
    return {scheme: sorted(points) for scheme, points in sorted(found.items())}


def energy(report: dict[str, Any]) -> list[str]:
    """A row per scheme, a column per energy; empty where the scheme's sweep does not reach."""
    found = schemes(report)
    every = [point.energy for points in found.values() for point in points]
    columns = np.arange(STEP_DB * math.ceil(min(every) / STEP_DB), max(every), STEP_DB)
    lines = [
        f"{report['images']} images; {report['metric']} after the last word, {report['better']} is better; "
        "energy per image over N0 in dB; in brackets Student's 95 % interval over images.",
        "",
        "| scheme | " + " | ".join(f"{c:.0f}" for c in columns) + " |",
        "|---|" + "---|" * len(columns),
    ]
    for scheme, points in found.items():
        at, *values = zip(*points, strict=True)
        rows = [np.interp(columns, at, value, left=math.nan, right=math.nan) for value in values]
        cells = [
            "" if math.isnan(mean) else f"{mean:.3f} [{low:.3f}, {high:.3f}]"
            for mean, low, high in zip(*rows, strict=True)
        ]
        lines.append(f"| {scheme} | " + " | ".join(cells) + " |")
    return lines


def figure(report: dict[str, Any], path: Path) -> None:
    """The same as a picture."""
    page = new_figure(9, 4.2)
    axes = page.add_subplot(
        xlabel="energy per image over N0 (dB)", ylabel=f"{report['metric']} after the last word"
    )
    for marker, (scheme, points) in zip("osv^D<>Px*hd", schemes(report).items(), strict=False):
        at, mean, low, high = (np.array(values) for values in zip(*points, strict=True))
        reach = np.array([mean - low, high - mean])
        axes.errorbar(at, mean, reach, marker=marker, markersize=4, capsize=2, linewidth=1, label=scheme)
    axes.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)
    axes.grid(alpha=0.3)
    save(page, path, dpi=130)


KINDS: dict[str, tuple[Callable[..., list[str]], int, int]] = {
    "methods": (methods, 1, 9),
    "axes": (axes, 2, 2),
    "energy": (energy, 1, 1),
}


def main() -> None:
    """Print one kind of table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("reports", type=Path, nargs="+", metavar="REPORT.json")
    parser.add_argument("--figure", type=Path, help="energy: draw the points there")
    options = parser.parse_args()
    reports = [read(path) for path in options.reports]
    make, least, most = KINDS[options.kind]
    if not least <= len(reports) <= most:
        parser.error("methods takes one report or more, axes two, energy one")
    if options.figure:
        figure(reports[0], options.figure)
    print("\n".join(make(*reports)))


if __name__ == "__main__":
    main()
