"""How a store's file is connected to."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from lsccli.core.store.connection import wal_is_safe
from lsccli.core.store.store import Store


@pytest.mark.parametrize(
    ("version", "safe"),
    [((3, 40, 1), False), ((3, 44, 6), True), ((3, 45, 0), False), ((3, 50, 7), True), ((3, 51, 2), False),
     ((3, 51, 3), True), ((3, 52, 0), True)],
)  # fmt: skip
def test_write_ahead_log_only_where_it_is_safe(version: tuple[int, ...], safe: bool) -> None:
    assert wal_is_safe(version) is safe


def test_journal_mode_follows_the_library(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "lsc.sqlite"))
    with store.read() as session:
        mode = session.execute(text("PRAGMA journal_mode")).scalar_one()
    assert mode == ("wal" if wal_is_safe(sqlite3.sqlite_version_info) else "delete")
