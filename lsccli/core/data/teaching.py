"""Images that teach: what both captioners say of them is shown to whoever is to learn how Bob speaks.

None of them is evaluated: they are another data set, or with `split` the quarter of a data set that the
SHA-256 of the files picks, which then is left out of everything else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from lsccli.core.data.dataset import read_dataset
from lsccli.core.errors import LscError
from lsccli.core.store.files import read_same

# Of so many images of a data set that is split one teaches.
QUARTER = 4


@dataclass(frozen=True)
class FoundData:
    """The images of a data set by the SHA-256 of their files, in the order of these."""

    files: tuple[tuple[bytes, Path], ...]

    @property
    def digest(self) -> str:
        """Hexadecimal SHA-256 over the images, whatever their names."""
        return sha256(b"".join(key for key, _ in self.files)).hexdigest()


@dataclass(frozen=True)
class DataRef:
    """Where a data set lies: what `lsc caption` takes."""

    name: str

    def find(self) -> FoundData:
        """The images; LscError in one line where they cannot be read."""
        return _find(self.name)


@cache
def _find(name: str) -> FoundData:
    found = {}
    for entry in read_dataset(Path(name)).entries:
        try:
            found[sha256(entry.path.read_bytes()).digest()] = entry.path
        except OSError as error:
            raise LscError(f"{entry.path} cannot be read ({error.strerror or error}).") from error
    return FoundData(tuple(sorted(found.items())))


def teaches(key: bytes) -> bool:
    """Whether an image, by the SHA-256 of its file, is of the quarter that teaches."""
    return key[0] % QUARTER == 0


def held_back(data: DataRef) -> frozenset[bytes]:
    """The images of the quarter of a data set that teaches where it is split."""
    return frozenset(key for key, _ in data.find().files if teaches(key))


def teachers(data: DataRef, shots: int, *, split: bool) -> list[tuple[bytes, Path]]:
    """The first `shots` images that teach, by SHA-256; LscError where there are fewer."""
    files = [(key, path) for key, path in data.find().files if not split or teaches(key)]
    if len(files) < shots:
        part = f"the quarter of {data.name} that teaches has" if split else f"{data.name} has"
        raise LscError(f"{shots} pairs are wanted, and {part} {len(files)} images; name more, or --shots.")
    return files[:shots]


def read_teacher(key: bytes, path: Path) -> bytes:
    """The bytes of an image that teaches; LscError where it is gone or another by now."""
    content = read_same(path, key)
    if content is None:
        raise LscError(f"{path}, which is to teach, is gone or has changed meanwhile; run the command again.")
    return content


def check_apart(teaching: Iterable[tuple[bytes, Path]], evaluated: Iterable[bytes]) -> None:
    """LscError where an image both teaches and is evaluated."""
    keys = set(evaluated)
    both = [path.name for key, path in teaching if key in keys]
    if both:
        more = f" and {len(both) - 1} more" if len(both) > 1 else ""
        raise LscError(
            f"{both[0]}{more} would teach and be evaluated too: name other images with --pairs, or add "
            "--split, so that a quarter of them teaches and is not evaluated."
        )
