"""A store made by each release since 0.2.0 opens, and a run on it remembers everything."""

from __future__ import annotations

import json
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from lsccli.cli import _run
from lsccli.core.methods.base import METHODS
from lsccli.core.report.request import split_method
from tests.stores import make

KEPT = sorted(path.parent.name for path in make.HERE.glob("*/lsc.sqlite"))


def risen(run: tuple[str, ...]) -> bool:
    """Whether the rule of any method of a run has changed since 0.2.0, where all were of version 1."""
    names = [split_method(word) for flag, word in pairwise(run) if flag == "-m"]
    return any(METHODS.find(name).version_of(importance) > 1 for name, importance in names)


def test_most_rules_are_as_they_were() -> None:
    assert [risen(run) for run in make.RUNS] == [False, True, False, False, False, False]


def test_there_is_one() -> None:
    assert "0.2.0" in KEPT


@pytest.mark.parametrize("version", KEPT)
def test_a_run_on_it_remembers_everything(
    version: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(make.HERE / version, tmp_path / "store")
    monkeypatch.chdir(tmp_path)
    store, scenes = tmp_path / "store" / "lsc.sqlite", make.data(tmp_path / "scenes")
    with make.pinned():
        for run in make.RUNS:
            assert _run(make.command(store, scenes, run)) == 0, capsys.readouterr().err
            out = json.loads(capsys.readouterr().out)
            made = {stage["stage"]: (stage["new"], stage["failed"]) for stage in out["stages"]}
            # Rankings by a rule that has changed since, and what is sent of them, are made anew; no more.
            kept = {stage: counts for stage, counts in made.items() if stage == "caption" or not risen(run)}
            assert kept == dict.fromkeys(kept, (0, 0)), run
            assert sum(stage["cached"] for stage in out["stages"]) > 5
            assert out["report"]["curves"]
