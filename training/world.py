"""The world of the storybook: scenes with their truth, sampled from a generator passed in and drawn at 64x64.

A scene is one place with one to three subjects. The layout follows the order of the subjects (first one left)
unless a relation says otherwise, and a place always has the same background, so a caption determines most of
the picture. Drawing lives in `training.drawing`; this file holds the inventory, the layout and the splits.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import replace
from typing import Literal, get_args

from training import drawing
from training.drawing import draw
from training.scene import SIZE, Box, Scene, Subject

__all__ = ["SIZE", "Box", "Scene", "Subject", "draw"]  # a scene's users have them from here

Split = Literal["train", "held_out", "watched", "fresh", "novel"]

PLACES = (
    "meadow", "meadow at night", "beach", "sea", "forest", "snow",
    "desert", "street", "street at night", "room", "farm", "mountain",
)  # fmt: skip
ANIMALS = (
    "dog", "cat", "horse", "cow", "sheep", "rabbit", "elephant", "turtle", "duck", "bird", "butterfly",
    "fish",
)  # fmt: skip
PEOPLE = ("man", "woman")
THINGS = (
    "ball", "car", "bus", "bicycle", "boat", "balloon", "umbrella", "chair", "flower", "house", "guitar",
    "hat",
)  # fmt: skip
KINDS = ANIMALS + PEOPLE + THINGS
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "brown", "black", "white")
SIZES = ("small", "big")
# "next to" puts the first two side by side, as does no relation at all (None).
RELATIONS = ("next to", "above", "in front of", "behind")
ACTIONS = (
    "running", "jumping", "sleeping", "flying", "floating", "swimming", "sailing", "driving", "dancing",
)  # fmt: skip

# A kind does these on land; water and air are the business of `actions_of`.
_LAND_ACTIONS: dict[str, tuple[str, ...]] = {
    "dog": ("running", "jumping", "sleeping"),
    "cat": ("running", "jumping", "sleeping"),
    "horse": ("running", "jumping", "sleeping"),
    "cow": ("running", "sleeping"),
    "sheep": ("running", "jumping", "sleeping"),
    "rabbit": ("running", "jumping", "sleeping"),
    "elephant": ("running", "sleeping"),
    "turtle": ("sleeping",),
    "duck": ("running", "sleeping"),
    "man": ("running", "jumping"),
    "woman": ("dancing", "jumping"),
    "car": ("driving",),
    "bus": ("driving",),
}
_AIR_ACTIONS = {"bird": "flying", "butterfly": "flying", "balloon": "floating"}
_WATER_ACTIONS = {"duck": "swimming", "fish": "swimming", "turtle": "swimming", "boat": "sailing"}
_AT_SEA = ("fish", "boat", "duck", "turtle", "bird", "butterfly", "balloon", "ball")
_NOT_IN_ROOM = ("horse", "cow", "sheep", "elephant", "duck", "boat", "fish", "car", "bus", "house", "bicycle")
# A subject in nearly the colour of its ground could not be seen.
_UNSEEN = {
    ("snow", "white"), ("sea", "blue"), ("meadow", "green"), ("forest", "green"), ("desert", "orange"),
    ("meadow at night", "black"), ("street at night", "black"), ("beach", "yellow"), ("desert", "yellow"),
    ("room", "brown"),
}  # fmt: skip


def places_of(kind: str) -> tuple[str, ...]:
    """The places where a kind occurs."""
    if kind == "fish":
        return ("sea",)
    if kind == "boat":
        return ("sea", "beach")
    return tuple(
        p for p in PLACES if (p != "sea" or kind in _AT_SEA) and (p != "room" or kind not in _NOT_IN_ROOM)
    )


def actions_of(kind: str, place: str) -> tuple[str, ...]:
    """What a kind can be seen doing in a place (besides nothing in particular)."""
    if kind in _AIR_ACTIONS:
        return (_AIR_ACTIONS[kind],)
    if place == "sea":
        return (_WATER_ACTIONS[kind],) if kind in _WATER_ACTIONS else ()
    return _LAND_ACTIONS.get(kind, ())


def is_novel(kind: str, colour: str, place: str) -> bool:
    """True for the tenth of kind x colour x place that is never trained on."""
    return _hash(f"novel|{kind}|{colour}|{place}") % 10 == 0


def is_held_out(scene: Scene) -> bool:
    """True for the fiftieth of all scene contents (boxes aside) that is kept for evaluation."""
    return _hash("held|" + content(scene)) % 50 == 0


def is_fresh(scene: Scene) -> bool:
    """True for the half of the held-out contents that no trainer of pictures looks at while it trains."""
    return is_held_out(scene) and _hash("fresh|" + content(scene)) % 2 == 0


def sample_scene(rng: random.Random, split: Split = "train") -> Scene:
    """A scene of the split; in `novel` the first subject is a combination never trained on.

    `held_out` is `watched` and `fresh` together: a training is watched on the one, and what it made is
    measured once, at its end, on the other.
    """
    if split not in get_args(Split):
        raise ValueError(f"split must be one of {', '.join(get_args(Split))}, not {split!r}")
    while True:
        scene = _propose(rng)
        novel = [is_novel(s.kind, s.colour, scene.place) for s in scene.subjects]
        if split == "novel":
            if novel[0]:
                return scene
        elif not any(novel) and is_held_out(scene) == (split != "train"):
            if split not in ("watched", "fresh"):
                return scene
            if is_fresh(scene) == (split == "fresh"):
                return scene


def settle(scene: Scene) -> Scene:
    """The scene with every subject exactly in its place, without the jitter of sampling."""
    kinds = [s.kind for s in scene.subjects]
    looks = [(s.size, s.action) for s in scene.subjects]
    boxes = _layout(None, scene.place, kinds, looks, scene.relation)
    subjects = tuple(replace(s, box=box) for s, box in zip(scene.subjects, boxes, strict=True))
    return replace(scene, subjects=subjects)


def content(scene: Scene) -> str:
    """What a scene shows, boxes aside."""
    parts = [scene.place, str(scene.relation)]
    parts += [f"{s.kind},{s.colour},{s.size},{s.action}" for s in scene.subjects]
    return "|".join(parts)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _propose(rng: random.Random) -> Scene:
    """Any scene of the world: first kind uniform, then a place it occurs in, then the rest."""
    count = rng.choices((1, 2, 3), (0.45, 0.4, 0.15))[0]
    kinds = [rng.choice(KINDS)]
    # The sea has few kinds of its own, so those that live there are there most of the time.
    places = places_of(kinds[0])
    place = rng.choices(places, [3.0 if p == "sea" else 1.0 for p in places])[0]
    while len(kinds) < count:
        kind = rng.choice(KINDS)
        if kind not in kinds and place in places_of(kind):
            kinds.append(kind)
    free = [c for c in COLOURS if (place, c) not in _UNSEEN]
    colours = rng.sample(free, count)
    looks = []
    for kind in kinds:
        size = rng.choices((None, "small", "big"), (0.6, 0.2, 0.2))[0]
        choices = actions_of(kind, place)
        # At sea and in the air the action is where the thing is, so it is nearly always one.
        likely = 1.0 if place == "sea" else 0.7 if kind in _AIR_ACTIONS else 0.45
        action = rng.choice(choices) if choices and rng.random() < likely else None
        looks.append((size, action))
    relation = _relation(rng, kinds, looks)
    boxes = _layout(rng, place, kinds, looks, relation)
    subjects = tuple(
        Subject(k, c, size, action, box)
        for k, c, (size, action), box in zip(kinds, colours, looks, boxes, strict=True)
    )
    return Scene(place, subjects, relation, rng.getrandbits(31))


def _relation(
    rng: random.Random, kinds: list[str], looks: list[tuple[Literal["small", "big"] | None, str | None]]
) -> str | None:
    if len(kinds) < 2:
        return None
    aloft = [a in ("flying", "floating") for _, a in looks]
    if len(kinds) == 2 and aloft == [True, False]:
        return rng.choice((None, "above", "above"))
    plain = all(a in (None, "running", "sleeping", "driving", "dancing") for _, a in looks)
    if len(kinds) == 2 and plain:
        return rng.choice((None, "next to", "in front of", "behind"))
    return rng.choice((None, "next to"))


def _layout(
    rng: random.Random | None,
    place: str,
    kinds: list[str],
    looks: list[tuple[Literal["small", "big"] | None, str | None]],
    relation: str | None,
) -> list[Box]:
    """Boxes of the subjects: left to right, higher when aloft or behind; jittered by a generator, if any."""
    count = len(kinds)
    sides = {1: (24, 34, 42), 2: (20, 27, 31), 3: (16, 20, 22)}[count]
    centres = {1: (32,), 2: (17, 47), 3: (11, 32, 53)}[count]
    boxes = []
    for i, (kind, (size, action)) in enumerate(zip(kinds, looks, strict=True)):
        side = sides[("small", None, "big").index(size)]
        width, height = drawing.extent(kind, action, side)
        centre, bottom = centres[i], 59
        if relation == "above":
            centre = 32
        elif relation == "in front of":
            centre, bottom = ((23, 61), (42, 49))[i]
        elif relation == "behind":
            centre, bottom = ((22, 49), (41, 61))[i]
        if action in ("flying", "floating"):
            bottom = max(20, height // 2 + 15) if count > 1 else height // 2 + 22
        elif action == "jumping":
            bottom -= 9
        elif place == "sea":
            bottom = 56
        if rng is not None:
            centre += rng.randint(-2, 2)
            bottom += rng.randint(-1, 1)
        x0 = min(max(centre - width // 2, 0), SIZE - width)
        y0 = min(max(bottom - height, 0), SIZE - height)
        boxes.append((x0, y0, x0 + width, y0 + height))
    return boxes
