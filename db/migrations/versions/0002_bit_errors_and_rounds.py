"""Steps say how many bits arrived wrong, and in how many rounds a word was sent."""

from alembic import op

revision = "0002"
down_revision = "0001"

_STEP = """
CREATE TABLE step (
  transmission_id INTEGER NOT NULL,
  k INTEGER NOT NULL,
  sent VARCHAR NOT NULL,
  received VARCHAR NOT NULL,
  source_bits INTEGER NOT NULL,
  channel_bits INTEGER NOT NULL,
  symbols INTEGER NOT NULL,
  bit_errors INTEGER NOT NULL,
  rounds INTEGER NOT NULL,
  prompt_id INTEGER NOT NULL,
  PRIMARY KEY (transmission_id, k),
  FOREIGN KEY(transmission_id) REFERENCES transmission (id),
  FOREIGN KEY(prompt_id) REFERENCES prompt (id)
)
 WITHOUT ROWID
"""
_OLD = "transmission_id, k, sent, received, source_bits, channel_bits, symbols"


def upgrade() -> None:
    """Make the table anew; until now every word arrived as it was sent, in one round."""
    op.execute("DROP INDEX step_prompt")
    op.execute("ALTER TABLE step RENAME TO step_before")
    op.execute(_STEP)
    op.execute(
        f"INSERT INTO step ({_OLD}, bit_errors, rounds, prompt_id) "
        f"SELECT {_OLD}, 0, k > 0, prompt_id FROM step_before ORDER BY transmission_id, k"
    )
    op.execute("DROP TABLE step_before")
    op.execute("CREATE INDEX step_prompt ON step (prompt_id)")
