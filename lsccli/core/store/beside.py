"""The files that SQLite would open for a store, looked at first: none may hang it, or lead it astray."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from lsccli.core.errors import LscError

# What SQLite itself makes beside a store (https://sqlite.org/tempfiles.html).
ENDS = ("-journal", "-wal", "-shm")
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISLNK, "a link"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
# At the end of a journal of a transaction over several databases stands the name of the one that it belongs
# to: the name, its length, its checksum, and this (https://sqlite.org/fileformat2.html#the_rollback_journal).
_MAGIC = bytes.fromhex("d9d505f920a163d7")
_TAIL = 16
_LONGEST = 2**16  # of a name; SQLite takes no more than 512 bytes


def files_of(path: Path) -> list[Path]:
    """The files beside a store that belong to it and are there; a link is followed to the store first."""
    place = os.path.realpath(path)
    return [file for end in ENDS if os.path.lexists(file := Path(place + end))]


def check_files(path: Path) -> None:
    """Return where SQLite may open the store at `path`, or make one there.

    Raises:
        LscError: where it, or a file that SQLite would open with it, is no regular file; and for a journal
            that names another file, by whose word SQLite would roll back, or remove that one.
    """
    if kind := _other_kind(path, follow=True):
        raise LscError(f"{path} is {kind}; name the file of the store with --db.")
    for file in files_of(path):
        if kind := _other_kind(file, follow=False):
            raise LscError(f"{file} is {kind}, which belongs to no store: move it away.")
    journal = Path(os.path.realpath(path) + "-journal")
    if (name := _super_journal(journal)) is not None:
        raise LscError(
            f"{journal} is of a write to several databases at once ({name}), which lsc never makes, so "
            f"{path} is not opened. Open it once with the program that made it, or take another copy of it."
        )


def _other_kind(path: Path, *, follow: bool) -> str | None:
    """What is there instead of a regular file; None where that is one, or nothing."""
    try:
        mode = (path.stat() if follow else path.lstat()).st_mode
    except OSError:  # nothing there; or opening it will say what is wrong
        return None
    if stat.S_ISREG(mode):
        return None
    return next((kind for test, kind in _KINDS if test(mode)), "no regular file")


def _super_journal(journal: Path) -> str | None:
    """The name at the end of a journal; None where there is none, or the journal cannot be read."""
    try:
        with journal.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - _TAIL))
            tail = stream.read(_TAIL)
            if len(tail) < _TAIL or not tail.endswith(_MAGIC):
                return None
            length = int.from_bytes(tail[:4], "big")
            if not 0 < length <= min(size - _TAIL, _LONGEST):
                return None
            stream.seek(size - _TAIL - length)
            name = stream.read(length)
    except OSError:
        return None
    # SQLite adds up the bytes as signed numbers, and takes what has another sum for no name.
    total = sum(byte - 256 * (byte > 127) for byte in name) % 2**32
    return name[:200].decode(errors="replace") if total == int.from_bytes(tail[4:8], "big") else None
