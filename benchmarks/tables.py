"""Tables of docs/results.md, from reports as JSON.

    lsc --json report --compare --baseline order > order.json
    lsc --json report --compare --baseline random > random.json
    python benchmarks/tables.py methods order.json random.json
    python benchmarks/tables.py energy noisy.json

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

from lsccli.core.scc import settings_of

STEP_DB = 2.0
# Settings that make no other scheme.
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
    return f"{auc['mean']:+.3f} [{auc['low']:+.3f}, {auc['high']:+.3f}] {gap['verdict']}"


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
            f"| `{curve['label']}`{' (oracle)' if curve['oracle'] else ''} | {curve['captioner']} "
            f"| {curve['auc']:.3f} [{curve['auc_low']:.3f}, {curve['auc_high']:.3f}] | {difference(curve)} "
            f"| {difference(other)} | {curve['points'][-1]['mean']:.3f} | {curve['words']:.1f} "
            f"| {curve['bits']:.0f} |"
        )
    return lines


def energy(report: dict[str, Any]) -> list[str]:
    """A row per scheme, a column per energy; empty where the scheme's sweep does not reach."""
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    settings = [curve["settings"]["channel"] for curve in report["curves"]]
    names = sorted({name for one in settings for name in one})
    differ = [n for n in names if n not in POINT and len({str(one.get(n)) for one in settings}) > 1]
    for curve, channel in zip(report["curves"], settings, strict=True):
        scheme = ", ".join(f"{n} {channel[n]}" for n in differ if n in channel) or "none"
        spent = 10 * math.log10(curve["spent"]["symbols"] * settings_of(channel).es_n0)
        found[scheme].append((spent, curve["points"][-1]["mean"]))
    every = [spent for points in found.values() for spent, _ in points]
    columns = np.arange(STEP_DB * math.ceil(min(every) / STEP_DB), max(every), STEP_DB)
    lines = [
        f"{report['images']} images; {report['metric']} after the last word, {report['better']} is better; "
        "energy per image over N0 in dB.",
        "",
        "| scheme | " + " | ".join(f"{c:.0f}" for c in columns) + " |",
        "|---|" + "---|" * len(columns),
    ]
    for scheme, points in sorted(found.items()):
        x, y = zip(*sorted(points), strict=True)
        values = np.interp(columns, x, y, left=math.nan, right=math.nan)
        lines.append(
            f"| {scheme} | " + " | ".join("" if math.isnan(v) else f"{v:.3f}" for v in values) + " |"
        )
    return lines


def main() -> None:
    """Print one kind of table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=("methods", "energy"))
    parser.add_argument("reports", type=Path, nargs="+", metavar="REPORT.json")
    options = parser.parse_args()
    reports = [read(path) for path in options.reports]
    if len(reports) != {"methods": 2, "energy": 1}[options.kind]:
        parser.error("methods takes two reports, energy one")
    print("\n".join(methods(*reports) if options.kind == "methods" else energy(*reports)))


if __name__ == "__main__":
    main()
