"""Files beside the store, each written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is complete or absent: a temporary name beside it, fsync, rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


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
