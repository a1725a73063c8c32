"""Stores that keep their files in one folder of artifacts."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from lsccli.core.store.artifacts import Artifacts, fact_path, generation_path
from lsccli.core.store.keys import identity
from lsccli.core.store.sharing import LIST, UnreadableStoreError, enter, referred
from lsccli.core.store.store import Store, add, config_id, prompt_ids
from lsccli.core.store.tables import FactRow, Generation

KEYS = [bytes([number]) * 32 for number in range(4)]
PATHS = [generation_path(KEYS[0]), generation_path(KEYS[1]), fact_path("maps", KEYS[2])]


def make(place: Path, folder: Path | None = None) -> Store:
    """A store that keeps the first drawing and the map, and has dropped the second drawing."""
    store = Store(str(place), folder)
    with store.write() as session:
        (prompt,) = prompt_ids(session, ["a ball"]).values()
        config = config_id(session, "receiver", "tiny", identity(receiver="x"))
        own = {"prompt_id": prompt, "config_id": config, "run_id": None}
        add(
            session,
            Generation,
            [
                {**own, "key": KEYS[n], "seed": n, "sha256": digest}
                for n, digest in enumerate((KEYS[3], None))
            ],
        )
        add(session, FactRow, [{"key": KEYS[2], "name": "maps", "sha256": KEYS[3], "run_id": None}])
    return store


def lines(folder: Path) -> list[str]:
    return [json.loads(line) for line in (folder / LIST).read_text().splitlines() if line]


def test_a_store_enters_itself_once_before_it_first_writes(tmp_path: Path) -> None:
    beside, far = tmp_path / "db" / "a.sqlite", tmp_path / "else" / "b.sqlite"
    folder = tmp_path / "db" / "artifacts"
    for _ in range(2):
        for place in (beside, far):
            make(place, folder).files.write(PATHS[0], b"x")
    assert lines(folder) == ["../a.sqlite", str(far)]


def test_what_another_store_keeps_is_not_removed(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    one, other = (make(tmp_path / name / "lsc.sqlite", folder) for name in ("one", "other"))
    for path in PATHS:
        for store in (one, other):
            store.files.write(path, b"x")
    one.files.remove(PATHS)
    assert [(folder / path).exists() for path in PATHS] == [True, False, True]
    other.close()
    other.path.write_bytes(b"")  # holds nothing any more
    one.files.remove(PATHS)
    assert not any((folder / path).exists() for path in PATHS)


def test_one_in_the_folder_above_needs_no_line(tmp_path: Path) -> None:
    for name in ("a.sqlite", "b.sqlite"):
        make(tmp_path / name).close()
    (tmp_path / "notes.sqlite").write_bytes(b"SQLite format 3\0")
    with closing(sqlite3.connect(tmp_path / "people.sqlite")) as plain:
        plain.execute("CREATE TABLE person (name)")
    assert referred(tmp_path / "artifacts", tmp_path / "a.sqlite", PATHS) == {PATHS[0], PATHS[2]}


def test_a_folder_that_was_moved_with_its_store_is_its_own(tmp_path: Path) -> None:
    store = make(tmp_path / "db" / "lsc.sqlite")
    store.files.write(PATHS[0], b"x")
    store.close()
    (tmp_path / "db").rename(tmp_path / "moved")
    assert Artifacts(tmp_path / "moved" / "artifacts", tmp_path / "moved" / "lsc.sqlite").own(PATHS) == PATHS


def test_a_copy_under_another_name_or_by_a_link_is_the_same_store(tmp_path: Path) -> None:
    make(tmp_path / "s.sqlite").files.write(PATHS[0], b"x")
    (tmp_path / "link.sqlite").symlink_to("s.sqlite")
    os.link(tmp_path / "s.sqlite", tmp_path / "hard.sqlite")
    for name in ("link.sqlite", "hard.sqlite"):
        assert referred(tmp_path / "artifacts", tmp_path / name, PATHS) == set()


def alien(path: Path) -> None:
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("CREATE TABLE person (name)")


def locked(path: Path) -> None:
    """In the middle of a write that only a writer could roll back."""
    make(path).close()
    (path.parent / f"{path.name}-journal").symlink_to("/dev/zero")


UNREADABLE: dict[str, Callable[[Path], object]] = {
    "gone": lambda path: None,
    "a pipe": os.mkfifo,
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "no database": lambda path: path.write_bytes(b"text" * 500),
    "no store": alien,
    "a folder": Path.mkdir,
    "with an odd journal": locked,
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("what", UNREADABLE)
def test_nothing_goes_where_another_cannot_be_asked(tmp_path: Path, what: str) -> None:
    (tmp_path / "far").mkdir()
    other = tmp_path / "far" / "b.sqlite"
    UNREADABLE[what](other)
    said: list[str] = []
    store = Store(str(tmp_path / "a.sqlite"), say=said.append)
    store.files.write(PATHS[0], b"x")
    enter(store.artifacts, tmp_path / "far" / "b.sqlite")
    if what == "a device":  # its own place, and not what it leads to
        (store.artifacts / LIST).write_text(json.dumps(str(other)) + "\n")
    before = sorted(path.name for path in other.parent.iterdir())
    for _ in range(2):
        store.files.remove(PATHS)
    assert (store.artifacts / PATHS[0]).exists()
    assert len(said) == 1
    assert "so no file is removed" in said[0]
    assert LIST in said[0]
    with pytest.raises(UnreadableStoreError, match="cannot be read"):
        store.files.shared(PATHS)
    assert sorted(path.name for path in other.parent.iterdir()) == before


def test_half_a_line_and_other_text_name_nothing(tmp_path: Path) -> None:
    store = make(tmp_path / "a.sqlite")
    store.artifacts.mkdir()
    (store.artifacts / LIST).write_bytes(
        b'"/half/a li\n\n[1]\n3\n"a\\u0000b"\n\xff\xfe\n' + b"[" * 5000 + b'\n"/ha'
    )
    store.files.write(PATHS[0], b"x")
    store.files.remove(PATHS)
    assert not (store.artifacts / PATHS[0]).exists()
    assert (store.artifacts / LIST).read_bytes().endswith(b'\n"../a.sqlite"\n')


def test_another_store_is_left_as_it_is(tmp_path: Path) -> None:
    """A list may name anything of the user's: it is looked into, and nothing is rolled back or made."""
    make(tmp_path / "far" / "b.sqlite").close()
    child = os.fork()
    if not child:
        plain = sqlite3.connect(tmp_path / "far" / "b.sqlite", isolation_level=None)
        plain.execute("PRAGMA cache_size = 1")
        plain.execute("BEGIN IMMEDIATE")
        plain.execute("CREATE TABLE more AS SELECT randomblob(100000) AS x")
        os._exit(0)
    os.waitpid(child, 0)
    before = {path.name: path.read_bytes() for path in (tmp_path / "far").iterdir()}
    assert "b.sqlite-journal" in before
    folder = tmp_path / "artifacts"
    enter(folder, tmp_path / "far" / "b.sqlite")
    with pytest.raises(UnreadableStoreError):
        referred(folder, tmp_path / "a.sqlite", PATHS)
    assert {path.name: path.read_bytes() for path in (tmp_path / "far").iterdir()} == before


def test_a_store_of_an_older_version_is_asked_too(tmp_path: Path) -> None:
    from tests.stores import make as kept

    folder = tmp_path / "shared"
    enter(folder, kept.HERE / "0.2.0" / "lsc.sqlite")
    with closing(sqlite3.connect(kept.HERE / "0.2.0" / "lsc.sqlite")) as plain:
        (key,) = plain.execute("SELECT key FROM generation WHERE path IS NOT NULL LIMIT 1").fetchone()
    path = generation_path(key)
    assert referred(folder, tmp_path / "a.sqlite", [path, *PATHS]) == {path}
