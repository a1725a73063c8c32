"""What a store's file may hold: the tables and indexes of `schema.sql`, and nothing that acts by itself."""

from __future__ import annotations

import sqlite3
from functools import cache
from pathlib import Path

from lsccli.core.errors import DamagedStoreError, LscError

# Alembic's note of the version, and what SQLite's ANALYZE makes.
_ALSO = ("alembic_version", "sqlite_stat1", "sqlite_stat4")
_OBJECTS = "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master"


def check_passive(connection: sqlite3.Connection, path: Path) -> None:
    """LscError where the file holds a trigger, a view or a virtual table, which would act when it is used."""
    for kind, name, _, sql in connection.execute(_OBJECTS):
        if kind in ("trigger", "view") or "VIRTUAL" in str(sql).upper().split("(")[0].split():
            raise _alien(path, kind, name)


def check_schema(connection: sqlite3.Connection, path: Path, script: str) -> None:
    """LscError where the file holds more than what the script makes, DamagedStoreError where less."""
    check_passive(connection, path)
    expected = _made_by(script)
    found = {(kind, name): (table, _plain(sql)) for kind, name, table, sql in connection.execute(_OBJECTS)}
    for (kind, name), what in found.items():
        if expected.get((kind, name)) != what and what[0] not in _ALSO:
            raise _alien(path, kind, name)
    if lost := [name for name in expected if name not in found]:
        raise DamagedStoreError(f"The store {path} is damaged: it has lost {' '.join(lost[0])}. {ADVICE}")


ADVICE = "See what is wrong with it: lsc verify"


def structure_fault(connection: sqlite3.Connection, path: Path) -> str | None:
    """What is wrong with the file's pages, as far as one pass over them tells; None where nothing is."""
    if cut_off(connection, path):
        return "it is cut off"
    (structure,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    return None if structure == "ok" else " ".join(str(structure).split())


def cut_off(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the file is shorter than it says; SQLite would read zeros."""
    (pages,), (size,), (mode,) = (
        connection.execute(f"PRAGMA {name}").fetchone()
        for name in ("page_count", "page_size", "journal_mode")
    )
    return bool(mode != "wal" and path.stat().st_size < pages * size)


@cache
def _made_by(script: str) -> dict[tuple[str, str], tuple[str, str]]:
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(script)
        rows = connection.execute(_OBJECTS).fetchall()
    finally:
        connection.close()
    return {(kind, name): (table, _plain(sql)) for kind, name, table, sql in rows}


def _plain(sql: str) -> str:
    return " ".join(str(sql).split())


def _alien(path: Path, kind: object, name: object) -> LscError:
    return LscError(
        f"{path} holds a {kind} {name!r} that is not of lsc, so nothing in it is used. If you made that "
        "yourself, drop it; a store from others that has it is not to be trusted."
    )
