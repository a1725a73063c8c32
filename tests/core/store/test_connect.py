"""Opening a store that is there already, without making a file."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from pathlib import Path

import pytest

from lsccli.core.store.connect import existing


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_file_is_read_where_none_can_be_made(mode: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "a?b#c%20.sqlite"
        with sqlite3.connect(file) as made:
            made.execute(f"PRAGMA journal_mode = {mode}")
            made.execute("CREATE TABLE t (x)")
        made.close()
        folder.chmod(0o555)
        file.chmod(0o444)
        owner = os.geteuid()
        try:
            if not owner:
                os.seteuid(65534)
            connection = existing(file, 1)
            assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)
            connection.close()
        finally:
            os.seteuid(owner)
            folder.chmod(0o755)
        assert [path.name for path in folder.iterdir()] == [file.name]


def test_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nothing"):
        existing(tmp_path / "nothing.sqlite", 1)
    assert not list(tmp_path.iterdir())
