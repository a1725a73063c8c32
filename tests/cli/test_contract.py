"""What `--json` prints, object by object, and that nothing else reaches standard output."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Lsc

STAGE = {
    "stage": str,
    "units": int,
    "new": int,
    "cached": int,
    "failed": int,
    "failures": list,
    "made_first": list,
    "seconds": float,
}
CURVE = {"method": str, "captioner": str, "settings": dict, "images": int, "auc": float, "points": list}
POINT = {"words": int, "bits": float, "mean": float, "low": float, "high": float, "n": int}


def test_every_stage_prints_one_object_and_nothing_else(lsc: Lsc, small: Path) -> None:
    commands = (
        ("caption", small, "--captioner", "dataset"),
        ("rank", "--method", "order", "--captioner", "dataset"),
        ("transmit", "--method", "order", "--captioner", "dataset"),
        ("generate",),
        ("score",),
    )
    for command in commands:
        done = lsc("--json", *command)
        assert done.out.count("\n") == 1
        _check_stage(done.json, command[0])
        assert done.json["new"] == done.json["units"] > 0
        assert "models tiny: random weights" in done.err
    report = lsc("--json", "report")
    assert report.out.count("\n") == 1
    _check_report(report.json, images=3)


def test_run_prints_its_stages_and_its_report(lsc: Lsc, small: Path) -> None:
    done = lsc("--json", "run", small, "--captioner", "dataset", "-m", "Order", "-m", "RANDOM")
    assert list(done.json) == ["stages", "report"]
    assert done.out.count("\n") == 1
    names = ["caption", "rank", "transmit", "generate", "score"]
    for stage, name in zip(done.json["stages"], names, strict=True):
        _check_stage(stage, name)
    _check_report(done.json["report"], images=3)
    assert {curve["method"] for curve in done.json["report"]["curves"]} == {"order", "random"}
    assert "estimate: 3 images, 2 methods" in done.err
    assert lsc.json("report") == done.json["report"]


def test_points_are_scores_against_words_and_cumulative_bits(lsc: Lsc, small: Path) -> None:
    made = lsc.json("run", small, "--captioner", "dataset", "-m", "order")
    (curve,) = made["report"]["curves"]
    # "a red ball", "two birds", "a cat": eight bits a byte, and a space from the second word on.
    assert [point["words"] for point in curve["points"]] == [0, 1, 2, 3]
    bits = [(0, 8, 40, 80), (0, 24, 72, 72), (0, 8, 40, 40)]
    expected = [sum(column) / 3 for column in zip(*bits, strict=True)]
    assert [point["bits"] for point in curve["points"]] == pytest.approx(expected)
    means = [point["mean"] for point in curve["points"]]
    area = sum((a + b) / 2 for a, b in itertools.pairwise(means)) / 3
    assert curve["areas"]["words"]["mean"] == pytest.approx(area)
    assert curve["auc"] == curve["areas"]["bits"]["mean"]
    assert all(point["low"] <= point["mean"] <= point["high"] for point in curve["points"])


SEARCHES = ["allBob", "allBob_clipTX", "exhaustive"]


def test_the_lists_are_json_too(lsc: Lsc) -> None:
    methods = {entry["method"]: entry for entry in lsc.json("methods")["methods"]}
    assert {"order", "random", "prompttune", "partBob", "allBob", "allBob_clipTX"} <= set(methods)
    assert methods["partBob"]["importances"] == ["most", "least", "both"]
    assert methods["random"]["options"] == ["--seeds"]
    assert [name for name, entry in methods.items() if entry["simulates_bob"]] == SEARCHES
    models = lsc.json("models")
    assert models["profile"] == "tiny"
    assert {role["role"] for role in models["roles"]} >= {"captioner", "receiver", "parser", "metric"}
    assert {entry["name"] for entry in models["captioners"]} == {
        *("blip", "clip", "skd", "dataset", "interrogator", "skd-context"),
    }
    assert {entry["name"] for entry in models["metrics"]} >= {"ssim", "psnr", "stlpips-alex", "lpips-alex"}
    config = lsc.json("config")["config"]
    assert [set(row) for row in config] == [{"option", "value", "source"}] * 10


def test_lists_are_tables_without_json(lsc: Lsc) -> None:
    for command in ("methods", "models", "config"):
        done = lsc(command)
        assert max(map(len, done.out.splitlines())) > 20
        assert not done.out.lstrip().startswith("{")
    listed = lsc("methods").out
    assert listed.count("(simulates Bob)") == len(SEARCHES)
    assert "oracle" not in listed


def test_names_in_any_letter_case(lsc: Lsc, small: Path) -> None:
    lsc("caption", small, "--captioner", "DataSet")
    sent = lsc.json("transmit", "--method", "PARTbob", "--importance", "LEAST", "--captioner", "DATASET")
    assert sent["new"] == 3
    assert lsc.json("score", "--metric", "PSNR")["new"] > 0
    (curve,) = lsc.json("report", "--metric", "psnr", "--captioner", "Dataset")["curves"]
    assert (curve["label"], curve["captioner"]) == ("partBob:least", "dataset")


def test_quiet_says_nothing(lsc: Lsc, small: Path) -> None:
    done = lsc("--quiet", "caption", small, "--captioner", "dataset")
    assert (done.out, done.err) == ("", "")


@pytest.mark.parametrize("command", [["--help"], ["report"], ["methods"], ["config"], ["--version"]])
def test_light_commands_load_no_model_library(
    tmp_path: Path, lsc: Lsc, small: Path, command: list[str]
) -> None:
    if command == ["report"]:
        lsc("run", small, "--captioner", "dataset", "-m", "order")
    script = (
        "import sys\nfrom lsccli.cli import _run\n"
        f"code = _run({command!r})\n"
        "large = {'torch', 'transformers', 'diffusers', 'spacy', 'alembic', 'matplotlib'}\n"
        "heavy = large & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else code)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def _check_stage(stage: dict[str, Any], name: str) -> None:
    assert {key: type(value) for key, value in stage.items()} == STAGE
    assert list(stage) == list(STAGE)
    assert stage["stage"] == name
    assert stage["units"] == stage["new"] + stage["cached"] + stage["failed"]
    assert min(stage[count] for count in ("units", "new", "cached", "failed")) >= 0


def _check_report(report: dict[str, Any], images: int) -> None:
    assert report["metric"] == "ssim"
    for curve in report["curves"]:
        assert {key: type(curve[key]) for key in CURVE} == CURVE
        assert "importance" in curve
        assert curve["images"] == images
        for point in curve["points"]:
            assert {key: type(value) for key, value in point.items()} == POINT
        assert curve["settings"].keys() >= {"captioner", "method", "channel", "receiver", "metric"}
