"""Which images and captions of a store a command or a report is about."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlmodel import Session

from lsccli.core.data.dataset import folder_of
from lsccli.core.errors import LscError
from lsccli.core.store.store import Store
from lsccli.core.store.tables import Caption, Source


@dataclass(frozen=True)
class Selection:
    """`--data`, `--captioner`, `--limit`, `--captions`; or the very images that a command has registered.

    Attributes:
        data: only images registered from this file, or from this folder or below it.
        captioner: only captions by this captioner.
        limit: only the first so many images, in the order in which they were registered.
        all_captions: all captions that a data set brings of an image, not the first alone.
        image_ids: these very images instead of `data` and `limit`.
    """

    data: Path | None = None
    captioner: str | None = None
    limit: int | None = None
    all_captions: bool = False
    image_ids: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 1:
            raise LscError(f"--limit {self.limit}: give a number of images, at least 1.")

    def images(self, store: Store, session: Session | None = None) -> list[int]:
        """The ids of the images selected, in the order in which they were registered.

        Args:
            session: one that is open; otherwise the store is read in one of its own.

        Raises:
            LscError: where there are none, with the command that mends it.
        """
        if self.image_ids is not None:
            return list(self.image_ids)
        if session is None:
            with store.read() as session:
                return self.images(store, session)
        places = session.execute(select(Source.image_id, Source.root, Source.path)).all()  # type: ignore[call-overload]
        if not places:
            raise LscError(f"No images in {store.path} yet. Start with: lsc caption DATA")
        if self.data is not None:
            folder = folder_of(self.data)
            places = [place for place in places if is_below(place[1], place[2], folder)]
            if not places:
                raise LscError(
                    f"No images from {self.data} in {store.path} yet. Start with: lsc caption {self.data}"
                )
        return sorted({place[0] for place in places})[: self.limit]


@dataclass(frozen=True)
class CaptionRow:
    """A caption in the store; its words are those that rankings index."""

    id: int
    key: bytes
    image_id: int
    text: str
    words: tuple[str, ...]


def is_below(root: str, path: str, folder: Path) -> bool:
    """Whether the image registered as `path` below `root` is `folder` itself or lies below it.

    By name, not by what is there now: images may have moved since, and a link or another Unicode form of a
    name is another place. `folder` is resolved, as roots are when images are registered.
    """
    return (Path(root) / path).is_relative_to(folder)


def captions(session: Session, config: int, images: Collection[int], *, every: bool) -> list[CaptionRow]:
    """A captioner's captions of these images: the first of each image, or every one.

    Where a caption file was edited, the newest text of a position counts.
    """
    newest = (
        select(func.max(Caption.id))
        .where(Caption.config_id == config)  # type: ignore[arg-type]
        .group_by(Caption.image_id, Caption.position)  # type: ignore[arg-type]
    )
    query = (
        select(Caption.id, Caption.key, Caption.image_id, Caption.text, Caption.words)  # type: ignore[call-overload]
        .where(Caption.id.in_(newest))  # type: ignore[union-attr]
        .order_by(Caption.image_id, Caption.position)
    )
    if not every:
        query = query.where(Caption.position == 0)
    wanted = set(images)
    return [
        CaptionRow(number, key, image, text, tuple(words))
        for number, key, image, text, words in session.execute(query)
        if image in wanted
    ]


def find_image(session: Session, name: str) -> tuple[int, Path]:
    """The id and file of the registered image that `name` means: a path, or the end of one.

    Raises:
        LscError: where there is none, or several.
    """
    rows = session.execute(select(Source.image_id, Source.root, Source.path)).all()  # type: ignore[call-overload]
    places: list[tuple[int, Path]] = [(number, Path(root) / path) for number, root, path in rows]
    exact = [place for place in places if place[1] == Path(name).expanduser().resolve()]
    found = exact or [place for place in places if str(place[1]).endswith("/" + name.lstrip("/"))]
    if not found:
        raise LscError(f"No image {name} in the store. Put it there: lsc caption {name}")
    if len({number for number, _ in found}) > 1:
        raise LscError(f"{name} means {len(found)} images; give more of the path, such as {found[0][1]}.")
    return found[0]
