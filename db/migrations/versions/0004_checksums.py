"""The SHA-256 of every file beside the store; paths follow from keys, and are kept no more."""

from alembic import op

revision = "0004"
down_revision = "0003"

_FACT = """
CREATE TABLE fact (
  id INTEGER NOT NULL,
  "key" BLOB NOT NULL,
  name VARCHAR NOT NULL,
  sha256 BLOB NOT NULL,
  run_id INTEGER,
  PRIMARY KEY (id),
  UNIQUE ("key"),
  FOREIGN KEY(run_id) REFERENCES run (id)
)
"""
_VACANCY = """
CREATE TABLE vacancy (
  table_name TEXT NOT NULL,
  row_id INTEGER NOT NULL,
  "key" BLOB,
  PRIMARY KEY (table_name, row_id)
)
 WITHOUT ROWID
"""


def upgrade() -> None:
    """Add the digests: empty where an image was kept, which is hashed when it is first read."""
    # Columns are added and dropped in place, so that no row of `score` loses what it refers to meanwhile.
    op.execute("ALTER TABLE generation ADD COLUMN sha256 BLOB")
    op.execute("UPDATE generation SET sha256 = x'' WHERE path IS NOT NULL")
    op.execute("ALTER TABLE generation DROP COLUMN path")
    # A fact's file of the time before has no row, and is computed anew where it is asked for.
    op.execute(_FACT)
    op.execute(_VACANCY)
