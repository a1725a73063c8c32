"""Connections to a store's file, and how they lock it.

One writer at a time (`BEGIN IMMEDIATE` with a busy timeout). The rollback journal is used unless SQLite is
new enough for safe write-ahead logging with several connections (https://sqlite.org/wal.html).
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from lsccli.core.errors import DamagedStoreError, LscError, UnobtainableError
from lsccli.core.store.beside import files_of
from lsccli.core.store.connect import existing
from lsccli.core.store.schema import ADVICE

BUSY_SECONDS = 120
# So long a wait is nothing to tell of.
SILENT_SECONDS = 3
_STEP = 1  # seconds that SQLite itself waits, which nothing can interrupt


def path_of(url: str) -> Path:
    """The file of a SQLite URL such as `sqlite:///db/lsc.sqlite`, or of a plain path."""
    name = url.removeprefix("sqlite:///")
    if not name or "\0" in name or (name == url and "://" in url):
        raise LscError(f"--db {url!r}: the store is a SQLite file; write sqlite:///PATH.")
    return Path(name).expanduser()


def engine_of(path: Path, say: Callable[[str], None] = lambda line: None, *, create: bool = True) -> Engine:
    """What connects to the file, each connection set up as a store's must be.

    Args:
        say: is told of long waits.
        create: whether a file is made where there is none; a store that is only read stays as it is.
    """
    # Absolute, for a file may be called `:memory:`, or begin with `file:`.
    file = Path(os.path.abspath(path))
    engine = create_engine(
        URL.create("sqlite", database=str(file)),
        **({"connect_args": {"timeout": _STEP}} if create else {"creator": lambda: existing(file, _STEP)}),
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _: object) -> None:
        # sqlite3's own transaction control begins too late for a reader that turns writer.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        # The file may come from anyone: what its schema calls is not trusted, and each page is looked at.
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        mode = "WAL" if wal_is_safe(sqlite3.sqlite_version_info) else "DELETE"
        if create:
            patiently(connection, f"PRAGMA journal_mode = {mode}", path, say)
        patiently(connection, "PRAGMA synchronous = FULL", path, say)  # reads the file

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        kind = (
            "EXCLUSIVE" if options.get("lsc_exclusive") else "IMMEDIATE" if options.get("lsc_write") else ""
        )
        plain = driver_of(connection)
        patiently(plain, f"BEGIN {kind}", path, say)
        if not kind:  # now, where the wait can be told of and interrupted
            patiently(plain, "SELECT 1 FROM sqlite_master LIMIT 1", path, say)

    return engine


def driver_of(connection: Connection) -> sqlite3.Connection:
    """The driver's own connection."""
    plain = connection.connection.driver_connection
    if not isinstance(plain, sqlite3.Connection):
        raise LscError("The connection to the store is lost.")
    return plain


def patiently(
    connection: sqlite3.Connection,
    statement: str,
    path: Path,
    say: Callable[[str], None],
    seconds: int | None = None,
) -> None:
    """Run a statement that may have to wait for a lock: second by second, so that it can be interrupted.

    Raises:
        sqlite3.OperationalError: where the lock was not to be had in so many seconds.
    """
    seconds = seconds or BUSY_SECONDS
    for second in range(seconds):
        try:
            connection.execute(statement).fetchall()
            return
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or second + 1 == seconds:
                raise
        if second + 1 == SILENT_SECONDS:
            say(f"waiting for another program that is using {path}")


def _is_busy(error: BaseException) -> bool:
    return str(getattr(error, "sqlite_errorname", "")).startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


@contextmanager
def in_one_line(path: Path) -> Iterator[None]:
    """Whatever SQLite says of the store inside the block becomes one line that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _told(path, error) from error
    except DBAPIError as error:
        if not isinstance(error.orig, sqlite3.Error):
            raise
        raise _told(path, error.orig) from error
    except UnicodeDecodeError as error:  # what SQLite says repeats bytes of the file that are no text
        raise _damaged(path, error.object.decode(errors="replace")) from error


def _damaged(path: Path, told: object) -> DamagedStoreError:
    return DamagedStoreError(f"The store {path} is damaged ({told}). {ADVICE}")


def _told(path: Path, error: sqlite3.Error) -> Exception:
    name = str(getattr(error, "sqlite_errorname", ""))
    if _is_busy(error):
        return UnobtainableError(
            f"Another program, such as another lsc, has been using {path} for {BUSY_SECONDS} s. "
            "Nothing is lost: wait until it has ended, and run the command again."
        )
    unusable = name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM"))
    failed = name.startswith("SQLITE_IOERR")
    if name == "SQLITE_FULL" or ((unusable or failed) and _no_room(path)):
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    if failed:
        return UnobtainableError(
            f"The disk failed when {path} was read or written ({error}). What was finished is kept: see that "
            "the disk is sound and has room, and run the command again."
        )
    if unusable and not path.exists():
        return LscError(f"The store {path} cannot be made ({error}); name a place that can be written: --db")
    if unusable:
        files = [file for file in files_of(path) if not file.name.endswith("-shm")]
        left = f" It was left in the middle of a write, and {files[0].name} belongs to it." if files else ""
        return UnobtainableError(
            f"The store {path} cannot be used where it is ({error}).{left} Copy "
            f"{'both files' if files else 'it'} to a folder that can be written, and name the copy with --db."
        )
    if name.startswith(("SQLITE_CONSTRAINT", "SQLITE_INTERRUPT", "SQLITE_NOMEM", "SQLITE_TOOBIG")):
        return UnobtainableError(f"The store {path} cannot be used: {error}.")
    return _damaged(path, error)


def _no_room(path: Path) -> bool:
    """Whether the disk is full: SQLite does not say why it cannot make a file or write one."""
    try:
        room = os.statvfs(path.parent)
    except (OSError, AttributeError):  # AttributeError: not on Windows
        return False
    return room.f_bavail == 0 or (room.f_files > 0 and room.f_favail == 0)


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite has the mend for the corruption of write-ahead logs by several connections."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
