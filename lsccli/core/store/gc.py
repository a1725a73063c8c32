"""What lies beside a store and belongs to nothing: found, and removed."""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lsccli.core.store.artifacts import FILE, TEMPORARY
from lsccli.core.store.connection import in_one_line, patiently
from lsccli.core.store.store import Store, in_chunks, look_up
from lsccli.core.store.tables import FactRow, Generation

# A file is younger than this while its writer may still be at work on it, or on its row.
SECONDS = 3600
_VACUUM_WAIT = 10


@dataclass(frozen=True)
class Waste:
    """A file that belongs to nothing: the path below the artifacts folder, why, and its size in bytes."""

    path: str
    why: str
    size: int


def find_waste(store: Store, now: float | None = None) -> list[Waste]:
    """Temporary files that killed writers left, and files without a row or whose image was dropped.

    Only what is named as lsc names it, is no link and lies behind none, is older than `SECONDS`, and is
    nothing that another store with the same folder refers to; UnreadableStoreError where one cannot be asked.
    """
    now = time.time() if now is None else now
    old = {path: size for path, size, age in _listed(store.artifacts, now) if age > SECONDS}
    finals = [path for path in old if FILE.fullmatch(path)]
    kept = _kept(store, finals)
    waste = [Waste(path, "temporary", size) for path, size in old.items() if TEMPORARY.fullmatch(path)]
    for path in finals:
        if path not in kept:
            waste.append(Waste(path, "without a row", old[path]))
        elif not kept[path]:
            waste.append(Waste(path, "dropped", old[path]))
    shared = store.files.shared(one.path for one in waste if FILE.fullmatch(one.path))
    return sorted((one for one in waste if one.path not in shared), key=lambda one: one.path)


def remove_waste(store: Store, waste: list[Waste]) -> list[Waste]:
    """Remove what was found, unless it was written anew since; what was removed."""
    removed = []
    for one in waste:
        file = store.artifacts / one.path
        try:
            about = file.lstat()
            if stat.S_ISREG(about.st_mode) and time.time() - about.st_mtime > SECONDS:
                file.unlink()
                removed.append(one)
        except FileNotFoundError:
            continue
    return removed


def vacuum(store: Store) -> int | None:
    """Give the room of removed rows back; how many bytes, or None where another program uses the store."""
    before = store.path.stat().st_size
    with in_one_line(store.path), store.alone() as plain:
        try:
            patiently(plain, "VACUUM", store.path, lambda line: None, _VACUUM_WAIT)
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                return None
            raise
    return max(before - store.path.stat().st_size, 0)


def _listed(folder: Path, now: float) -> Iterator[tuple[str, int, float]]:
    """Every regular file two folders down: its path, size and age in seconds; links are not followed."""
    for outer in _entries(folder):
        if outer.is_dir(follow_symlinks=False):
            for inner in _entries(Path(outer.path)):
                if inner.is_dir(follow_symlinks=False):
                    for file in _entries(Path(inner.path)):
                        if file.is_file(follow_symlinks=False):
                            about = file.stat(follow_symlinks=False)
                            name = f"{outer.name}/{inner.name}/{file.name}"
                            yield name, about.st_size, now - about.st_mtime


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _kept(store: Store, paths: list[str]) -> dict[str, bool]:
    """The files that have a row, and whether that row still keeps them."""
    keys = {path: bytes.fromhex(path.rpartition("/")[2][:64]) for path in paths}
    found: dict[str, bool] = {}
    with store.read() as session:
        for chunk in in_chunks(paths):
            own = [keys[path] for path in chunk]
            drawn = look_up(session, Generation, "key", own, "sha256")
            facts = look_up(session, FactRow, "key", own, "name")
            for path in chunk:
                folder, key = path.partition("/")[0], keys[path]
                if path.endswith(".png") and folder == "generations" and key in drawn:
                    found[path] = drawn[key] is not None
                elif path.endswith(".npy") and facts.get(key) == folder:
                    found[path] = True
    return found
