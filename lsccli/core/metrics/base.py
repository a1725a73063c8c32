"""What a metric is and what is known of it, and the picture that all metrics see."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from lsccli.core.data.images import to_rgb
from lsccli.core.errors import LscError, MissingModelError
from lsccli.core.registry.base import Entry, Registry

if TYPE_CHECKING:
    from PIL import Image

Pixels = NDArray[np.uint8]  # (B, H, W, 3)
FITS = ("squash", "crop", "pad")


class Metric(Protocol):
    """A comparison of two images of one size, split so that an original is looked at only once."""

    def features(self, images: Pixels) -> Sequence[Any]:
        """Per image of (B, H, W, 3) uint8 RGB, whatever `compare` needs of it."""
        ...

    def compare(self, originals: Sequence[Any], others: Sequence[Any]) -> list[float]:
        """One value per pair of features."""
        ...


@dataclass(frozen=True, kw_only=True)
class MetricSpec(Entry):
    """One metric, made by `make(device)`.

    Attributes:
        better: which of two scores is the better one.
        best: the score of identical images, where the metric has a bound.
        smallest: the least side of an image that it can compare, in pixels.
    """

    make: Callable[..., Metric]
    better: Literal["lower", "higher"]
    best: float | None = None
    smallest: int = 1

    def check_size(self, size: int, where: str) -> None:
        """LscError where images of `size` pixels a side are too small; `where` says who asks for that."""
        if size < self.smallest:
            raise LscError(
                f"{where} size {size}: {self.name} needs images of at least {self.smallest} pixels a side."
            )

    def identity(self) -> dict[str, Any]:
        """Also what names the weights; needs no torch.

        A class that reads weights has an attribute `identity`, a function that returns strings which name
        them; a metric without one is a formula, and its version says all.

        Raises:
            MissingModelError: the weights are not installed.
        """
        weights: dict[str, str] = getattr(self.make, "identity", dict)()
        return {**super().identity(), **weights}


METRICS: Registry[MetricSpec] = Registry("metric", "lsccli.core.metrics", "lsc models")

Make = TypeVar("Make", bound=Callable[..., Metric])


def metric(
    name: str,
    *,
    summary: str,
    better: Literal["lower", "higher"],
    best: float | None = None,
    smallest: int | None = None,
    source: str = "",
    version: int = 1,
) -> Callable[[Make], Make]:
    """Register a metric: a class or function that is called with the device and gives a `Metric`.

    Args:
        smallest: the least side of an image that it can compare, in pixels; without it, the attribute of that
            name of the class, or 1.
    """
    if better not in ("lower", "higher"):
        raise ValueError(f"better must be 'lower' or 'higher', not {better!r}")

    def register(make: Make) -> Make:
        least = int(getattr(make, "smallest", 1)) if smallest is None else smallest
        spec = MetricSpec(
            name=name,
            make=make,
            summary=summary,
            better=better,
            best=best,
            smallest=least,
            source=source,
            version=version,
        )
        METRICS.add(spec)
        return make

    return register


def fitted(image: Image.Image, size: int, fit: str = "squash") -> Pixels:
    """An image as (size, size, 3) uint8 RGB, with antialiasing.

    PIL's bicubic filter widens with the reduction, so that fine detail is averaged and not aliased.

    Args:
        fit: what becomes of an image that is not square. `squash`: its sides are scaled apart; `crop`: the
            square in its middle; `pad`: all of it, with black beside it.
    """
    from PIL import Image, ImageOps

    if size < 1:
        raise ValueError(f"size must be at least 1 pixel, not {size}")
    if fit not in FITS:
        raise ValueError(f"fit must be one of {FITS}, not {fit!r}")
    whole, how = to_rgb(image), Image.Resampling.BICUBIC
    if fit == "crop":
        side = min(whole.size)
        left, top = ((length - side) // 2 for length in whole.size)
        return np.asarray(whole.resize((size, size), how, (left, top, left + side, top + side)))
    if fit == "pad":
        return np.asarray(ImageOps.pad(whole, (size, size), how, color=0))
    return np.asarray(whole.resize((size, size), how))


def check_pixels(images: Pixels, smallest: int = 1) -> Pixels:
    """`images` where it is (B, H, W, 3) uint8 with sides of at least `smallest` px; ValueError otherwise."""
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3:
        raise ValueError(f"images must be (B, H, W, 3) uint8, not {images.shape} {images.dtype}")
    if min(images.shape[1:3]) < smallest:
        height, width = images.shape[1:3]
        raise ValueError(f"images must be at least {smallest} px on each side, not {width}x{height}")
    return images


def packaged_file(name: str, package: str, path: str) -> Path:
    """The file of an installed distribution, for metric `name`, found without importing any of its code."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        found = Path(str(distribution(package).locate_file(path)))
    except PackageNotFoundError:
        found = None
    if found is None or not found.is_file():
        raise MissingModelError(f"Metric {name} needs {path} of {package}: pip install {package}")
    return found


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hex; read again only when its size or time has changed."""
    found = path.stat()
    return _sha256_of(path, found.st_size, found.st_mtime_ns)


@cache
def _sha256_of(path: Path, size: int, time_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
