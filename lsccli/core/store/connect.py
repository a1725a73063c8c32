"""How a store that is there already is opened, so that no file is made."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path


def existing(file: Path, busy_seconds: float) -> sqlite3.Connection:
    """A connection to a file (an absolute path) that makes none; sqlite3.Error where it cannot be opened.

    SQLite itself reads a file that is write-protected, and rolls back what a killed writer has left.
    """
    mode = "mode=rw"
    with file.open("rb") as stream:
        header = stream.read(20)
    # By the versions for reading and writing (https://sqlite.org/fileformat.html). A write-ahead log needs
    # files beside the store; where none can be made, one without a log is read as it is.
    logged = header[18:20] == b"\2\2"
    effective = os.access in os.supports_effective_ids
    writable = os.access(file.parent, os.W_OK, effective_ids=effective)
    if logged and not writable and not Path(f"{file}-wal").exists():
        mode = "immutable=1"
    return sqlite3.connect(f"{file.as_uri()}?{mode}", uri=True, timeout=busy_seconds, check_same_thread=False)
