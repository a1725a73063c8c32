"""Which process runs a command, and what it used: so killed runs are told, and runs reported on."""

from alembic import op

revision = "0006"
down_revision = "0005"

_DETAIL = """
CREATE TABLE run_detail (
  run_id INTEGER NOT NULL,
  pid INTEGER,
  process VARCHAR,
  models VARCHAR,
  used JSON,
  PRIMARY KEY (run_id),
  FOREIGN KEY(run_id) REFERENCES run (id)
)
"""


def upgrade() -> None:
    """Add the table; of runs before nothing of it is known."""
    op.execute(_DETAIL)
