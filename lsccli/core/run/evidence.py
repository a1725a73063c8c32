"""What methods read of captions: computed in batches, the costly part remembered beside the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lsccli.core.errors import LscError
from lsccli.core.facts.base import FACTS, CaptionView
from lsccli.core.run.context import Bench, Failure
from lsccli.core.run.judge import Original, originals
from lsccli.core.store.artifacts import fact_path, npy, write_whole
from lsccli.core.store.keys import key

if TYPE_CHECKING:
    from PIL.Image import Image


def evidence(bench: Bench, facts: Sequence[str], rows: Sequence[Any]) -> list[dict[str, Any] | Failure]:
    """For each caption (a row with text, words and image_id) the facts by name, or why it has none.

    A caption fails where a fact looks at its image and the image is gone.
    """
    found: list[dict[str, Any] | Failure] = [{} for _ in rows]
    images: dict[int, Original] = {}
    if any(FACTS[name].of_image for name in facts):
        images = originals(bench, [row.image_id for row in rows])
        for index, row in enumerate(rows):
            try:
                images[row.image_id].read()
            except LscError as error:
                found[index] = Failure(str(images[row.image_id].places[0]), str(error))
    todo = [index for index, facts_of in enumerate(found) if not isinstance(facts_of, Failure)]
    own = [images.get(rows[index].image_id) for index in todo]
    views = [
        CaptionView(rows[index].text, tuple(rows[index].words), _opener(original))
        for index, original in zip(todo, own, strict=True)
    ]
    for name in facts:
        for index, value in zip(todo, _values(bench, name, views, own), strict=True):
            known = found[index]
            if not isinstance(known, Failure):
                known[name] = value
    return found


def _opener(original: Original | None) -> Callable[[], Image]:
    def open_image() -> Image:
        from PIL import Image as Pillow

        from lsccli.core.data.images import to_rgb

        if original is None:
            raise ValueError("this fact does not declare that it looks at the image")
        with Pillow.open(BytesIO(original.read())) as image:
            return to_rgb(image)

    return open_image


def _values(
    bench: Bench, name: str, views: Sequence[CaptionView], own: Sequence[Original | None]
) -> list[Any]:
    fact = FACTS[name]
    if not fact.kept:
        return fact.compute(bench.models, views)
    files = [_file(bench, name, view, original) for view, original in zip(views, own, strict=True)]
    values = [_load(file) for file in files]
    missing = [index for index, value in enumerate(values) if value is None]
    if missing:
        made = fact.compute(bench.models, [views[index] for index in missing])
        for index, value in zip(missing, made, strict=True):
            # As it is read back next time, so that a ranking does not depend on who was first.
            values[index] = np.asarray(value, dtype=np.float32)
            write_whole(files[index], npy(values[index]))
    return values


def _file(bench: Bench, name: str, view: CaptionView, original: Original | None) -> Path:
    fact = FACTS[name]
    roles = {role: bench.models.role_identity(role) for role in fact.roles}
    # Of two captioners with the same words the second is served too: a fact knows no captioner.
    facts: dict[str, Any] = {"words": list(view.words), "roles": roles}
    if fact.of_image and original is not None:
        facts["image"] = original.key
    return bench.store.artifacts / fact_path(name, key(name, **facts))


def _load(file: Path) -> Any:
    try:
        return np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):  # not there, or damaged from outside
        return None
