"""Which rows of a store are to go: temporary tables of their ids, one for each table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlmodel import Session, SQLModel

# Of these nothing is left out that is only referred to: runs and configurations stay as long as anything is.
_KEPT = ("run", "run_detail", "run_stage", "config")


class Marks:
    """Temporary tables of the ids that go, one for each table of the store."""

    def __init__(self, session: Session) -> None:
        self._session = session
        tables = SQLModel.metadata.sorted_tables
        self.tables = [table.name for table in tables if table.name not in _KEPT]
        # Whatever refers to a row goes with it.
        self.children = {
            name: [
                (table.name, key.parent.name)
                for table in tables
                for key in table.foreign_keys
                if key.column.table.name == name and table.name in self.tables
            ]
            for name in self.tables
        }
        self._ids = {table.name: "id" if "id" in table.c else None for table in tables}

    def add(self, table: str, query: str, values: Mapping[str, Any] | None = None) -> None:
        """Mark the rows whose ids a query gives."""
        run(self._session, f"INSERT OR IGNORE INTO gone_{table} {query}", values)

    def has_ids(self, table: str) -> bool:
        """Whether rows of the table are known by an id."""
        return self._ids[table] is not None

    def count(self, table: str) -> int:
        """How many rows of a table go."""
        if self.has_ids(table):
            return int(rows_of(self._session, f"SELECT count(*) FROM gone_{table}")[0][0])
        found = rows_of(self._session, f"SELECT count(*) FROM {table} WHERE {self._bare(table)}")
        return int(found[0][0])

    def delete(self) -> None:
        """Delete what is marked, first what refers to others."""
        for table in reversed(self.tables):
            where = f"id IN (SELECT id FROM gone_{table})" if self.has_ids(table) else self._bare(table)
            run(self._session, f"DELETE FROM {table} WHERE {where}")

    def gone(self, table: str) -> set[int]:
        """The ids that are marked."""
        return {number for (number,) in rows_of(self._session, f"SELECT id FROM gone_{table}")}

    def _bare(self, table: str) -> str:
        """The rows of a table without ids that go with those that they refer to."""
        ways = [
            f"{column} IN (SELECT id FROM gone_{name})"
            for name, refer in self.children.items()
            for other, column in refer
            if other == table and name != "prompt"
        ]
        return " OR ".join(ways) or "0"


@contextmanager
def marks_of(session: Session) -> Iterator[Marks]:
    marks = Marks(session)
    known = [table for table in marks.tables if marks.has_ids(table)]
    try:
        for table in known:
            run(session, f"CREATE TEMP TABLE IF NOT EXISTS gone_{table} (id INTEGER PRIMARY KEY)")
        yield marks
    finally:
        for table in known:
            run(session, f"DROP TABLE IF EXISTS temp.gone_{table}")


def run(session: Session, sql: str, values: Mapping[str, Any] | None = None) -> None:
    """Run a statement."""
    session.connection().exec_driver_sql(sql, dict(values or {}))


def rows_of(session: Session, sql: str) -> Sequence[Any]:
    """The rows of a query."""
    return session.connection().exec_driver_sql(sql).all()
