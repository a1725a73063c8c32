"""Files beside the store, and whatever else is written: each whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from lsccli.core.data.pictures import PictureError, decode
from lsccli.core.errors import LscError

# No image or map is as large as this, and what is larger is not read into memory.
_MOST_BYTES = 2**30
FACT_NAME = re.compile(r"\w[\w-]*", re.ASCII)
# How files beside a store are named, and the temporary ones that a killed writer leaves.
FILE = re.compile(r"\w[\w-]*/([0-9a-f]{2})/\1[0-9a-f]{62}\.(png|npy)", re.ASCII)
TEMPORARY = re.compile(r"\w[\w-]*/([0-9a-f]{2})/\.\1[0-9a-f]{62}\.(png|npy)\.\w{4,}", re.ASCII)


@contextmanager
def whole_file(path: Path, *, binary: bool = True, special: bool = True) -> Iterator[IO[Any]]:
    """A stream to a file that is there once it is complete, and after an error as it was before.

    It is written under a temporary name beside it, synced and renamed; a missing folder is made.
    Text is UTF-8, and its line ends are as written. A device or a pipe is written to, not replaced, unless
    `special` is false.
    """
    if special and path.exists() and not path.is_file():
        with _opened(path, binary) as stream:  # a folder is an error
            yield stream
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with _opened(handle, binary) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)  # a temporary file is its owner's alone
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


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
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
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


class Artifacts:
    """The folder of files beside a store: whatever a store says, nothing outside of it is touched.

    Files are named by keys; what is a link, or lies behind one, is no file of the store.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, path: str, digest: bytes) -> bytes | None:
        """The file's bytes; None where it is missing, or is not the one of this SHA-256.

        An empty digest, of a time that noted none, fits every picture.
        """
        place = self._place(path)
        content = None if self._behind_link(place) else read_file(place, follow=False)
        if content is None or not (sha256(content).digest() == digest if digest else is_picture(content)):
            return None
        return content

    def write(self, path: str, content: bytes) -> bytes:
        """Write a file whole, and give its SHA-256; LscError where its folder is a link."""
        place = self._place(path)
        if link := self._behind_link(place):
            raise LscError(f"{link} is a link, through which nothing is written. Put a folder in its place.")
        if place.is_dir() and not place.is_symlink():
            raise LscError(f"{place} is a folder where a file belongs. Move it away.")
        write_whole(place, content, special=False)
        return sha256(content).digest()

    def remove(self, path: str) -> None:
        """Remove a file, where there is one; of a link the link."""
        place = self._place(path)
        if not self._behind_link(place):
            place.unlink(missing_ok=True)

    def _place(self, path: str) -> Path:
        if not FILE.fullmatch(path):
            raise ValueError(f"no file beside a store is called {path!r}")
        return self.folder / path

    def _behind_link(self, place: Path) -> Path | None:
        """The first folder on the way from the artifacts folder to a file that is a link."""
        parts = place.relative_to(self.folder).parts[:-1]
        steps = [self.folder.joinpath(*parts[: count + 1]) for count in range(len(parts))]
        return next((step for step in steps if step.is_symlink()), None)


def png(pixels: NDArray[np.uint8]) -> bytes:
    """The PNG file of one (H, W, 3) 8-bit image."""
    from PIL import Image

    stream = BytesIO()
    Image.fromarray(pixels).save(stream, format="PNG", compress_level=1)
    return stream.getvalue()


def is_picture(content: bytes) -> bool:
    """Whether these are the bytes of a picture that can be decoded."""
    try:
        decode(content)
    except PictureError:
        return False
    return True


def generation_path(key: bytes) -> str:
    """Where the image of a generation lies below the artifacts folder."""
    name = key.hex()
    return f"generations/{name[:2]}/{name}.png"


def npy(array: NDArray[np.float32]) -> bytes:
    """The NumPy file of one array."""
    stream = BytesIO()
    np.save(stream, np.asarray(array, order="C"), allow_pickle=False)
    return stream.getvalue()


def fact_path(fact: str, key: bytes) -> str:
    """Where what a method has read lies below the artifacts folder."""
    name = key.hex()
    return f"{fact}/{name[:2]}/{name}.npy"


def read_npy(content: bytes) -> NDArray[np.float32] | None:
    """The array that `npy` has written; None for anything else, whatever it says of its size."""
    stream = BytesIO(content)
    try:
        if np.lib.format.read_magic(stream) != (1, 0):
            return None
        shape, by_column, kind = np.lib.format.read_array_header_1_0(stream)
        if by_column or kind != np.float32:
            return None
        return np.frombuffer(content, np.float32, offset=stream.tell()).reshape(shape).copy()
    except Exception:  # NumPy has Python's own tokenizer and parser read the header, whose errors are many
        return None
