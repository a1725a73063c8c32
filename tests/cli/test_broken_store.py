"""A store that is damaged, locked or hostile: one line that says what to do, and never another's figures."""

from __future__ import annotations

import random
import shutil
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from lsccli.core.store import connection
from tests.cli.shell import Lsc

RUN = ("--captioner", "dataset", "-m", "order", "-m", "bothcrossatt", "-m", "prompttune:heads")
STORE = Path("db/lsc.sqlite")


def change(*statements: str, file: Path = STORE) -> None:
    """Statements as anyone can give them to the file."""
    with closing(sqlite3.connect(file)) as plain:
        for statement in statements:
            plain.execute(statement)
        plain.commit()


@pytest.fixture
def sound(lsc: Lsc, small: Path) -> bytes:
    """The bytes of a store with results of every kind; it lies in its place."""
    lsc("run", small, *RUN)
    return STORE.read_bytes()


def test_a_wrong_value_in_any_column_is_said(lsc: Lsc, small: Path, sound: bytes) -> None:
    plain = sqlite3.connect(STORE)
    tables = [
        name
        for (name,) in plain.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if name != "alembic_version"
    ]
    columns = {
        table: [(row[1], row[2]) for row in plain.execute(f"PRAGMA table_info({table})")]
        for table in tables
        if plain.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    }
    plain.close()
    tried = 0
    for table, own in columns.items():
        for column, kind in own:
            values = ["x'00ff'"]
            values += ["'text'", "-5", "1e300"] if kind == "INTEGER" else []
            values += ["'text'", "9e999", "-9e999", "1.1e100"] if kind == "FLOAT" else []
            values += (
                ["'{'", "'[1'", "'NaN'", "'\"a\"'", f"'{'[' * 1500}{']' * 1500}'"] if kind == "JSON" else []
            )
            for value in values:
                STORE.write_bytes(sound)
                try:
                    change(f'UPDATE {table} SET "{column}" = {value}')
                except sqlite3.IntegrityError:
                    try:
                        change(f'UPDATE {table} SET "{column}" = {value} WHERE rowid = 1')
                    except (sqlite3.IntegrityError, sqlite3.OperationalError):
                        continue  # SQLite itself refuses it
                done = lsc("report", code=None) if tried % 8 else lsc("run", small, *RUN, code=None)
                assert done.code == 1, (table, column, value)
                assert "is damaged (" in done.error, (table, column, value)
                assert "lsc verify" in done.error
                tried += 1
    assert tried > 60


def test_results_that_contradict_each_other_are_said(lsc: Lsc, sound: bytes) -> None:
    for statement in (
        "UPDATE ranking SET \"order\" = '[0, 0]' WHERE id = 1",
        "UPDATE ranking SET \"order\" = '[0, 99]' WHERE id = 1",
        "UPDATE ranking SET \"order\" = '[0, -1]' WHERE id = 1",
        "UPDATE ranking SET \"order\" = '[0, 99999999999999999999999999]' WHERE id = 1",
        "UPDATE ranking SET scores = '[1e999]' WHERE id = 1",
        "UPDATE caption SET words = '[]' WHERE id = 1",
        "UPDATE caption SET words = '[\"a\", 1, null]' WHERE id = 1",
        "DELETE FROM step WHERE k = 1 AND transmission_id = 1",
        "DELETE FROM step WHERE transmission_id = 1",
        "UPDATE config SET settings = '[]' WHERE id = 1",
        "UPDATE config SET settings = '{\"captioner\": 5, \"x\": 1e999}' WHERE kind = 'captioner'",
    ):
        STORE.write_bytes(sound)
        change(statement)
        for command in (("report",), ("export", "scores"), ("show", "scene-0.png"), ("rank", "-m", "order")):
            assert "is damaged (" in lsc(*command, code=1).error, statement


def test_garbage_in_a_page_is_said(lsc: Lsc, sound: bytes) -> None:
    draw = random.Random(5)
    report = lsc("--json", "report").out
    pages = len(sound) // 4096
    for page in range(pages):
        content = bytearray(sound)
        content[page * 4096 + (100 if page == 0 else 0) : (page + 1) * 4096] = draw.randbytes(
            4096 - (100 if page == 0 else 0)
        )
        STORE.write_bytes(content)
        done = lsc("--json", "report", code=None)
        if done.code == 0:  # what lies there is used by nothing
            assert done.out == report
            plain = sqlite3.connect(STORE)
            assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            plain.close()
        else:
            assert done.code == 1
            assert "is damaged (" in done.error
            assert "lsc verify" in done.error


