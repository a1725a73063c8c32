"""Everything that a store holds, checked: its structure, its rows, the files beside it, the originals."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Column
from sqlmodel import SQLModel

from lsccli.core.store.artifacts import fact_path, generation_path, is_picture, read_npy
from lsccli.core.store.connection import driver_of
from lsccli.core.store.files import read_file
from lsccli.core.store.rules import key_columns, prepare, rules
from lsccli.core.store.schema import cut_off
from lsccli.core.store.store import Store

# A table, and the primary key of a row of it.
RowName = tuple[str, tuple[Any, ...]]
Recomputed = Callable[[sqlite3.Connection, Collection[RowName]], Iterable[tuple[str, int, str]]]

# What an index says beside its table can be made anew from the table.
_OF_INDEX = ("missing from index", "wrong # of entries in index", "non-unique entry in index")
# What tells results of one table from each other, beside their keys.
_NATURAL = {
    "ranking": ("caption_id", "config_id", "seed"),
    "transmission": ("ranking_id", "config_id", "trial"),
    "generation": ("prompt_id", "config_id", "seed"),
    "score": ("generation_id", "image_id", "config_id"),
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        what: structure, index, a table, drawing, map, or original.
        name: which: the row's number, or the file.
        fault: what is wrong with it.
        row: the row's table and primary key, where `lsc verify --repair` can forget it.
        column: the one column of the row that can be emptied instead.
    """

    what: str
    name: str
    fault: str
    row: RowName | None = None
    column: str | None = None

    @property
    def mended(self) -> bool:
        """Whether `lsc verify --repair` puts it right."""
        return self.row is not None or self.what == "index"


@dataclass
class Verification:
    """How many of each were checked, what is wrong, and how many files have no checksum yet."""

    checked: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unnoted: int = 0

    @property
    def broken(self) -> bool:
        """Whether the file's structure is, so that nothing else could be checked."""
        return any(finding.what == "structure" for finding in self.findings)


def broken(fault: str) -> Verification:
    """What is found of a store that cannot even be opened."""
    return Verification({"structure": 1}, [Finding("structure", "", fault)])


def verify(store: Store, recomputed: Recomputed = lambda plain, damaged: ()) -> Verification:
    """Check everything; nothing is written.

    `recomputed` gives of the rows, but for those that are known to be damaged, which are others than what
    they are made of gives: table, id and fault.
    """
    found = Verification()
    with store.read() as session:
        plain = driver_of(session.connection())
        prepare(plain)
        usual = plain.text_factory
        plain.text_factory = _decoded
        try:
            _check_structure(plain, store.path, found)
            if not found.broken:
                _check_rows(plain, found)
                _check_results(plain, found, recomputed)
                _check_files(plain, store, found)
                _check_originals(plain, found)
        finally:
            plain.text_factory = usual
    return found


def _decoded(content: bytes) -> str:
    """Text that is no UTF-8 is read as well, to be named."""
    return content.decode(errors="replace")


def _check_structure(plain: sqlite3.Connection, path: Path, found: Verification) -> None:
    found.checked["structure"] = 1
    if cut_off(plain, path):
        found.findings.append(Finding("structure", "", "it is cut off"))
        return
    try:
        lines = [str(line) for (line,) in plain.execute("PRAGMA integrity_check(100)")]
    except sqlite3.DatabaseError as error:
        if str(getattr(error, "sqlite_errorname", "")).startswith("SQLITE_IOERR"):
            raise  # of the disk, and not of what is on it
        lines = [str(error)]
    except UnicodeDecodeError as error:  # a message with bytes of the file in it
        lines = [error.object.decode(errors="replace")]
    # NOT NULL and types are rules of rows, which name more.
    told = [line for line in lines if line != "ok" and "NULL value in" not in line]
    for line in told:
        what = "index" if all(any(word in one for word in _OF_INDEX) for one in told) else "structure"
        found.findings.append(Finding(what, "", " ".join(line.split())))


def _check_rows(plain: sqlite3.Connection, found: Verification) -> None:
    for table in SQLModel.metadata.sorted_tables:
        (found.checked[table.name],) = plain.execute(f"SELECT count(*) FROM {table.name}").fetchone()
    seen: set[RowName] = set()
    for finding in (*_broken_rules(plain), *_unreadable(plain), *_dangling(plain), *_twice(plain)):
        if finding.row not in seen and finding.row is not None:
            seen.add(finding.row)
            found.findings.append(finding)


