"""What lies where a store, its journal or its artifacts belong: refused at once, and never acted upon."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from lsccli.core.errors import DamagedStoreError, LscError, UnobtainableError
from lsccli.core.store import beside
from lsccli.core.store.connection import in_one_line
from tests.cli.shell import Lsc

STORE = Path("db/lsc.sqlite")
RUN = ("--captioner", "dataset", "-m", "order", "-m", "allBob")


def sock(path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as made:
        made.bind(str(path.relative_to(Path.cwd())))


KINDS: dict[str, Callable[[Path], None]] = {
    "a pipe": lambda path: os.mkfifo(path),
    "a socket": sock,
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a folder": lambda path: path.mkdir(),
}
pytestmark = [pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here"), pytest.mark.timeout(60)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_store_that_is_no_file_is_refused_at_once(lsc: Lsc, small: Path, kind: str) -> None:
    place = lsc.folder / "odd"
    KINDS[kind](place)
    for command in (
        ("report",),
        ("run", small, *RUN),
        ("verify",),
        ("gc",),
        ("forget", "-m", "order", "--yes"),
    ):
        done = lsc("--db", place, *command, code=2)
        assert f"{place} is {kind}; name the file of the store with --db." in done.error
    assert sorted(path.name for path in lsc.folder.iterdir()) == ["odd", "small"]


@pytest.mark.parametrize("end", beside.ENDS)
@pytest.mark.parametrize("kind", [*KINDS, "a link"])
def test_what_lies_in_the_place_of_a_journal_is_refused_at_once(
    lsc: Lsc, small: Path, kind: str, end: str
) -> None:
    lsc("caption", small, "--captioner", "dataset")
    victim = lsc.folder / "precious"
    victim.write_bytes(b"precious")
    place = lsc.folder / f"{STORE}{end}"
    KINDS.get(kind, lambda path: path.symlink_to(victim))(place)
    for command in (("report",), ("caption", small, "--captioner", "dataset"), ("verify",)):
        error = lsc(*command, code=2).error
        assert f"{place} is {'a link' if kind == 'a device' else kind}, which belongs to no store" in error
    assert victim.read_bytes() == b"precious"
    assert os.path.lexists(place)


def hot(target: Path, *, attached: bool) -> None:
    """Put a store in the middle of a write, as a kill leaves it, at `target`; over two databases at once."""
    child = os.fork()
    if not child:
        plain = sqlite3.connect(STORE, isolation_level=None)
        plain.execute("PRAGMA cache_size = 1")
        if attached:
            plain.execute("ATTACH 'other.sqlite' AS other")
        plain.execute("BEGIN IMMEDIATE")
        plain.execute("UPDATE image SET width = width + 1")
        if attached:
            plain.execute("CREATE TABLE other.t AS SELECT 1 AS x")
        plain.execute("CREATE TABLE more AS SELECT randomblob(100000) AS x")
        target.mkdir()
        for path in STORE.parent.glob("lsc.sqlite*"):
            shutil.copy(path, target)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def add_super(journal: Path, name: bytes) -> None:
    """End a journal as SQLite does where a write is to several databases (pager.c, writeSuperJournal)."""
    total = sum(byte - 256 * (byte > 127) for byte in name) % 2**32
    lock_page = (2**30 // 4096 + 1).to_bytes(4, "big")
    with journal.open("ab") as stream:
        stream.write(
            lock_page + name + len(name).to_bytes(4, "big") + total.to_bytes(4, "big") + beside._MAGIC
        )


def test_a_journal_that_names_another_file_is_not_gone_by(lsc: Lsc, small: Path) -> None:
    lsc("run", small, *RUN)
    hot(Path("killed"), attached=False)
    shutil.copytree("killed", "named")
    victim = lsc.folder / "précieux.txt"
    victim.write_text("of somebody")
    add_super(Path("named/lsc.sqlite-journal"), os.fsencode(victim))
    before = {path.name: path.read_bytes() for path in Path("named").iterdir()}
    for command in (("report",), ("verify",), ("run", small, *RUN), ("gc",)):
        error = lsc("--db", "named/lsc.sqlite", *command, code=2).error
        assert "several databases at once" in error
        assert str(victim) in error
    assert {path.name: path.read_bytes() for path in Path("named").iterdir()} == before
    # What SQLite itself would have done: it takes a file away on the word of a store.
    with closing(sqlite3.connect("named/lsc.sqlite")) as plain:
        plain.execute("SELECT count(*) FROM image").fetchone()
    assert not victim.exists()


def test_a_journal_of_lsc_itself_is_rolled_back(lsc: Lsc, small: Path) -> None:
    lsc("run", small, *RUN)
    report = lsc("--json", "report").out
    hot(Path("killed"), attached=False)
    assert Path("killed/lsc.sqlite-journal").stat().st_size > 0
    shutil.copytree("db/artifacts", "killed/artifacts")
    assert lsc("--db", "killed/lsc.sqlite", "--json", "report").out == report
    assert not Path("killed/lsc.sqlite-journal").exists()


def test_a_name_of_a_wrong_sum_is_none(tmp_path: Path) -> None:
    journal = tmp_path / "s-journal"
    journal.write_bytes(b"")
    add_super(journal, b"/x")
    assert beside._super_journal(journal) == "/x"
    content = bytearray(journal.read_bytes())
    content[4] ^= 1
    journal.write_bytes(content)
    assert beside._super_journal(journal) is None
    for length in range(len(content)):
        journal.write_bytes(content[:length])
        assert beside._super_journal(journal) is None


def test_the_journal_of_a_linked_store_is_that_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "s.sqlite").touch()
    (tmp_path / "link.sqlite").symlink_to(tmp_path / "real" / "s.sqlite")
    os.mkfifo(tmp_path / "real" / "s.sqlite-wal")
    with pytest.raises(LscError, match="is a pipe"):
        beside.check_files(tmp_path / "link.sqlite")


@pytest.mark.parametrize("kind", KINDS)
def test_an_artifact_that_is_no_file_is_made_anew_or_told(lsc: Lsc, small: Path, kind: str) -> None:
    lsc("run", small, *RUN)
    report = lsc("--json", "report").out
    place = lsc.folder / "db/artifacts" / lsc.kept()[0]
    place.unlink()
    os.chdir(place.parent)  # the name of a socket is short
    KINDS[kind](place)
    os.chdir(lsc.folder)
    assert lsc("verify", code=1).out.count("is not as it was made") == 1
    lsc("verify", "--repair", code=0)
    if kind == "a folder":
        error = lsc("run", small, *RUN, code=2).error
        assert f"{place.relative_to(lsc.folder)} is a folder where a file belongs. Move it away." in error
        place.rmdir()
    lsc("run", small, *RUN)
    assert lsc("--json", "report").out == report
    assert place.is_file()
    assert not place.is_symlink()


@pytest.mark.parametrize("name", ["artifacts", "artifacts/generations"])
@pytest.mark.parametrize("kind", ["a pipe", "a file"])
def test_a_folder_of_artifacts_that_is_none_is_told(lsc: Lsc, small: Path, name: str, kind: str) -> None:
    lsc("caption", small, "--captioner", "dataset")
    place = Path("db") / name
    place.parent.mkdir(exist_ok=True)
    KINDS.get(kind, lambda path: path.write_text("mine"))(place)
    error = lsc("run", small, *RUN, code=2).error
    assert f"{place} is " in error


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, 1), (errno.EIO, 1), (errno.EACCES, 2)])
def test_a_folder_that_cannot_be_made_is_of_the_disk_or_of_the_name(
    lsc: Lsc, small: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: int
) -> None:
    real = os.mkdir

    def refuse(path: object, *how: int) -> None:
        if "deep" in str(path):
            raise OSError(number, os.strerror(number), str(path))
        real(str(path), *how)

    monkeypatch.setattr(os, "mkdir", refuse)
    error = lsc("--db", "deep/x.sqlite", "caption", small, code=code).error
    assert f"Cannot make the folder of the store deep/x.sqlite ({os.strerror(number)})" in error


def of_sqlite(name: str, text: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("name", "text", "kind", "told"),
    [
        ("SQLITE_IOERR_WRITE", "disk I/O error", UnobtainableError, "The disk failed"),
        ("SQLITE_IOERR", "disk I/O error", UnobtainableError, "run the command again"),
        ("SQLITE_READONLY", "attempt to write a readonly database", UnobtainableError, "--db"),
        ("SQLITE_CANTOPEN", "unable to open database file", UnobtainableError, "--db"),
        ("SQLITE_CORRUPT", "database disk image is malformed", DamagedStoreError, "lsc verify"),
        ("SQLITE_FULL", "database or disk is full", OSError, "No space left"),
    ],
)
def test_each_error_of_sqlite_says_what_to_do(
    tmp_path: Path, name: str, text: str, kind: type[Exception], told: str
) -> None:
    (tmp_path / "s.sqlite").touch()
    with pytest.raises(kind, match=told) as caught, in_one_line(tmp_path / "s.sqlite"):
        raise of_sqlite(name, text)
    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["SQLITE_CANTOPEN", "SQLITE_IOERR_FSYNC", "SQLITE_READONLY_DIRECTORY"])
def test_a_full_disk_is_told_as_such_whatever_sqlite_makes_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    from types import SimpleNamespace

    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_bavail=0, f_files=9, f_favail=9))
    with pytest.raises(OSError, match="No space left") as caught, in_one_line(tmp_path / "s.sqlite"):
        raise of_sqlite(name, "x")
    assert caught.value.errno == errno.ENOSPC


def test_a_message_that_is_no_text_is_told(lsc: Lsc, small: Path) -> None:
    lsc("caption", small, "--captioner", "dataset")
    with closing(sqlite3.connect(STORE)) as plain:
        plain.execute("PRAGMA writable_schema = ON")
        plain.execute(
            "UPDATE sqlite_master SET name = CAST(x'fffe' AS TEXT), sql = 'x' WHERE name = 'score_of'"
        )
        plain.commit()
    for command in (("report",), ("rank", "-m", "order"), ("export", "captions")):
        assert "is damaged (" in lsc(*command, code=1).error
    done = lsc("verify", code=1)
    assert "wrong: structure" in done.out
    assert "Traceback" not in done.err
