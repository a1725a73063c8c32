"""Which file is the store: the very one that is named, made by commands that write and by no other."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lsccli.core.store.store import path_of
from tests.cli.shell import Lsc

NAMES = (
    "Q1?/lsc.sqlite",
    "a%20b/lsc.sqlite",
    "a#b/lsc.sqlite",
    "what?.sqlite",
    "a?mode=ro.sqlite",
    "a&b=c;d.sqlite",
    "it's.sqlite",
    'a "quoted" name',
    "für Übung/läufe.sqlite",
    ":memory:",
    "file:x?mode=memory",
    "-.sqlite",
    "%2e%2e/x.sqlite",
    os.fsdecode(b"caf\xe9.sqlite"),
)
READING = {
    "report": ("report",),
    "report of a run": ("report", "--run", 1),
    "show": ("show", "a.png"),
    "heat maps": ("show", "a.png", "--heatmaps"),
    "export": ("export", "captions"),
    "runs": ("runs",),
    "forget": ("forget", "--method", "order", "--dry-run"),
}
NO_STORE = ("models", "methods", "config", "plugins")


def files(folder: Path) -> set[str]:
    """Every file and folder below, by its path."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.parametrize(
    ("name", "way"),
    [(name, way) for name in NAMES for way in ("path", "url")]
    + [(name, way) for name in NAMES[:4] for way in ("environment", "file")],
)
def test_the_store_is_the_very_file_that_is_named(
    lsc: Lsc, small: Path, monkeypatch: pytest.MonkeyPatch, name: str, way: str
) -> None:
    options = []
    if way == "environment":
        monkeypatch.setenv("LSC_DB", f"sqlite:///{name}")
    elif way == "file":
        Path("lsc.toml").write_text(f'db = "sqlite:///{name}"\n')
    else:
        options = ["--db", f"./{name}" if way == "path" else f"sqlite:///{name}"]
    before = files(lsc.folder)
    assert lsc.json(*options, "caption", small, "--captioner", "dataset")["new"] == 3
    parents = {str(parent) for parent in Path(name).parents} - {"."}
    assert files(lsc.folder) - before == {name, *parents}
    assert len(lsc.json(*options, "export", "captions")["captions"]) == 3
    assert files(lsc.folder) - before == {name, *parents}


@pytest.mark.parametrize("name", ["Q1?", "a%20b", "a#b", "it's; ü"])
def test_artifacts_lie_in_the_very_folder_that_is_named(lsc: Lsc, small: Path, name: str) -> None:
    lsc("--artifacts", name, "run", small, "--captioner", "dataset", "-m", "order", "--limit", 1)
    assert len(list((lsc.folder / name).rglob("*.png"))) == 4
    assert {path.name for path in lsc.folder.iterdir()} == {"db", "small", name}
    assert not (lsc.folder / "db" / "artifacts").exists()


@pytest.mark.parametrize("case", READING)
def test_a_command_that_reads_makes_nothing(lsc: Lsc, case: str) -> None:
    before = files(lsc.folder)
    for db in ("typo.sqlite", "sqlite:///deep/er/typo.sqlite"):
        said = lsc("--db", db, *READING[case], code=2).error
        assert f"There is no store {path_of(db)}" in said
        assert "--db" in said
        assert "lsc" in said
    assert files(lsc.folder) == before


@pytest.mark.parametrize("command", NO_STORE)
def test_neither_does_one_that_needs_no_store(lsc: Lsc, command: str) -> None:
    before = files(lsc.folder)
    lsc("--db", "deep/typo.sqlite", "--artifacts", "pictures", command)
    assert files(lsc.folder) == before


def test_an_empty_file_and_a_folder_are_no_store_to_read(lsc: Lsc) -> None:
    Path("empty.sqlite").touch()
    Path("folder").mkdir()
    assert "nothing in the store empty.sqlite" in lsc("--db", "empty.sqlite", "report", code=2).error
    assert Path("empty.sqlite").stat().st_size == 0
    for command in (("report",), ("rank", "-m", "order")):
        assert "folder is a folder" in lsc("--db", "folder", *command, code=2).error


@pytest.mark.parametrize("name", ["", "sqlite:///", "sqlite://x", "mysql://x/y", "a\0b"])
def test_what_names_no_file_is_refused(lsc: Lsc, name: str) -> None:
    assert "--db" in lsc("--db", name, "report", code=2).error


def test_the_home_of_nobody_is_one_line(lsc: Lsc, small: Path) -> None:
    for options in (("--db", "~nobody-of-that-name/x"), ("--artifacts", "~nobody-of-that-name/x")):
        assert "without ~" in lsc(*options, "caption", small, "--captioner", "dataset", code=2).error


@pytest.fixture
def protected(lsc: Lsc, small: Path) -> Iterator[Path]:
    """A folder with a store that nobody but its owner may write in, and this process is not the owner."""
    lsc("run", small, "--captioner", "dataset", "-m", "order")
    folder = Path(tempfile.mkdtemp())
    shutil.copytree(lsc.folder / "db", folder / "db")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    if os.geteuid():
        yield folder / "db" / "lsc.sqlite"
    else:
        os.seteuid(65534)
        try:
            yield folder / "db" / "lsc.sqlite"
        finally:
            os.seteuid(0)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    shutil.rmtree(folder)


def test_a_store_is_read_where_nothing_can_be_written(
    lsc: Lsc, protected: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    monkeypatch.setenv("LSC_MODELS", "storybook")
    before = files(protected.parent)
    assert len(lsc.json("--db", protected, "export", "captions")["captions"]) == 3
    assert len(lsc.json("--db", protected, "runs")["runs"]) == 1
    assert files(protected.parent) == before
