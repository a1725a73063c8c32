"""The store: SQLite behind SQLModel, the one place that opens a session; it creates and migrates itself.

How it is connected to, and who waits for whom, stands in `connection`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select, text
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session, SQLModel

from lsccli.core.errors import DamagedStoreError, LscError, NoStoreError, of_system
from lsccli.core.interrupts import undisturbed
from lsccli.core.store.artifacts import Artifacts
from lsccli.core.store.beside import check_files
from lsccli.core.store.connection import driver_of, engine_of, in_one_line, path_of, patiently
from lsccli.core.store.keys import Identity, key
from lsccli.core.store.rules import first_fault
from lsccli.core.store.schema import ADVICE, check_passive, check_schema, structure_fault
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

    def __init__(
        self,
        url: str,
        artifacts: Path | None = None,
        *,
        create: bool = True,
        check: bool = True,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        """Open the store at `url`, make it where there is none, migrate it where it is of an older version.

        Args:
            create: whether to make a store where there is none; whoever reads only makes nothing.
            check: whether to look at every page and row first; `lsc verify` alone does not.
            say: is told when this waits for another program.

        Raises:
            LscError: where the URL is not SQLite's, the file is no store, or a newer lsc made it.
            NoStoreError: where there is no store that is not to be made.
            UnobtainableError: where the store is locked, or cannot be written; DamagedStoreError where it is
                damaged.
        """
        self.path = path_of(url)
        self._check = check
        self._create_missing = create
        self._say = say
        self.artifacts = artifacts or self.path.parent / "artifacts"
        if artifacts is None and self.artifacts.is_symlink():  # as anyone's store may bring along
            raise LscError(
                f"{self.artifacts} is a link to {self.artifacts.resolve()}; if that is meant, say so: "
                "--artifacts FOLDER"
            )
        if self.artifacts.exists() and not self.artifacts.is_dir():
            raise LscError(f"{self.artifacts} is no folder; name one for images: --artifacts FOLDER")
        self.files = Artifacts(self.artifacts, self.path, say)
        check_files(self.path)
        if create:
            self._make_folder()
        elif not self.path.exists():
            raise self._no_store("There is no store")
        self._refuse_other_versions()
        self._engine = engine_of(self.path, say, create=create)
        self._writer = self._engine.execution_options(lsc_write=True)
        try:
            with in_one_line(self.path):
                self._prepare()
        except BaseException:
            self.close()
            raise

    def _make_folder(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise of_system(f"Cannot make the folder of the store {self.path}", error) from error

    def _no_store(self, what: str) -> LscError:
        return NoStoreError(
            f"{what} {self.path}. Name one that is there with --db, or make it: lsc caption DATA"
        )

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading."""
        with undisturbed(), in_one_line(self.path), Session(self._engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session for writing, one transaction: committed at the end, rolled back on an error."""
        with in_one_line(self.path), Session(self._writer) as session:
            session.connection()  # waits for other writers, which Control-C may end
            with undisturbed():
                yield session
                session.flush()
                # Here, and not by what follows: it may have to wait for readers.
                patiently(driver_of(session.connection()), "COMMIT", self.path, self._say)
                session.commit()

    @contextmanager
    def alone(self) -> Iterator[sqlite3.Connection]:
        """The driver's connection outside of any transaction, for what must be by itself."""
        with self._engine.connect() as connection:
            yield driver_of(connection)

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
        if head and not head.startswith(b"SQLite format 3\0"[: len(head)]):
            raise LscError(
                f"{self.path} cannot be opened as a store (file is not a database); "
                "name another file with --db."
            )
        if 0 < len(head) < 64:  # SQLite would begin anew
            raise DamagedStoreError(f"The store {self.path} is damaged (it is cut off). {ADVICE}")
        if len(head) == 64:
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
            return
        if version < SCHEMA_VERSION:
            self._migrate()
        with self._engine.connect() as connection, connection.begin():
            plain = driver_of(connection)
            check_schema(plain, self.path, _script())
            if self._check:
                self._check_content(plain)

    def _check_content(self, connection: sqlite3.Connection) -> None:
        """DamagedStoreError where a page or a row is damaged: then no command may go by what it reads."""
        fault = structure_fault(connection, self.path) or first_fault(connection)
        if fault is not None:
            raise DamagedStoreError(f"The store {self.path} is damaged ({fault}). {ADVICE}")

    def _create(self) -> None:
        script = _script()
        with self._engine.execution_options(lsc_exclusive=True).connect() as connection, connection.begin():
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
                check_passive(driver_of(connection), self.path)
                if fault := structure_fault(driver_of(connection), self.path):
                    raise DamagedStoreError(f"The store {self.path} is damaged ({fault}). {ADVICE}")
                config.attributes["connection"] = connection
                connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")
                # A store made from schema.sql has no note of Alembic's; its version is in user_version.
                command.stamp(config, f"{version:04d}")
                command.upgrade(config, "head")
                connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _script() -> str:
    return (db_folder() / "schema.sql").read_text(encoding="utf-8")


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
