"""Files beside the store: images and maps, each whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsccli.core.data.pictures import PictureError, decode
from lsccli.core.errors import LscError
from lsccli.core.store.files import read_file, write_whole
from lsccli.core.store.sharing import UnreadableStoreError, enter, referred

FACT_NAME = re.compile(r"\w[\w-]*", re.ASCII)
# How files beside a store are named, and the temporary ones that a killed writer leaves.
FILE = re.compile(r"\w[\w-]*/([0-9a-f]{2})/\1[0-9a-f]{62}\.(png|npy)", re.ASCII)
TEMPORARY = re.compile(r"\w[\w-]*/([0-9a-f]{2})/\.\1[0-9a-f]{62}\.(png|npy)\.\w{4,}", re.ASCII)


class Artifacts:
    """The folder of files beside a store: whatever a store says, nothing outside of it is touched.

    Files are named by keys; what is a link, or lies behind one, is no file of the store. Other stores may
    keep theirs in the same folder, whose files stay.

    Args:
        store: whose files these are; without one the folder is nobody else's.
        say: is told once where files stay because another store cannot be asked.
    """

    def __init__(
        self, folder: Path, store: Path | None = None, say: Callable[[str], None] = lambda line: None
    ) -> None:
        self.folder = folder
        self._store = store
        self._say = say
        self._entered = False
        self._said = False

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
        if other := next((step for step in self._steps(place) if step.exists() and not step.is_dir()), None):
            raise LscError(f"{other} is a file where a folder belongs. Move it away.")
        if self._store is not None and not self._entered:
            enter(self.folder, self._store)
            self._entered = True
        write_whole(place, content, special=False)
        return sha256(content).digest()

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files that are there and that no other store refers to; of a link the link.

        A folder in the place of a file stays.
        """
        for path in self.own(list(paths)):
            place = self._place(path)
            if not self._behind_link(place) and not (place.is_dir() and not place.is_symlink()):
                place.unlink(missing_ok=True)

    def own(self, paths: Iterable[str]) -> list[str]:
        """Those of the paths that no other store refers to; none where another one cannot be asked."""
        every = list(paths)
        try:
            shared = self.shared(every)
        except UnreadableStoreError as error:
            if not self._said:
                self._say(str(error))
            self._said = True
            return []
        return [path for path in every if path not in shared]

    def shared(self, paths: Iterable[str]) -> set[str]:
        """Those of the paths that another store refers to; UnreadableStoreError where one cannot be asked."""
        return set() if self._store is None else referred(self.folder, self._store, paths)

    def _place(self, path: str) -> Path:
        if not FILE.fullmatch(path):
            raise ValueError(f"no file beside a store is called {path!r}")
        return self.folder / path

    def _behind_link(self, place: Path) -> Path | None:
        """The first folder on the way from the artifacts folder to a file that is a link."""
        return next((step for step in self._steps(place) if step.is_symlink()), None)

    def _steps(self, place: Path) -> list[Path]:
        parts = place.relative_to(self.folder).parts[:-1]
        return [self.folder.joinpath(*parts[: count + 1]) for count in range(len(parts))]


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
