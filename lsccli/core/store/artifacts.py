"""Files beside the store, and whatever else is written: each whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray


@contextmanager
def whole_file(path: Path, *, binary: bool = True) -> Iterator[IO[Any]]:
    """A stream to a file that is there once it is complete, and after an error as it was before.

    It is written under a temporary name beside it, synced and renamed; a missing folder is made.
    Text is UTF-8, and its line ends are as written. A device or a pipe is written to, not replaced.
    """
    if path.exists() and not path.is_file():
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


def write_whole(path: Path, content: bytes | str) -> None:
    """Write a file of these bytes, or of this text in UTF-8, so that it is complete or absent."""
    with whole_file(path) as stream:
        stream.write(content.encode() if isinstance(content, str) else content)


def png(pixels: NDArray[np.uint8]) -> bytes:
    """The PNG file of one (H, W, 3) 8-bit image."""
    from io import BytesIO

    from PIL import Image

    stream = BytesIO()
    Image.fromarray(pixels).save(stream, format="PNG", compress_level=1)
    return stream.getvalue()


def generation_path(key: bytes) -> str:
    """Where the image of a generation lies below the artifacts folder."""
    name = key.hex()
    return f"generations/{name[:2]}/{name}.png"


def npy(array: NDArray[np.float32]) -> bytes:
    """The NumPy file of one array."""
    from io import BytesIO

    stream = BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def fact_path(fact: str, key: bytes) -> str:
    """Where what a method has read lies below the artifacts folder."""
    name = key.hex()
    return f"{fact}/{name[:2]}/{name}.npy"
