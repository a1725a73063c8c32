"""The first tables, from the schema that a new store is made of."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables of version 1."""
    script = Path(__file__).with_name("0001_first_tables.sql").read_text(encoding="utf-8")
    for statement in script.split(";\n"):
        if statement.strip():
            op.execute(statement)
