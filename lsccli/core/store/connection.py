"""Connections to a store's file, and how they lock it.

One writer at a time (`BEGIN IMMEDIATE` with a busy timeout). The rollback journal is used unless SQLite is
new enough for safe write-ahead logging with several connections (https://sqlite.org/wal.html).
"""

from __future__ import annotations

import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event

from lsccli.core.errors import LscError

BUSY_SECONDS = 120


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold Control-C back until the block has ended: a transaction is done whole, then interrupted."""
    before = signal.getsignal(signal.SIGINT)
    main = threading.current_thread() is threading.main_thread()
    if not main or before is not signal.default_int_handler:  # held back already, or not ours to hold
        yield
        return
    held: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if held:
            raise KeyboardInterrupt


def path_of(url: str) -> Path:
    """The file of a SQLite URL such as `sqlite:///db/lsc.sqlite`, or of a plain path."""
    if url.startswith("sqlite:///"):
        return Path(url.removeprefix("sqlite:///")).expanduser()
    if "://" in url or not url:
        raise LscError(f"--db {url!r}: the store is a SQLite file; write sqlite:///PATH.")
    return Path(url).expanduser()


def engine_of(path: Path) -> Engine:
    """What connects to the file, each connection set up as a store's must be."""
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _: object) -> None:
        # sqlite3's own transaction control begins too late for a reader that turns writer.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        mode = "WAL" if wal_is_safe(sqlite3.sqlite_version_info) else "DELETE"
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
