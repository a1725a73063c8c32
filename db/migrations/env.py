"""Alembic's entry: the store hands in its connection, inside its own exclusive transaction."""

from alembic import context
from sqlmodel import SQLModel

import lsccli.core.store.tables  # noqa: F401  (defines the tables)

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, transactional_ddl=False
)
context.run_migrations()
