"""`lsc gc`: what belongs to nothing goes, and nothing else."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lsccli.core.store.gc import SECONDS
from tests.cli.shell import Lsc

ARTIFACTS = Path("db/artifacts")
ORPHAN = f"generations/00/{'0' * 64}.png"
MAP = f"token_heads/01/{'01' * 32}.npy"
STALE = f"generations/02/.{'02' * 32}.png.k3j_x9"
RUN = ("--captioner", "dataset", "-m", "order", "-m", "partBob")


@pytest.fixture
def made(lsc: Lsc, small: Path) -> Lsc:
    lsc("run", small, *RUN)
    return lsc


def put(name: str, *, old: bool = True) -> Path:
    path = ARTIFACTS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"nobody's")
    if old:
        os.utime(path, (0, 0))
    return path


def everything() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in ARTIFACTS.rglob("*") if path.is_file()}


def test_leftovers_go_and_results_stay(made: Lsc, small: Path) -> None:
    for path in ARTIFACTS.rglob("*.*"):
        os.utime(path, (0, 0))
    kept, report = everything(), made("--json", "report").out
    left = [put(name) for name in (ORPHAN, MAP, STALE)]
    told = made.json("gc")
    assert {one["path"]: one["why"] for one in told["files"]} == {
        ORPHAN: "without a row",
        MAP: "without a row",
        STALE: "temporary",
    }
    assert told["bytes"] == 3 * len(b"nobody's")
    assert not any(path.exists() for path in left)
    assert everything() == kept
    assert made("--json", "report").out == report
    assert made.json("run", small, *RUN)["stages"] != []
    assert everything() == kept


def test_dropped_images_go(made: Lsc) -> None:
    (first, *_) = made.kept()
    with closing(sqlite3.connect("db/lsc.sqlite")) as plain:
        plain.execute("UPDATE generation SET sha256 = NULL WHERE lower(hex(key)) = ?", (Path(first).stem,))
        plain.commit()
    os.utime(ARTIFACTS / first, (0, 0))
    assert made.json("gc")["files"] == [
        {"path": first, "why": "dropped", "bytes": pytest.approx(0, abs=10_000)}
    ]
    assert not (ARTIFACTS / first).exists()


def test_a_dry_run_removes_nothing(made: Lsc) -> None:
    put(ORPHAN)
    before, content = everything(), Path("db/lsc.sqlite").read_bytes()
    told = made.json("gc", "--dry-run")
    assert [one["path"] for one in told["files"]] == [ORPHAN]
    assert "1 files would be removed" in made("gc", "--dry-run").out
    assert (everything(), Path("db/lsc.sqlite").read_bytes()) == (before, content)


@pytest.mark.parametrize("name", [ORPHAN, MAP, STALE])
def test_what_a_writer_may_be_at_work_on_stays(made: Lsc, name: str) -> None:
    path = put(name, old=False)
    assert made.json("gc")["files"] == []
    now = path.stat().st_mtime
    os.utime(path, (now - SECONDS + 60, now - SECONDS + 60))
    assert made.json("gc")["files"] == []
    os.utime(path, (now - SECONDS - 60, now - SECONDS - 60))
    assert [one["path"] for one in made.json("gc")["files"]] == [name]


@pytest.mark.parametrize(
    "name",
    [
        "notes.txt",
        "generations/notes.png",
        f"generations/00/{'1' * 64}.png",
        f"generations/00/{'0' * 64}.jpg",
    ],
)
def test_files_of_other_names_are_nobodys_business(made: Lsc, name: str) -> None:
    path = put(name)
    made("gc")
    assert path.exists()


def test_links_and_what_lies_behind_them_stay(made: Lsc, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    victim = tmp_path / "mine" / f"{'0' * 64}.png"
    victim.write_bytes(b"precious")
    os.utime(victim, (0, 0))
    (ARTIFACTS / "generations" / "00").symlink_to(tmp_path / "mine")
    link = ARTIFACTS / "generations" / "03" / f"{'03' * 32}.png"
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(victim)
    os.utime(link, (0, 0), follow_symlinks=False)
    assert made.json("gc")["files"] == []
    assert victim.read_bytes() == b"precious"
    assert link.is_symlink()


def test_the_store_gets_smaller(made: Lsc) -> None:
    store = Path("db/lsc.sqlite")
    with closing(sqlite3.connect(store)) as plain:
        plain.execute("CREATE TABLE more AS SELECT randomblob(1000000) AS x")
        plain.execute("DROP TABLE more")
        plain.commit()
    before = store.stat().st_size
    told = made.json("gc")
    assert told["store_bytes"] == before - store.stat().st_size > 900_000
    with closing(sqlite3.connect(store)) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def age() -> None:
    for path in ARTIFACTS.rglob("*.*"):
        os.utime(path, (0, 0))


def test_files_of_another_store_in_the_same_folder_stay(made: Lsc, small: Path, tmp_path: Path) -> None:
    report = made("--json", "report").out
    # Beside this store, and elsewhere with the folder named: both share the files of the first.
    made("--db", "db/other.sqlite", "run", small, *RUN)
    far = ("--db", tmp_path / "far" / "lsc.sqlite", "--artifacts", ARTIFACTS)
    made(*far, "run", small, *RUN)
    age()
    files = everything()
    made("forget", "--method", "order", "--yes")
    made("forget", "--method", "partBob", "--yes")
    assert made.kept() == []
    assert made.json("gc")["files"] == []
    assert everything() == files
    for others in (("--db", "db/other.sqlite"), far):
        assert made.json(*others, "verify")["findings"] == []
        assert made(*others, "--json", "report").out == report
    # Of all but one gone, that one alone counts.
    Path("db/other.sqlite").unlink()
    error = made("gc", code=1).error
    assert "other.sqlite keeps its files in db/artifacts too and cannot be read" in error
    assert "stores.txt" in error
    assert everything() == files
    made("run", small, *RUN)
    assert made("--json", "report").out == report


def test_a_repair_leaves_what_another_store_refers_to(made: Lsc, small: Path) -> None:
    made("--db", "db/other.sqlite", "run", small, *RUN)
    report = made("--json", "report").out
    with closing(sqlite3.connect("db/lsc.sqlite")) as plain:
        plain.execute("UPDATE generation SET seed = -1")
        plain.commit()
    made("verify", "--repair")
    assert made.kept() == []
    assert made.json("--db", "db/other.sqlite", "verify")["findings"] == []
    made("run", small, *RUN)
    assert made("--json", "report").out == report


def test_a_search_leaves_what_another_store_refers_to(lsc: Lsc, small: Path) -> None:
    search = ("run", small, "--captioner", "dataset", "-m", "allBob")
    with_all = lsc.json("--db", "db/all.sqlite", *search[:1], *search[1:], "--keep-images", "all")
    kept = set(lsc.drawings())
    assert with_all["stages"]
    lsc(*search)
    assert len(lsc.kept()) < len(kept)
    assert set(lsc.drawings()) == kept
    assert lsc.json("--db", "db/all.sqlite", "verify")["findings"] == []
