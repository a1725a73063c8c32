"""The command `report`: options, JSON, files."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from lsccli.commands.report import report
from lsccli.core.errors import LscError
from lsccli.core.store.store import Store
from tests.core.report.stores import METHODS_FILLED, Maker, fast, fill


@dataclass
class FakeSession:
    store: Store
    json: bool = False
    quiet: bool = False

    def __post_init__(self) -> None:
        metric = SimpleNamespace(name="stlpips-alex")
        self.profile = SimpleNamespace(
            name="storybook", need=lambda role: metric, is_here=False, domain=None, roles={}
        )
        self.out = Console(width=100)
        self.err = Console(stderr=True)

    def advised(self, text: str) -> str:
        return text

    def open_store(self) -> Store:
        return self.store

    def print_json(self, value: object) -> None:
        print(json.dumps(value))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = fast(Store(f"sqlite:///{tmp_path / 'lsc.sqlite'}"))
    fill(Maker(made), 12, 9, METHODS_FILLED)
    return made


def call(session: FakeSession, *arguments: str) -> Any:
    app = typer.Typer()
    app.command()(report)
    return CliRunner().invoke(app, list(arguments), obj=session)


def written(result: Any) -> str:
    assert result.exit_code == 0, result.output
    return result.stderr.replace("\n", " ")


def test_it_prints_json_and_writes_files(store: Store, tmp_path: Path) -> None:
    result = call(FakeSession(store, json=True), "--out", str(tmp_path / "out"), "--limit", "5")
    assert "curves.csv" in written(result)
    facts = json.loads(result.stdout)
    assert facts["images"] == 5
    assert json.loads((tmp_path / "out" / "curves.json").read_text()) == facts
    assert len(list((tmp_path / "out").iterdir())) == 9


def test_only_the_formats_asked_for(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = written(call(FakeSession(store), "--out", str(out), "--format", "LaTeX", "--format", "csv"))
    assert "table.tex, curves.csv, along.csv, summary.csv" in told
    assert sorted(path.name for path in out.iterdir()) == [
        "along.csv",
        "curves.csv",
        "summary.csv",
        "table.tex",
    ]
    reach = ("--stop-at", "0.5", "--out", str(tmp_path / "reach"))
    written(call(FakeSession(store), *reach))
    assert sorted(path.name for path in (tmp_path / "reach").iterdir()) == ["reach.csv", "reach.json"]


def test_methods_beside_a_baseline(store: Store) -> None:
    result = call(FakeSession(store), "--compare", "--method", "allbob", "--baseline", "partbob:MOST")
    assert result.exit_code == 0, result.output
    assert "partBob:most" in result.stdout
    assert "order" not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--format", "csv"), "--format says which files to write; name their folder with --out."),
        (("--out", "x", "--format", "latex", "--stop-at", "0.5"), "latex has no report of --stop-at"),
        (("--out", "x", "--format", "doc"), "Unknown report format 'doc'"),
        (("--stop-at", "0.5", "--compare"), "leave --compare and --baseline out"),
        (("--captions", "some"), "choose first or all"),
    ],
)
def test_wrong_usage_is_one_line(store: Store, arguments: tuple[str, ...], message: str) -> None:
    result = call(FakeSession(store), *arguments)
    assert isinstance(result.exception, LscError)
    assert message in str(result.exception)
    assert not Path("x").exists()


def test_it_needs_neither_torch_nor_matplotlib() -> None:
    code = (
        "import sys, lsccli.core.report.tables, lsccli.core.report.reach_table, lsccli.commands.report; "
        "from lsccli.core.report.formats.base import FORMATS; FORMATS.all(); "
        "print([name for name in ('torch', 'matplotlib', 'transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
