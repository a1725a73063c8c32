"""Which images and captions a command is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from lsccli.core.data.dataset import folder_of
from lsccli.core.errors import LscError
from lsccli.core.store.store import Store
from lsccli.core.store.tables import Caption, Source


@dataclass(frozen=True)
class Selection:
    """`--data`, `--captioner`, `--limit`, `--captions`; or the very images that a command has registered."""

    data: Path | None = None
    captioner: str | None = None
    limit: int | None = None
    all_captions: bool = False
    image_ids: tuple[int, ...] | None = None

    def images(self, store: Store) -> list[int]:
        """The ids of the images selected, in the order in which they were registered.

        Raises:
            LscError: where there are none, with the command that mends it.
        """
        if self.image_ids is not None:
            return list(self.image_ids)
        with store.read() as session:
            places = session.execute(select(Source.image_id, Source.root, Source.path)).all()  # type: ignore[call-overload]
        if not places:
            raise LscError(f"No images in {store.path} yet. Start with: lsc caption DATA")
        if self.data is not None:
            folder = folder_of(self.data)
            places = [place for place in places if (Path(place[1]) / place[2]).is_relative_to(folder)]
            if not places:
                raise LscError(
                    f"No images from {self.data} in {store.path} yet. Start with: lsc caption {self.data}"
                )
        return sorted({place[0] for place in places})[: self.limit]


def captions(session: Session, config: int, images: Sequence[int], *, every: bool) -> list[Any]:
    """Rows (id, key, image_id, text, words) of a captioner's captions: the first of each image, or every one.

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
    return [row for row in session.execute(query) if row.image_id in wanted]
