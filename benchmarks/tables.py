"""Tables of docs/results.md, from reports as JSON.

    lsc --json report --compare --baseline order > order.json
    lsc --json report --compare --baseline random > random.json
    python benchmarks/tables.py methods order.json random.json
    python benchmarks/tables.py energy noisy.json --figure energy.png

`methods` sets each method beside both baselines. `energy` sets operating points side by side at equal energy
per image: a curve's energy is Σ symbols · Es/N0 in dB, and its score after the last word is interpolated
linearly between its points; schemes are named by the channel settings in which they differ.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

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


def difference(curve: dict[str, Any]) -> str:
    """AUC minus the baseline's, with its interval and verdict."""
    gap = curve["difference"]
    if gap is None:
        return "baseline"
    auc = gap["auc"]
    return f"{auc['mean']:+.3f} [{auc['low']:+.3f}, {auc['high']:+.3f}] {gap['verdict'] or 'unclear'}"


def methods(order: dict[str, Any], random: dict[str, Any]) -> list[str]:
    """A row per method, best first."""
    sign = 1 if order["better"] == "lower" else -1
    others = {(c["label"], c["captioner"]): c for c in random["curves"]}
    lines = [
        f"{order['images']} images; {order['metric']}, {order['better']} is better.",
        "",
        "| method | captions | AUC | against `order` | against `random` | full caption | words | bits |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for curve in sorted(order["curves"], key=lambda c: sign * c["auc"]):
        other = others[curve["label"], curve["captioner"]]
        lines.append(
            f"| `{curve['label'].removesuffix(' [reorder=none]')}`"
            f"{' (simulates Bob)' if curve['simulates_bob'] else ''} "
            f"| {curve['captioner']} "
            f"| {curve['auc']:.3f} [{curve['auc_low']:.3f}, {curve['auc_high']:.3f}] | {difference(curve)} "
            f"| {difference(other)} | {curve['points'][-1]['mean']:.3f} | {curve['words']:.1f} "
            f"| {curve['bits']:.0f} |"
        )
    return lines


def schemes(report: dict[str, Any]) -> dict[str, list[tuple[float, float]]]:
    """The points (energy per image over N0 in dB, score after the last word) of each scheme, in order."""
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    settings = [curve["settings"]["channel"] for curve in report["curves"]]
    names = sorted({name for one in settings for name in one})
    differ = [n for n in names if n not in POINT and len({str(one.get(n)) for one in settings}) > 1]
    for curve, channel in zip(report["curves"], settings, strict=True):
        own = {n: channel[n] for n in differ if n in channel and channel[n] != USUAL.get(n)}
        scheme = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in own.items())
        spent = 10 * math.log10(curve["spent"]["symbols"] * settings_of(channel).es_n0)
        found[scheme].append((spent, curve["points"][-1]["mean"]))
    return {scheme: sorted(points) for scheme, points in sorted(found.items())}


def energy(report: dict[str, Any]) -> list[str]:
    """A row per scheme, a column per energy; empty where the scheme's sweep does not reach."""
    found = schemes(report)
    every = [spent for points in found.values() for spent, _ in points]
    columns = np.arange(STEP_DB * math.ceil(min(every) / STEP_DB), max(every), STEP_DB)
    lines = [
        f"{report['images']} images; {report['metric']} after the last word, {report['better']} is better; "
        "energy per image over N0 in dB.",
        "",
        "| scheme | " + " | ".join(f"{c:.0f}" for c in columns) + " |",
        "|---|" + "---|" * len(columns),
    ]
    for scheme, points in found.items():
        x, y = zip(*points, strict=True)
        values = np.interp(columns, x, y, left=math.nan, right=math.nan)
        lines.append(
            f"| {scheme} | " + " | ".join("" if math.isnan(v) else f"{v:.3f}" for v in values) + " |"
        )
    return lines


def figure(report: dict[str, Any], path: Path) -> None:
    """The same as a picture."""
    page = new_figure(7, 4.2)
    axes = page.add_subplot(
        xlabel="energy per image over N0 (dB)", ylabel=f"{report['metric']} after the last word"
    )
    for marker, (scheme, points) in zip("osv^D<>Px*hd", schemes(report).items(), strict=False):
        axes.plot(*zip(*points, strict=True), marker=marker, markersize=4, label=scheme)
    axes.legend(fontsize=7)
    axes.grid(alpha=0.3)
    save(page, path, dpi=130)


def main() -> None:
    """Print one kind of table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=("methods", "energy"))
    parser.add_argument("reports", type=Path, nargs="+", metavar="REPORT.json")
    parser.add_argument("--figure", type=Path, help="energy: draw the points there")
    options = parser.parse_args()
    reports = [read(path) for path in options.reports]
    if len(reports) != {"methods": 2, "energy": 1}[options.kind]:
        parser.error("methods takes two reports, energy one")
    if options.figure:
        figure(reports[0], options.figure)
    print("\n".join(methods(*reports) if options.kind == "methods" else energy(*reports)))


if __name__ == "__main__":
    main()
