"""Tables of the docs from reports written by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import tables


def curve(label: str, auc: float, gap: tuple[float, str] | None = None, **given: Any) -> dict[str, Any]:
    """A curve as a report has it; `gap` is its adjusted p and verdict."""
    around = {"mean": auc, "low": auc - 0.01, "high": auc + 0.01}
    beside = {"mean": -0.1, "low": -0.15, "high": -0.05}
    return {
        "label": label, "captioner": "blip", "simulates_bob": False, "auc": auc, "words": 9.06, "bits": 331.2,
        "areas": {"bits": around, "words": around | {"mean": auc + 0.2}}, "points": [{"mean": 0.0456}],
        "difference": None if gap is None else {"auc": beside, "adjusted": gap[0], "verdict": gap[1]},
    } | given  # fmt: skip


def report(*curves: dict[str, Any], **given: Any) -> dict[str, Any]:
    """A report of curves."""
    return {
        "metric": "stlpips-alex", "better": "lower", "images": 24, "by": "bits", "ends": {"bits": 456.0},
        "baseline": "order", "curves": list(curves),
    } | given  # fmt: skip


ORDER = report(
    curve("order [reorder=none]", 0.3),
    curve("allBob [reorder=none]", 0.2, (0.0002, "better"), simulates_bob=True),
    curve("Alice [reorder=free]", 0.25, (0.0513, "")),
)
RANDOM = report(
    curve("Alice [reorder=free]", 0.25, (0.02, "worse")),
    curve("order [reorder=none]", 0.3),
    curve("allBob [reorder=none]", 0.2, (0.04, "better"), simulates_bob=True),
    baseline="random",
)


def test_methods_side_by_side_the_best_first() -> None:
    lines = tables.methods(ORDER, RANDOM)
    assert lines[0] == "24 images; stlpips-alex, lower is better; differences are of the AUC over bits."
    assert lines[2].count("|") == lines[3].count("|") == lines[4].count("|") == 10
    assert lines[4:] == [
        "| `allBob` (simulates Bob) | blip | 0.200 [0.190, 0.210] | 0.400 [0.190, 0.210] "
        "| -0.100 [-0.150, -0.050], p < 0.001: better | -0.100 [-0.150, -0.050], p 0.040: better "
        "| 0.046 | 9.1 | 331 |",
        "| `Alice [reorder=free]` | blip | 0.250 [0.240, 0.260] | 0.450 [0.240, 0.260] "
        "| -0.100 [-0.150, -0.050], p 0.051: unclear | -0.100 [-0.150, -0.050], p 0.020: worse "
        "| 0.046 | 9.1 | 331 |",
        "| `order` | blip | 0.300 [0.290, 0.310] | 0.500 [0.290, 0.310] "
        "| baseline | unpaired | 0.046 | 9.1 | 331 |",
    ]


@pytest.mark.parametrize("other", [{"by": "words"}, {"images": 12}, {"ends": {"bits": 100.0}}])
def test_reports_over_different_things_make_no_table(other: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="different axes or images"):
        tables.methods(ORDER, RANDOM | other)


def test_verdicts_over_two_axes_are_counted_and_those_that_differ_told() -> None:
    lines = tables.axes(ORDER, RANDOM | {"by": "words"})
    assert lines[0] == (
        "Of 2 differences from `order`: over bits, 24 images: 1 better and 0 worse; over words, 24 images: "
        "1 better and 1 worse; contradictions: 0."
    )
    assert lines[2:] == ["- `Alice [reorder=free]` on blip: unclear, worse"]


def test_better_in_one_and_worse_in_the_other_is_a_contradiction() -> None:
    turned = report(curve("allBob [reorder=none]", 0.2, (0.01, "worse"), simulates_bob=True))
    assert tables.axes(ORDER, turned)[0].endswith("contradictions: 1.")


def test_the_command_reads_files_and_counts_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "order.json"
    file.write_text(json.dumps(ORDER), encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["tables", "methods", str(file)])
    tables.main()
    assert capsys.readouterr().out.splitlines() == tables.methods(ORDER)
    monkeypatch.setattr("sys.argv", ["tables", "axes", str(file)])
    with pytest.raises(SystemExit):
        tables.main()
