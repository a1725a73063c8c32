"""The store: SQLite behind SQLModel, the one place that opens a session; it creates and migrates itself.

One writer at a time (`BEGIN IMMEDIATE` with a busy timeout). The rollback journal is used unless SQLite is
new enough for safe write-ahead logging with several connections (https://sqlite.org/wal.html).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Engine, create_engine, event, select, text
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, SQLModel

from lsccli.core.errors import LscError
from lsccli.core.interrupts import undisturbed
from lsccli.core.store.connect import existing
from lsccli.core.store.keys import Identity, key
from lsccli.core.store.tables import FIRST_VERSION, SCHEMA_VERSION, Config, Prompt

T = TypeVar("T")

_BUSY_SECONDS = 120
# SQLite takes at least 32766 variables in a statement; rows here have at most ten columns.
_CHUNK = 3000


def db_folder() -> Path:
    """The folder with `schema.sql` and the migrations: `lsccli/_db` as installed, `db/` in a checkout."""
    package = Path(__file__).parents[2]
    installed = package / "_db"
    return installed if installed.is_dir() else package.parent / "db"


class Store:
    """A store that is open: `read()` and `write()` give sessions, `artifacts` is its folder of files."""

    def __init__(self, url: str, artifacts: Path | None = None, *, create: bool = True) -> None:
        """Open the store at `url`, make it where there is none, migrate it where it is of an older version.

        Args:
            create: whether to make a store where there is none; whoever reads only makes nothing.

        Raises:
            LscError: where the URL is not SQLite's, the file is no store, or a newer lsc made it; and where
                there is no store that is not to be made.
        """
        self.path = path_of(url)
        self.artifacts = artifacts or self.path.parent / "artifacts"
        self._create_missing = create
        self._find_or_make_room()
        self._refuse_other_versions()
        self._engine = _engine(self.path, create=create)
        self._writer = self._engine.execution_options(lsc_write=True)
        try:
            self._prepare()
        except DatabaseError as error:
            self.close()
            if "disk" in str(error.orig) and "full" in str(error.orig):
                raise
            if "readonly" in str(error.orig):
                raise LscError(
                    f"The store {self.path} was made by an older lsc and has to be brought up to date, but "
                    "cannot be written here. Copy it to where it can, and name the copy with --db."
                ) from error
            raise LscError(
                f"{self.path} cannot be opened as a store ({error.orig}); name another file with --db."
            ) from error

    def _find_or_make_room(self) -> None:
        """The folder of a store that may be made; LscError where there is none that should be there."""
        if self.path.is_dir():
            raise LscError(f"{self.path} is a folder; name the file of the store with --db.")
        if not self._create_missing:
            if not self.path.exists():
                raise self._no_store("There is no store")
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LscError(f"Cannot make the folder of the store {self.path}: {error.strerror}.") from error

    def _no_store(self, what: str) -> LscError:
        return LscError(f"{what} {self.path}. Name one that is there with --db, or make it: lsc caption DATA")

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading."""
        with undisturbed(), Session(self._engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session for writing, one transaction: committed at the end, rolled back on an error."""
        with undisturbed(), Session(self._writer) as session, session.begin():
            yield session

    def _refuse_other_versions(self) -> None:
        """LscError for a store of another time; looked at without touching anything of it."""
        if not self.path.is_file():
            return
        try:
            with self.path.open("rb") as file:
                head = file.read(64)
        except OSError:  # opening it for writing will say what is wrong
            return
        # By the file's header (https://sqlite.org/fileformat.html): SQLite itself would replay a journal that
        # a killed writer has left, or put a -shm beside it.
        if len(head) == 64 and head.startswith(b"SQLite format 3\0"):
            self._refuse(int.from_bytes(head[60:64], "big"))

    def _refuse(self, version: int) -> None:
        """LscError for the version of a schema that is not dealt with here."""
        if version > SCHEMA_VERSION:
            raise LscError(
                f"The store {self.path} was made by a newer lsc (version {version}, this one knows "
                f"{SCHEMA_VERSION}); update lsc, or name another store with --db."
            )
        if 0 < version < FIRST_VERSION:
            raise LscError(
                f"The store {self.path} was made by lsc 0.1, whose results have other keys and cannot be "
                "carried over. It is left as it is: name a new store with --db and run again what you need."
            )

    def _prepare(self) -> None:
        with self._engine.connect() as connection:
            version = connection.execute(text("PRAGMA user_version")).scalar_one()
            tables = connection.execute(text("SELECT count(*) FROM sqlite_master")).scalar_one()
        self._refuse(version)  # again, for a header may be older than what the journal says
        if version == 0 and tables:
            raise LscError(f"{self.path} is a database, but not a store of lsc; name another file with --db.")
        if version == 0 and not self._create_missing:
            raise self._no_store("There is nothing in the store")
        if version == 0:
            self._create()
        elif version < SCHEMA_VERSION:
            self._migrate()

    def _create(self) -> None:
        script = (db_folder() / "schema.sql").read_text(encoding="utf-8")
        with self._writer.connect() as connection, connection.begin():
            # Another lsc may have made the tables while this one waited for the lock.
            if connection.execute(text("PRAGMA user_version")).scalar_one() == 0:
                for statement in script.split(";\n"):
                    if statement.strip():
                        connection.exec_driver_sql(statement)
                connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _migrate(self) -> None:
        from alembic import command
        from alembic.config import Config as AlembicConfig

        config = AlembicConfig()
        config.set_main_option("script_location", str(db_folder() / "migrations"))
        with self._engine.execution_options(lsc_exclusive=True).connect() as connection, connection.begin():
            version = connection.execute(text("PRAGMA user_version")).scalar_one()
            if version < SCHEMA_VERSION:
                config.attributes["connection"] = connection
                # A store made from schema.sql has no note of Alembic's; its version is in user_version.
                command.stamp(config, f"{version:04d}")
                command.upgrade(config, "head")
                connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")


def path_of(url: str) -> Path:
    """The file of a SQLite URL such as `sqlite:///db/lsc.sqlite`, or of a plain path."""
    name = url.removeprefix("sqlite:///")
    if not name or "\0" in name or (name == url and "://" in url):
        raise LscError(f"--db {url!r}: the store is a SQLite file; write sqlite:///PATH.")
    return Path(name).expanduser()


def _engine(path: Path, *, create: bool = True) -> Engine:
    # Absolute, for a file may be called `:memory:`, or begin with `file:`.
    file = Path(os.path.abspath(path))
    timeout = {"timeout": _BUSY_SECONDS}
    engine = create_engine(
        URL.create("sqlite", database=str(file)),
        **({"connect_args": timeout} if create else {"creator": lambda: existing(file, _BUSY_SECONDS)}),
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _: object) -> None:
        # sqlite3's own transaction control begins too late for a reader that turns writer.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        mode = "WAL" if wal_is_safe(sqlite3.sqlite_version_info) else "DELETE"
        if create:  # a store that is only read stays as it is
            connection.execute(f"PRAGMA journal_mode = {mode}")
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        options = connection.get_execution_options()
        kind = (
            "EXCLUSIVE" if options.get("lsc_exclusive") else "IMMEDIATE" if options.get("lsc_write") else ""
        )
        connection.exec_driver_sql(f"BEGIN {kind}")

    return engine


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite has the mend for the corruption of write-ahead logs by several connections."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def ids_by_key(session: Session, table: type[SQLModel], keys: Sequence[bytes]) -> dict[bytes, int]:
    """The ids of those `keys` that the table knows."""
    return look_up(session, table, "key", keys, "id")


def look_up(
    session: Session, table: type[SQLModel], column: str, values: Sequence[Any], wanted: str
) -> dict[Any, Any]:
    """Column `wanted` by the value of `column`, for those `values` that the table knows."""
    columns = table.__table__.c  # type: ignore[attr-defined]
    found: dict[Any, Any] = {}
    for chunk in in_chunks(list(dict.fromkeys(values))):
        rows = session.execute(select(columns[column], columns[wanted]).where(columns[column].in_(chunk)))
        found.update((value, fact) for value, fact in rows)
    return found


def in_chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in parts that a statement can take."""
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def add(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert rows (all columns but the id given) that are not there already; how many were new."""
    count = 0
    for part in in_chunks(rows):
        chunk = [dict(row) for row in part]
        statement = insert(table.__table__).on_conflict_do_nothing()  # type: ignore[attr-defined]
        count += max(session.connection().execute(statement, chunk).rowcount, 0)
    return count


def config_key(kind: str, identity: Identity) -> bytes:
    """The key of a configuration."""
    return key("config", of=kind, settings=identity)


def config_id(session: Session, kind: str, profile: str, identity: Identity) -> int:
    """The id of a configuration, added where it is new with all its settings, as resolved."""
    name = config_key(kind, identity)
    row = {"key": name, "kind": kind, "profile": profile, "settings": dict(identity.settings)}
    add(session, Config, [row])
    return ids_by_key(session, Config, [name])[name]


def prompt_ids(session: Session, texts: Sequence[str]) -> dict[str, int]:
    """The id of each prompt, added where it is new."""
    known = look_up(session, Prompt, "text", texts, "id")
    missing = [prompt for prompt in dict.fromkeys(texts) if prompt not in known]
    if missing:
        add(session, Prompt, [{"text": prompt} for prompt in missing])
        known.update(look_up(session, Prompt, "text", missing, "id"))
    return known
