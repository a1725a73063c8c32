"""Stores that keep their files in one folder of artifacts: none removes what another one refers to.

Each store enters itself in a list in the folder before it first writes there. The list may come from anyone,
so what it names is only ever read.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from lsccli.core.errors import LscError, UnobtainableError
from lsccli.core.store.beside import check_files
from lsccli.core.store.files import read_file
from lsccli.core.store.tables import FIRST_VERSION, SCHEMA_VERSION

LIST = "stores.txt"
_HEAD = b"SQLite format 3\0"
_CHUNK = 500
_WAIT = 10  # seconds for the lock of another store


class UnreadableStoreError(UnobtainableError):
    """A store that keeps files in the same folder cannot be asked which."""


def enter(folder: Path, store: Path) -> None:
    """Put a store into the list of those that use the folder, which is made where it is not there.

    One in the folder above goes by its name alone, so that both can be moved together.
    """
    own = Path(os.path.realpath(store))
    if own in [place for _, place in _listed(folder)]:
        return
    folder.mkdir(parents=True, exist_ok=True)
    above = Path(os.path.realpath(folder)).parent
    name = os.path.join(os.pardir, own.name) if own.parent == above else str(own)
    # A line of its own whatever a killed writer has left, in one write, for several may enter at once.
    with (folder / LIST).open("ab", buffering=0) as stream:
        stream.write(f"\n{json.dumps(name)}\n".encode())
        os.fsync(stream.fileno())


def referred(folder: Path, store: Path, paths: Iterable[str]) -> set[str]:
    """Those of the paths below the folder that another store refers to.

    Raises:
        UnreadableStoreError: where one of the others cannot be asked.
    """
    wanted = {path: bytes.fromhex(path.rpartition("/")[2][:64]) for path in paths}
    keys = list(dict.fromkeys(wanted.values()))
    found: set[bytes] = set()
    for other in _others(folder, store) if keys else ():
        found.update(_known(other, keys, folder))
    return {path for path, key in wanted.items() if key in found}


def _others(folder: Path, store: Path) -> list[Path]:
    """The other stores of the list, and those in the folder above: their files lie here by default."""
    own = Path(os.path.realpath(store))
    places = [place for _, place in _listed(folder)]
    try:
        beside = sorted(Path(os.path.realpath(folder)).parent.iterdir())
    except OSError:
        beside = []
    places += [place for place in beside if place not in places and _is_store(place)]
    return [place for place in dict.fromkeys(places) if place != own and not _same(place, own)]


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _listed(folder: Path) -> Iterator[tuple[str, Path]]:
    """The names in the list and the files that they mean; half a line of a killed writer is none."""
    for line in (read_file(folder / LIST) or b"").decode(errors="replace").splitlines():
        try:
            name = json.loads(line) if line else None
        except (ValueError, RecursionError):
            continue
        if isinstance(name, str) and "\0" not in name:
            yield name, Path(os.path.realpath(Path(os.path.realpath(folder)) / name))


def _is_store(place: Path) -> bool:
    """Whether a file looks like a store of lsc, by the version of its schema that the header has."""
    if place.is_symlink() or not place.is_file():
        return False
    try:
        with place.open("rb") as stream:
            head = stream.read(64)
    except OSError:
        return False
    return head.startswith(_HEAD) and FIRST_VERSION <= int.from_bytes(head[60:64], "big") <= SCHEMA_VERSION


def _known(store: Path, keys: Sequence[bytes], folder: Path) -> Iterator[bytes]:
    try:
        if not store.exists():
            raise FileNotFoundError("it is not there")
        check_files(store)
        with closing(_reader(store)) as plain:
            yield from _keys(plain, keys)
    except (sqlite3.Error, OSError, ValueError, LscError) as error:
        reason = getattr(error, "strerror", None) or str(error).rstrip(".")
        raise UnreadableStoreError(
            f"{store} keeps its files in {folder} too and cannot be read ({reason}), so no file is removed. "
            f"Put it right; or, if it is not needed, out of {folder / LIST} and of the folder above that."
        ) from error


def _reader(store: Path) -> sqlite3.Connection:
    """A connection that writes nothing, and puts nothing beside the store."""
    with store.open("rb") as stream:
        logged = stream.read(20)[18:20] == b"\2\2"
    mode = "immutable=1" if logged and not os.path.lexists(f"{store}-wal") else "mode=ro"
    return sqlite3.connect(f"{store.as_uri()}?{mode}", uri=True, timeout=_WAIT)


def _keys(plain: sqlite3.Connection, keys: Sequence[bytes]) -> Iterator[bytes]:
    """Those of the keys of which the store keeps a file."""
    plain.execute("PRAGMA trusted_schema = OFF")
    tables = {name for (name,) in plain.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:  # made this moment
        return
    if "generation" not in tables:
        raise ValueError("it is no store of lsc")
    columns = {row[1] for row in plain.execute("PRAGMA table_info(generation)")}
    kept = next((f"AND {name} IS NOT NULL" for name in ("sha256", "path") if name in columns), "")
    queries = [f"SELECT key FROM generation WHERE key IN ({{marks}}) {kept}"]
    queries += ["SELECT key FROM fact WHERE key IN ({marks})"] if "fact" in tables else []
    for start in range(0, len(keys), _CHUNK):
        part = keys[start : start + _CHUNK]
        for query in queries:
            for (key,) in plain.execute(query.format(marks=", ".join("?" * len(part))), part):
                yield bytes(key)
