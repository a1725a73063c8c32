"""Alice's images: their rows, and the files that they were registered from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from lsccli.core.data.pictures import AT_MOST, decode
from lsccli.core.errors import LscError
from lsccli.core.store.files import read_same
from lsccli.core.store.store import Store
from lsccli.core.store.tables import Image, Source

if TYPE_CHECKING:
    from PIL.Image import Image as Picture


@dataclass(frozen=True)
class Original:
    """One of Alice's images: its row, its key, and the places where it was registered from."""

    id: int
    key: bytes
    places: tuple[Path, ...]

    def read(self) -> bytes:
        """The file's bytes; LscError where no place holds the registered file any more."""
        for place in self.places:
            if (content := read_same(place, self.key)) is not None:
                return content
        raise LscError(f"{self.places[0]} is gone or has changed since it was captioned.")

    def open(self) -> Picture:
        """The picture as 8-bit RGB, no larger than any model needs; LscError where it cannot be had."""
        return decode(self.read(), at_most=AT_MOST)


def originals(store: Store, image_ids: Iterable[int]) -> dict[int, Original]:
    """The originals with these ids."""
    with store.read() as session:
        rows = session.execute(
            select(Image.id, Image.key, Source.root, Source.path)  # type: ignore[call-overload]
            .join(Source, Source.image_id == Image.id)
            .order_by(Image.id, Source.id)
        ).all()
    wanted = set(image_ids)
    places: dict[tuple[int, bytes], list[Path]] = {}
    for number, name, root, path in rows:
        if number in wanted:
            places.setdefault((number, name), []).append(Path(root) / path)
    return {number: Original(number, name, tuple(found)) for (number, name), found in places.items()}
