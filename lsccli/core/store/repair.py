"""What is damaged in a store is forgotten, with all that was made from it, so that the next run makes it."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlmodel import SQLModel

from lsccli.core.store.artifacts import fact_path, generation_path
from lsccli.core.store.connection import driver_of
from lsccli.core.store.rules import key_columns
from lsccli.core.store.store import Store
from lsccli.core.store.verify import Finding

Name = tuple[Any, ...]


def repair(store: Store, findings: Sequence[Finding], searching: Collection[str] = ()) -> dict[str, int]:
    """Forget what was found to be damaged; how many rows of each table were removed.

    A removed row's id is kept for what takes its place, and files of removed rows go as well. Originals are
    not touched. `searching` names the methods that try prompts: where a score goes of what may have
    been tried and never sent, their rankings of that image go too, for nothing else would ask for that score.
    """
    with store.write() as session:
        plain = driver_of(session.connection())
        if any(finding.what == "index" for finding in findings):
            plain.execute("REINDEX")
        for child in SQLModel.metadata.sorted_tables:
            _hold(plain, child)
        gone: dict[str, set[Name]] = {}
        files: list[str] = []
        for finding in findings:
            if finding.row is None:
                continue
            table, name = finding.row
            if finding.what in ("drawing", "map"):
                files += _files(plain, table, name)
            if finding.column is not None:
                plain.execute(f'UPDATE {table} SET "{finding.column}" = NULL WHERE {_is(table)}', name)
            else:
                gone.setdefault(table, set()).add(name)
        damaged = set(gone.get("score", ()))
        for _ in ("what was made from it", "and from searches and transmissions"):
            for child in SQLModel.metadata.sorted_tables:  # parents come before their children
                _follow(plain, child, gone)
            gone.setdefault("ranking", set()).update(_searches(plain, gone, damaged, searching))
            # A transmission lacks none of its steps.
            gone.setdefault("transmission", set()).update(name[:1] for name in gone.get("step", ()))
        for table in ("generation", "fact"):
            for name in gone.get(table, ()):
                files += _files(plain, table, name)
        for parent in reversed(SQLModel.metadata.sorted_tables):
            _remove(plain, parent.name, gone.get(parent.name, ()))
    store.files.remove(files)
    return {table: len(names) for table, names in gone.items() if names}


def _is(table: str) -> str:
    return " AND ".join(f'"{name}" IS ?' for name in key_columns(table))


def _hold(plain: sqlite3.Connection, child: Table) -> None:
    """Keep the ids that rows refer to and that are gone for what takes their place."""
    for column in child.columns:
        for key in column.foreign_keys:
            parent = key.column.table.name
            if _numbered(parent):
                plain.execute(
                    f'INSERT OR IGNORE INTO vacancy (table_name, row_id) SELECT DISTINCT ?, "{column.name}" '
                    f"FROM {child.name} WHERE typeof(\"{column.name}\") = 'integer' "
                    f'AND "{column.name}" > 0 AND "{column.name}" NOT IN (SELECT id FROM {parent})',
                    (parent,),
                )


def _numbered(table: str) -> bool:
    return "id" in SQLModel.metadata.tables[table].columns and table not in ("run", "run_stage")


def _follow(plain: sqlite3.Connection, child: Table, gone: dict[str, set[Name]]) -> None:
    """Add the rows of a table that were made from rows that go; or let them refer to nothing."""
    names = ", ".join(f'"{name}"' for name in key_columns(child.name))
    for column in child.columns:
        for key in column.foreign_keys:
            for parent in gone.get(key.column.table.name, ()):
                if column.nullable:
                    update = f'UPDATE {child.name} SET "{column.name}" = NULL WHERE "{column.name}" IS ?'
                    plain.execute(update, parent)
                    continue
                query = f'SELECT {names} FROM {child.name} WHERE "{column.name}" IS ?'
                found = plain.execute(query, parent).fetchall()
                if found:
                    gone.setdefault(child.name, set()).update(map(tuple, found))


def _searches(
    plain: sqlite3.Connection,
    gone: Mapping[str, set[Name]],
    damaged: Collection[Name],
    searching: Collection[str],
) -> Iterator[Name]:
    """The rankings by these methods of the images of the scores that go, but for prompts that were sent.

    Of a score that is damaged itself, or whose drawing goes too, nobody knows which prompt it was of.
    """
    marks = ", ".join("?" * len(searching))
    query = f"""
        SELECT r.id, g.id, EXISTS (SELECT 1 FROM step s WHERE s.prompt_id = g.prompt_id)
        FROM score v JOIN generation g ON g.id = v.generation_id
        JOIN caption c ON c.image_id = v.image_id JOIN ranking r ON r.caption_id = c.id
        JOIN config m ON m.id = r.config_id
        WHERE v.id = ? AND CASE WHEN json_valid(m.settings) THEN m.settings ->> 'method' END IN ({marks})"""
    for name in gone.get("score", ()):
        for ranking, drawing, sent in plain.execute(query, (*name, *searching)).fetchall():
            if not sent or name in damaged or (drawing,) in gone.get("generation", ()):
                yield (ranking,)


def _remove(plain: sqlite3.Connection, table: str, names: Iterable[Name]) -> None:
    columns = SQLModel.metadata.tables[table].columns
    key = '"key"' if "key" in columns else "NULL"
    for name in names:
        if _numbered(table) and type(name[0]) is int and name[0] > 0:
            plain.execute(
                f"INSERT OR REPLACE INTO vacancy (table_name, row_id, key) SELECT ?, id, "
                f"CASE WHEN typeof({key}) = 'blob' AND length({key}) = 32 THEN {key} END "
                f"FROM {table} WHERE id = ?",
                (table, name[0]),
            )
        plain.execute(f"DELETE FROM {table} WHERE {_is(table)}", name)


def _files(plain: sqlite3.Connection, table: str, name: Name) -> Iterator[str]:
    """The file of a row, as its key says, where that is one."""
    what = "'generations'" if table == "generation" else "name"
    query = (
        f"SELECT {what}, key FROM {table} WHERE id IS ? AND typeof(key) = 'blob' AND length(key) = 32 "
        f"AND typeof({what}) = 'text' AND {what} NOT GLOB '*[^a-zA-Z0-9_-]*' AND {what} <> ''"
    )
    for folder, key in plain.execute(query, name):
        yield generation_path(key) if table == "generation" else fact_path(folder, key)
