"""The tables of the first release, 0.2.0. Stores of lsc 0.1 (versions 1 and 2) are refused, not migrated."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    script = Path(__file__).with_name("0003_first_release.sql").read_text(encoding="utf-8")
    for statement in script.split(";\n"):
        if statement.strip():
            op.execute(statement)
