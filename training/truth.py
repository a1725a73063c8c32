"""Scenes as numbers: labels for supervised heads, and scenes that differ from another in one attribute."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from training.world import (
    ACTIONS,
    COLOURS,
    KINDS,
    PLACES,
    RELATIONS,
    SIZES,
    Scene,
    Subject,
    actions_of,
    places_of,
)  # fmt: skip

SLOTS = 3
# Labels per scene: place, relation, then kind, colour, size, action of each slot; 0 is none (not for places).
FIELDS = (
    "place",
    "relation",
    *(f"{f}{i}" for i in range(SLOTS) for f in ("kind", "colour", "size", "action")),
)
CLASSES = (len(PLACES), len(RELATIONS) + 1) + (
    len(KINDS) + 1, len(COLOURS) + 1, len(SIZES) + 1, len(ACTIONS) + 1,
) * SLOTS  # fmt: skip


def _index(choices: Sequence[str], value: str | None) -> int:
    return 0 if not value else choices.index(value) + 1


def labels(scenes: Sequence[Scene]) -> Tensor:
    """Class numbers of scenes, [B, len(FIELDS)] int64."""
    rows = []
    for scene in scenes:
        row = [PLACES.index(scene.place), _index(RELATIONS, scene.relation)]
        for i in range(SLOTS):
            if i < len(scene.subjects):
                s = scene.subjects[i]
                row += [_index(KINDS, s.kind), _index(COLOURS, s.colour), _index(SIZES, s.size)]
                row += [_index(ACTIONS, s.action)]
            else:
                row += [0, 0, 0, 0]
        rows.append(row)
    return torch.tensor(rows)


class TruthEncoder(nn.Module):
    """A scene's labels as one vector, text's partner where no picture is needed; [B, F] -> [B, width]."""

    def __init__(self, width: int, hidden: int = 384) -> None:
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(n, hidden) for n in CLASSES)
        # The fields of one subject meet before the subjects do: a colour belongs to its kind.
        self.subject = nn.Sequential(nn.Linear(hidden, hidden), nn.GELU(), nn.Linear(hidden, hidden))
        self.scene = nn.Sequential(
            nn.LayerNorm(hidden), nn.Linear(hidden, hidden), nn.GELU(), nn.Linear(hidden, width)
        )

    def forward(self, fields: Tensor) -> Tensor:
        """See the class."""
        parts = [table(fields[:, i]) for i, table in enumerate(self.tables)]
        whole = parts[0] + parts[1]
        for slot in range(SLOTS):
            inner = sum(parts[2 + 4 * slot : 6 + 4 * slot])
            whole = whole + inner + self.subject(inner)
        return self.scene(whole)  # type: ignore[no-any-return]


def altered(scene: Scene, rng: random.Random) -> Scene:
    """The scene with one thing changed: a colour, a kind, the place, or two subjects or colours swapped.

    Boxes and seed stay, so it is to be told in words, not drawn.
    """
    subjects = list(scene.subjects)
    i = rng.randrange(len(subjects))
    subject = subjects[i]
    changes = ["colour", "colour", "kind", "kind", "place"]
    if len(subjects) > 1:
        changes += ["swap colours", "swap colours", "swap kinds", "swap order"]
    change = rng.choice(changes)
    if change == "place":
        choices = [p for p in places_of(subject.kind) if p != scene.place]
        if not choices:
            change = "colour"
        else:
            fitting = [p for p in choices if all(p in places_of(s.kind) for s in subjects)] or choices
            return dataclasses.replace(scene, place=rng.choice(fitting))
    if change == "colour":
        subjects[i] = dataclasses.replace(
            subject, colour=rng.choice([c for c in COLOURS if c != subject.colour])
        )
    elif change == "kind":
        taken = {s.kind for s in subjects}
        kind = rng.choice([k for k in KINDS if k not in taken and scene.place in places_of(k)])
        action = subject.action if subject.action in actions_of(kind, scene.place) else None
        subjects[i] = dataclasses.replace(subject, kind=kind, action=action)
    else:
        j = rng.choice([k for k in range(len(subjects)) if k != i])
        first, second = subjects[i], subjects[j]
        if change == "swap colours":
            subjects[i], subjects[j] = _with(first, second.colour), _with(second, first.colour)
        elif change == "swap kinds":
            subjects[i] = dataclasses.replace(first, kind=second.kind, action=second.action)
            subjects[j] = dataclasses.replace(second, kind=first.kind, action=first.action)
        else:
            subjects[i], subjects[j] = second, first
    return dataclasses.replace(scene, subjects=tuple(subjects))


def _with(subject: Subject, colour: str) -> Subject:
    return dataclasses.replace(subject, colour=colour)
