"""Plug-ins on the command line: documented examples, files that fail, packages, what is listed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lsccli.core.methods.base import METHODS
from lsccli.core.registry import base, plugins
from tests.cli.shell import Lsc

DOCS = Path(__file__).parents[2] / "docs"
PLAIN = """
from lsccli import method

@method("{name}", summary="s", direction="d", source="here")
def run(item):
    {body}
"""


def documented(page: str) -> list[str]:
    """The Python blocks of a page."""
    return re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)


def write(folder: Path, body: str, name: str = "mine") -> Path:
    path = folder / "plugin.py"
    path.write_text(PLAIN.format(name=name, body=body), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def without_plugins() -> Iterator[None]:
    yield
    plugins.use_files([])


@pytest.mark.parametrize(
    ("page", "number", "name"),
    [("../CONTRIBUTING.md", 0, "longest"), ("methods.md", 0, "given"), ("methods.md", 1, "alone")],
)
def test_the_documented_examples_work(lsc: Lsc, small: Path, page: str, number: int, name: str) -> None:
    (lsc.folder / "mine.py").write_text(documented(page)[number], encoding="utf-8")
    lsc("caption", small, "--captioner", "dataset")
    made = lsc.json(
        "--plugin", "mine.py", "rank", "-m", name, "--captioner", "dataset", "--explain", "scene-0.png"
    )
    (one,) = made["explained"]
    assert sorted(sent["index"] for sent in one["sent"]) == [0, 1, 2]
    if name == "longest":
        assert [sent["word"] for sent in one["sent"]] == ["ball", "red", "a"]
    # A second command without the file does not know the method.
    assert f"Unknown method '{name}'" in lsc("rank", "-m", name, code=2).error


def test_an_example_is_ten_lines() -> None:
    code = documented("methods.md")[0].split("\n\n\n")[1]
    assert len(code.strip().splitlines()) <= 10


def test_it_runs_through_all_stages_and_is_listed(lsc: Lsc, small: Path) -> None:
    (lsc.folder / "mine.py").write_text(documented("methods.md")[0], encoding="utf-8")
    (lsc.folder / "lsc.toml").write_text('plugins = ["mine.py"]\n', encoding="utf-8")
    made = lsc.json("--trust", "run", small, "--captioner", "dataset", "-m", "given", "-m", "order")
    assert {curve["method"] for curve in made["report"]["curves"]} == {"given", "order"}
    (listed,) = [entry for entry in lsc.json("methods")["methods"] if entry["method"] == "given"]
    assert listed["roles"] == ["text_encoder"]
    assert listed["plugin"].startswith("sha256:")
    rows = {row["option"]: row for row in lsc.json("config")["config"]}
    assert rows["plugins"] == {"option": "plugins", "value": ["mine.py"], "source": "lsc.toml"}


def test_files_from_the_environment(lsc: Lsc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    first = write(tmp_path, "return []", "first")
    second = first.rename(tmp_path / "second.py")
    first = write(tmp_path, "return []", "other")
    monkeypatch.setenv("LSC_PLUGINS", f"{first}{os.pathsep}{second}")
    names = [entry["method"] for entry in lsc.json("methods")["methods"]]
    assert {"first", "other"} <= set(names)


def test_an_edited_method_ranks_anew(lsc: Lsc, small: Path) -> None:
    lsc("caption", small, "--captioner", "dataset")
    path = write(lsc.folder, "return range(len(item.words))")
    command = ("--plugin", path, "rank", "-m", "mine", "--captioner", "dataset")
    assert lsc.json(*command)["new"] == 3
    assert lsc.json(*command)["cached"] == 3
    write(lsc.folder, "return range(len(item.words))[::-1]")
    assert lsc.json(*command)["new"] == 3
    orders = lsc.sql('SELECT "order" FROM ranking ORDER BY id')
    assert (orders[0][0], orders[3][0]) == ("[0, 1, 2]", "[2, 1, 0]")


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("return [0, 0]", "Method mine gave no order for 'a red ball'"),
        ("return 1 / 0", r"failed on 'a red ball': ZeroDivisionError: division by zero (plugin.py, line 6)"),
    ],
)
def test_a_method_that_fails_says_where(lsc: Lsc, small: Path, body: str, word: str) -> None:
    lsc("caption", small, "--captioner", "dataset")
    path = write(lsc.folder, body)
    done = lsc("--plugin", path, "rank", "-m", "mine", "--captioner", "dataset", code=1)
    assert "failed: a red ball: Method mine " in done.err
    assert word in done.err


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("def (", "SyntaxError"),
        ("import nothing_like_this", "ModuleNotFoundError: No module named 'nothing_like_this'"),
        ("x = 1", "registers nothing"),
        (PLAIN.format(name="Order", body="return []"), "Two entries are called 'Order'"),
        (
            PLAIN.format(name="m", body="return []").replace('source="here"', 'source="", reads=["x"]'),
            "reads 'x'",
        ),
        (
            PLAIN.format(name="m", body="return []").replace(
                'source="here"', 'source="", captioners={"x": "clip"}'
            ),
            "method m has no importance 'x'",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(lsc: Lsc, content: str, word: str) -> None:
    before = METHODS.all()
    (lsc.folder / "bad.py").write_text(content, encoding="utf-8")
    assert word in lsc("--plugin", "bad.py", "methods", code=2).error
    assert METHODS.all() == before


def test_a_file_that_is_not_there_or_no_python(lsc: Lsc) -> None:
    assert "Cannot read the plugin" in lsc("--plugin", "nothere.py", "methods", code=2).error
    (lsc.folder / "notes.txt").write_text("x = 1", encoding="utf-8")
    assert "no Python file" in lsc("--plugin", "notes.txt", "methods", code=2).error


@pytest.mark.parametrize("group", ["lsc.methods", "lsc.plugins"])
def test_an_installed_package_offers_methods(lsc: Lsc, monkeypatch: pytest.MonkeyPatch, group: str) -> None:
    source = PLAIN.format(name="packed", body="return range(len(item.words))")
    load: Any = lambda: exec(compile(source, "packed.py", "exec"), {"__name__": "packed"})  # noqa: E731
    point = SimpleNamespace(dist=SimpleNamespace(name="pack", version="1.2"), value="packed", load=load)

    class Points(dict[str, Any]):
        groups = (group, "console_scripts")

    def points(**asked: str) -> Any:
        return [point] if asked else Points()

    monkeypatch.setattr(base, "entry_points", points)
    base._INSTALLED.clear()
    try:
        assert METHODS.find("Packed").identity() == {"version": 1, "plugin": "pack 1.2"}
        (listed,) = lsc.json("plugins")["plugins"]
        assert (listed["kind"], listed["name"], listed["place"]) == ("method", "packed", "pack 1.2")
    finally:
        base.forget(base.Origin("pack 1.2", "pack 1.2"))
        monkeypatch.undo()
        base._INSTALLED.clear()
    assert "packed" not in METHODS.all()


def test_an_installed_package_that_is_broken_stops_nothing(lsc: Lsc, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = PLAIN.format(name="packed", body="return range(len(item.words))")

    def point(name: str, source: str) -> Any:
        load = lambda: exec(compile(source, f"{name}.py", "exec"), {"__name__": name})  # noqa: E731
        return SimpleNamespace(dist=SimpleNamespace(name=name, version="1"), value=name, load=load)

    class Points(dict[str, Any]):
        groups = ("lsc.plugins",)

    half = PLAIN.format(name="half", body="return []") + "\nraise RuntimeError('no [/x] \\x1b\\nlibrary')\n"
    offered = [point("bad", "import nothing_like_this"), point("good", whole), point("worse", half)]
    monkeypatch.setattr(base, "entry_points", lambda **asked: offered if asked else Points())
    base._INSTALLED.clear()
    try:
        done = lsc("methods")
        assert "packed" in done.out
        told = [line for line in done.err.splitlines() if line.startswith("Left out: ")]
        assert [("bad 1" in line, "worse 1" in line) for line in told] == [(True, False), (False, True)]
        assert "No module named 'nothing_like_this'" in told[0]
        assert r"no [/x] \x1b" in told[1]
        assert "half" not in METHODS.all()
        assert not lsc("--quiet", "config").err
        # Who needs it is told what is wrong.
        error = lsc("rank", "-m", "half", code=2).error
        assert "Unknown method 'half'" in error
        assert "The plugin worse 1 fails" in error
    finally:
        for name in ("bad 1", "good 1", "worse 1"):
            base.forget(base.Origin(name, name))
        monkeypatch.undo()
        base._INSTALLED.clear()
        METHODS.all()
    assert not base.left_out()


def test_what_came_from_where_is_listed(lsc: Lsc) -> None:
    metric = """
from lsccli import metric

@metric("mine", summary="always two", better="lower")
class Mine:
    pass
"""
    path = lsc.folder / "mine.py"
    path.write_text(metric, encoding="utf-8")
    told = lsc.json("--plugin", path, "plugins")
    (listed,) = told["plugins"]
    assert (listed["kind"], listed["name"], listed["summary"]) == ("metric", "mine", "always two")
    assert listed["place"] == str(path)
    assert listed["digest"].startswith("sha256:")
    kinds = {kind["kind"]: kind for kind in told["kinds"]}
    assert "ssim" in kinds["metric"]["built_in"]
    assert "mine" not in kinds["metric"]["built_in"]
    assert kinds["fact"]["group"] == "lsc.facts"
    assert told["group"] == "lsc.plugins"
    for word in ("mine.py", "sha256:", "always two", "lsc.methods", "LSC_PLUGINS", "diffusers"):
        assert word in lsc("--plugin", path, "plugins").out
    assert lsc.json("plugins")["plugins"] == []
    assert "No plug-ins." in lsc("plugins").out
    assert "mine" in {entry["name"] for entry in lsc.json("--plugin", path, "models")["metrics"]}
