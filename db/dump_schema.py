"""Write `db/schema.sql` from the SQLModel tables: `python db/dump_schema.py`."""

from pathlib import Path

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import SQLModel

import lsccli.core.store.tables  # noqa: F401  (defines the tables)


def schema() -> str:
    """All CREATE statements, in an order in which they can be run."""
    dialect = sqlite.dialect()
    statements: list[str] = []
    for table in SQLModel.metadata.sorted_tables:
        statements.append(str(CreateTable(table).compile(dialect=dialect)).strip())
        statements += [
            str(CreateIndex(index).compile(dialect=dialect)).strip()
            for index in sorted(table.indexes, key=lambda index: str(index.name))
        ]
    lines = [line.rstrip() for statement in statements for line in (statement + ";").splitlines()]
    return "\n".join(lines).replace("\t", "  ") + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("schema.sql").write_text(schema(), encoding="utf-8")
