"""The store: SQLite behind SQLModel, the one place that opens a session; it creates and migrates itself.

How it is connected to, and who waits for whom, stands in `connection`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select, text
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, SQLModel

from lsccli.core.errors import LscError
from lsccli.core.store.artifacts import Artifacts
from lsccli.core.store.connection import engine_of, path_of, undisturbed
from lsccli.core.store.keys import Identity, key
from lsccli.core.store.tables import FIRST_VERSION, SCHEMA_VERSION, Config, Prompt, Vacancy

T = TypeVar("T")

# SQLite takes at least 32766 variables in a statement; rows here have at most ten columns.
_CHUNK = 3000


def db_folder() -> Path:
    """The folder with `schema.sql` and the migrations: `lsccli/_db` as installed, `db/` in a checkout."""
    package = Path(__file__).parents[2]
    installed = package / "_db"
    return installed if installed.is_dir() else package.parent / "db"


class Store:
    """A store that is open: `read()` and `write()` give sessions; `files` are in its folder `artifacts`."""

    def __init__(self, url: str, artifacts: Path | None = None) -> None:
        """Open the store at `url`, make it where there is none, migrate it where it is of an older version.

        Raises:
            LscError: where the URL is not SQLite's, the file is no store, or a newer lsc made it.
        """
        self.path = path_of(url)
        self.artifacts = artifacts or self.path.parent / "artifacts"
        if artifacts is None and self.artifacts.is_symlink():  # as anyone's store may bring along
            raise LscError(
                f"{self.artifacts} is a link to {self.artifacts.resolve()}; if that is meant, say so: "
                "--artifacts FOLDER"
            )
        self.files = Artifacts(self.artifacts)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LscError(f"Cannot make the folder of the store {self.path}: {error.strerror}.") from error
        self._refuse_other_versions()
        self._engine = engine_of(self.path)
        self._writer = self._engine.execution_options(lsc_write=True)
        try:
            self._prepare()
        except DatabaseError as error:
            self.close()
            if "disk" in str(error.orig) and "full" in str(error.orig):
                raise
            raise LscError(
                f"{self.path} cannot be opened as a store ({error.orig}); name another file with --db."
            ) from error

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


def add(
    session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]], *, renew: str | None = None
) -> int:
    """Insert rows (all columns but the id given) that are not there already; how many were new.

    Of a row that is there the column `renew` gets the new value. Where `lsc verify` has removed damaged rows,
    the first that are added take their ids.
    """
    count = 0
    statement = insert(table.__table__)  # type: ignore[attr-defined]
    statement = (
        statement.on_conflict_do_nothing()
        if renew is None
        else statement.on_conflict_do_update(index_elements=["key"], set_={renew: statement.excluded[renew]})
    )
    for part in in_chunks(rows):
        for chunk in _placed(session, table, part):
            count += max(session.connection().execute(statement, chunk).rowcount, 0)
    return count


def _placed(
    session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]
) -> Iterator[list[dict[str, Any]]]:
    """The rows in order; apart from the others those that take the id of a row that was removed."""
    columns = table.__table__.c  # type: ignore[attr-defined]
    unique = next((name for name in ("key", "text") if name in columns), None)
    free: dict[bytes | None, list[int]] = {}
    if unique is not None:
        vacant: Any = (
            select(Vacancy.row_id, Vacancy.key)  # type: ignore[call-overload]
            .where(Vacancy.table_name == table.__tablename__, Vacancy.row_id.not_in(select(columns.id)))  # type: ignore[attr-defined]
            .order_by(Vacancy.row_id)
        )
        for number, name in session.execute(vacant):
            free.setdefault(name, []).append(number)
    if unique is None or not free:
        yield [dict(row) for row in rows]
        return
    known = look_up(session, table, unique, [row[unique] for row in rows], "id")
    for row in rows:
        own = free.get(row.get("key")) or free.get(None)
        number = own.pop(0) if own and row[unique] not in known else None
        yield [dict(row) if number is None else {**row, "id": number}]


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
