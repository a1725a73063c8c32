"""What a scene is: the truth behind a picture of the storybook's world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Box = tuple[int, int, int, int]

SIZE = 64


@dataclass(frozen=True)
class Subject:
    """One thing in a scene; `box` is (x0, y0, x1, y1) in pixels of the 64x64 picture."""

    kind: str
    colour: str
    size: Literal["small", "big"] | None
    action: str | None
    box: Box


@dataclass(frozen=True)
class Scene:
    """A place and its subjects in caption order; `relation` holds between the first two."""

    place: str
    subjects: tuple[Subject, ...]
    relation: str | None
    seed: int
