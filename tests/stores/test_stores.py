"""A store made by each release since 0.2.0 opens, and a run on it remembers everything."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from lsccli.cli import _run
from tests.stores import make

KEPT = sorted(path.parent.name for path in make.HERE.glob("*/lsc.sqlite"))


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
            assert made == dict.fromkeys(made, (0, 0)), run
            assert sum(stage["cached"] for stage in out["stages"]) > 5
            assert out["report"]["curves"]
