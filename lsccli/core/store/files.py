"""Files that are written whole or not at all, and read without waiting."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

# No image or map is as large as this, and what is larger is not read into memory.
_MOST_BYTES = 2**30
_BINARY = getattr(os, "O_BINARY", 0)
_LONGEST = 200  # bytes of a name that the temporary one repeats, of 255 that it may have


@contextmanager
def whole_file(path: Path, *, binary: bool = True, special: bool = True) -> Iterator[IO[Any]]:
    """A stream to a file that is there once it is complete, and after an error as it was before.

    It is written under a temporary name beside it, synced and renamed; a missing folder is made. Text is
    UTF-8, and its line ends are as written. As with any program that writes into a file, one that is there
    keeps its permissions and its owner, a new one has those that the umask leaves, a write-protected one is
    refused, a link is followed, and a device or a pipe is written to. With `special` false whatever is there,
    be it a link, is replaced.
    """
    if special and path.exists() and not path.is_file():
        with _opened(path, binary) as stream:  # a folder is an error
            yield stream
        return
    place = _target(path) if special else path
    place.parent.mkdir(parents=True, exist_ok=True)
    former = place.stat() if special and place.exists() else None
    effective = os.access in os.supports_effective_ids
    if former is not None and not os.access(place, os.W_OK, effective_ids=effective):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    handle, temporary = _temporary(place)
    try:
        with _opened(handle, binary) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if former is not None:
            if hasattr(os, "chown"):
                with contextlib.suppress(OSError):  # not everyone may give a file away
                    os.chown(temporary, former.st_uid, former.st_gid)
            os.chmod(temporary, stat.S_IMODE(former.st_mode))
        os.replace(temporary, place)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _target(path: Path) -> Path:
    """The file that a link leads to, be it not there yet."""
    if not path.is_symlink():
        return path
    place = Path(os.path.realpath(path))
    if place.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return place


def _temporary(place: Path) -> tuple[int, str]:
    """A new file beside `place` with the permissions that any new file gets: its handle and its name."""
    begun = os.fsdecode(os.fsencode(place.name)[:_LONGEST])
    while True:
        name = str(place.parent / f".{begun}.{secrets.token_hex(4)}")
        with contextlib.suppress(FileExistsError):
            return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666), name


def _opened(place: Path | int, binary: bool) -> IO[Any]:
    return open(place, "wb") if binary else open(place, "w", encoding="utf-8", newline="")


def write_whole(path: Path, content: bytes | str, *, special: bool = True) -> None:
    """Write a file of these bytes, or of this text in UTF-8, so that it is complete or absent."""
    with whole_file(path, special=special) as stream:
        stream.write(content.encode() if isinstance(content, str) else content)


def read_file(path: Path, *, follow: bool = True) -> bytes | None:
    """The bytes of a regular file; None where there is none, or it cannot be read.

    Never waits for a pipe or a device, and reads no more than the file says that it holds. With `follow`
    false a link is no file.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY
    if not follow:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    try:
        about = path.stat() if follow else path.lstat()
        if not stat.S_ISREG(about.st_mode) or about.st_size > _MOST_BYTES:
            return None
        with open(os.open(path, flags), "rb") as stream:
            return stream.read(about.st_size)
    except (OSError, ValueError):  # ValueError: a name with a NUL, as only a damaged store has
        return None


def read_same(path: Path, key: bytes) -> bytes | None:
    """The bytes of the file whose SHA-256 is `key`; None where another lies there by now, or none."""
    content = read_file(path)
    return content if content is not None and sha256(content).digest() == key else None