def _check_results(plain: sqlite3.Connection, found: Verification, recomputed: Recomputed) -> None:
    damaged = {finding.row for finding in found.findings if finding.row is not None}
    for table, number, fault in recomputed(plain, damaged):
        found.findings.append(_row(table, (number,), fault, None))


def _broken_rules(plain: sqlite3.Connection) -> Iterator[Finding]:
    for rule in rules():
        for name in plain.execute(rule.query).fetchall():
            yield _row(rule.table, name, rule.fault, rule.column)


def _unreadable(plain: sqlite3.Connection) -> Iterator[Finding]:
    """Text that is no UTF-8, which Python's driver refuses to hand out."""
    for table in SQLModel.metadata.sorted_tables:
        names = ", ".join(f'"{name}"' for name in key_columns(table.name))
        for column in table.columns:
            own = f'"{column.name}"'
            query = f"SELECT CAST({own} AS BLOB), {names} FROM {table.name} WHERE typeof({own}) = 'text'"
            for content, *name in plain.execute(query):
                if not _is_utf8(content):
                    yield _row(table.name, tuple(name), f"{column.name} is no text", _emptied(column))


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _dangling(plain: sqlite3.Connection) -> Iterator[Finding]:
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            for key in column.foreign_keys:
                parent = key.column.table.name
                names = ", ".join(f'"{name}"' for name in key_columns(table.name))
                query = (
                    f'SELECT {names} FROM {table.name} AS own WHERE "{column.name}" IS NOT NULL AND NOT '
                    f"EXISTS (SELECT 1 FROM {parent} AS other "
                    f'WHERE other."{key.column.name}" = own."{column.name}")'
                )
                for name in plain.execute(query).fetchall():
                    fault = f"{column.name} names no {parent}"
                    yield _row(table.name, name, fault, _emptied(column))


def _twice(plain: sqlite3.Connection) -> Iterator[Finding]:
    for table, names in _NATURAL.items():
        own = ", ".join(names)
        query = (
            f"SELECT id FROM {table} WHERE ({own}) IN "
            f"(SELECT {own} FROM {table} GROUP BY {own} HAVING count(*) > 1)"
        )
        for name in plain.execute(query).fetchall():
            yield _row(table, name, "is there twice", None)


def _emptied(column: Column[Any]) -> str | None:
    return column.name if column.nullable else None


def _row(table: str, name: tuple[Any, ...], fault: str, column: str | None) -> Finding:
    return Finding(table, ", ".join(map(str, name)), fault, (table, tuple(name)), column)


def _check_files(plain: sqlite3.Connection, store: Store, found: Verification) -> None:
    damaged = {finding.row for finding in found.findings}
    for number, key, digest in plain.execute(
        "SELECT id, key, sha256 FROM generation WHERE sha256 IS NOT NULL"
    ):
        if ("generation", (number,)) not in damaged:
            found.unnoted += not digest
            content = store.files.read(generation_path(key), digest)
            fault = _fault(store, generation_path(key), content is not None and is_picture(content))
            _note(found, "drawing", store, generation_path(key), fault, ("generation", (number,)), "sha256")
    for number, key, name, digest in plain.execute("SELECT id, key, name, sha256 FROM fact"):
        if ("fact", (number,)) not in damaged:
            content = store.files.read(fact_path(name, key), digest)
            fault = _fault(store, fact_path(name, key), content is not None and read_npy(content) is not None)
            _note(found, "map", store, fact_path(name, key), fault, ("fact", (number,)), None)


def _note(
    found: Verification,
    what: str,
    store: Store,
    path: str,
    fault: str | None,
    row: RowName,
    column: str | None,
) -> None:
    found.checked[what] = found.checked.get(what, 0) + 1
    if fault is not None:
        found.findings.append(Finding(what, str(store.artifacts / path), fault, row, column))


def _fault(store: Store, path: str, sound: bool) -> str | None:
    if sound:
        return None
    return "is not as it was made" if (store.artifacts / path).exists() else "is missing"


def _check_originals(plain: sqlite3.Connection, found: Verification) -> None:
    query = "SELECT s.id, s.root, s.path, i.key FROM source s JOIN image i ON i.id = s.image_id ORDER BY s.id"
    damaged = {finding.row for finding in found.findings}
    for number, root, path, key in plain.execute(query):
        if ("source", (number,)) in damaged:
            continue
        found.checked["original"] = found.checked.get("original", 0) + 1
        place = Path(root) / path
        content = read_file(place)
        if content is None:
            found.findings.append(Finding("original", str(place), "is gone, or cannot be read"))
        elif sha256(content).digest() != key:
            found.findings.append(Finding("original", str(place), "has changed since it was registered"))