def test_a_truncated_store_is_said(lsc: Lsc, sound: bytes) -> None:
    page, size = 4096, len(sound)
    for length in (1, 15, 16, 63, 99, 100, page - 1, page, 2 * page, size // 2, size - page, size - 1):
        STORE.write_bytes(sound[:length])
        for command in (("report",), ("rank", "-m", "order")):
            done = lsc(*command, code=None)
            assert done.code == 1, length
            assert "is damaged (" in done.error
        assert STORE.read_bytes() == sound[:length]


ALIEN = {
    "a trigger": "CREATE TRIGGER evil AFTER INSERT ON run BEGIN DELETE FROM score; END",
    "a trigger on reading's own table": "CREATE TRIGGER evil AFTER UPDATE ON generation BEGIN SELECT 1; END",
    "a view": "CREATE VIEW evil AS SELECT * FROM score",
    "a table": "CREATE TABLE evil (a)",
    "a column": "ALTER TABLE score ADD COLUMN evil TEXT DEFAULT 'x'",
    "an index": "CREATE INDEX evil ON score (abs(value))",
    "a virtual table": "CREATE VIRTUAL TABLE evil USING fts5(a)",
    "a name with control characters": 'CREATE TABLE "\x1b[31mevil\n" (a)',
}


@pytest.mark.parametrize("statement", ALIEN.values(), ids=list(ALIEN))
def test_a_store_that_holds_what_is_not_ours_is_refused(
    lsc: Lsc, small: Path, sound: bytes, statement: str
) -> None:
    change(statement)
    before = STORE.read_bytes()
    for command in (("report",), ("run", small, *RUN), ("export", "scores"), ("rank", "-m", "order")):
        done = lsc(*command, code=2)
        assert "is not of lsc" in done.error or "evil_" in done.error
        assert "\x1b" not in done.err
    assert STORE.read_bytes() == before


def test_a_trigger_does_not_act_on_a_migration(lsc: Lsc, tmp_path: Path) -> None:
    from tests.stores import make

    shutil.copytree(make.HERE / "0.2.0", tmp_path / "kept")
    file = tmp_path / "kept" / "lsc.sqlite"
    change("CREATE TRIGGER evil AFTER UPDATE ON generation BEGIN DELETE FROM score; END", file=file)
    before = file.read_bytes()
    assert "is not of lsc" in lsc("--db", file, "report", code=2).error
    assert file.read_bytes() == before


def test_a_lost_table_is_said(lsc: Lsc, sound: bytes) -> None:
    change("DROP TABLE score")
    assert "it has lost" in lsc("report", code=1).error


@pytest.mark.parametrize("kind", ["EXCLUSIVE", "IMMEDIATE"])
def test_who_waits_for_a_lock_says_so_and_then_what_to_do(
    lsc: Lsc, small: Path, sound: bytes, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(connection, "BUSY_SECONDS", 2)
    monkeypatch.setattr(connection, "SILENT_SECONDS", 1)
    other = sqlite3.connect(STORE, isolation_level=None)
    other.execute(f"BEGIN {kind}")
    commands = [("rank", "-m", "random", "--captioner", "dataset")]
    commands += [("report",)] if kind == "EXCLUSIVE" else []
    for command in commands:
        done = lsc(*command, code=1)
        assert f"waiting for another program that is using {STORE}" in done.err.replace("\n", " ")
        assert "wait until it has ended, and run the command again" in done.error
        assert "--db" not in done.error
    other.execute("ROLLBACK")
    other.close()
    lsc("report")


def test_what_waits_for_a_lock_goes_on_when_it_is_free(
    lsc: Lsc, sound: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SILENT_SECONDS", 1)
    other = sqlite3.connect(STORE, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    threading.Thread(target=lambda: (time.sleep(2), other.execute("ROLLBACK"))).start()
    done = lsc("rank", "-m", "random", "--captioner", "dataset")
    assert "waiting for another program" in done.err
    other.close()


def test_images_are_only_what_their_keys_say(lsc: Lsc, small: Path, sound: bytes, tmp_path: Path) -> None:
    """Whatever path a store gives of an image, only the very file that was registered is opened as one."""
    other = tmp_path / "other.png"
    shutil.copy(small / "scene-0.png", other)
    other.write_bytes(other.read_bytes() + b"more")
    strange = ("/dev/zero", "/dev/stdin", "../../etc/passwd", "/proc/kmsg", "a\0b", "", "x" * 5000)
    for path in (str(other), *strange):
        STORE.write_bytes(sound)
        plain = sqlite3.connect(STORE)
        plain.execute("UPDATE source SET root = '/', path = ? WHERE image_id = 1", (path,))
        plain.execute("DELETE FROM score")
        plain.commit()
        plain.close()
        done = lsc("score", code=1)
        assert "is gone or has changed since it was captioned" in done.err.replace("\n", " ")
        assert "Traceback" not in done.err
