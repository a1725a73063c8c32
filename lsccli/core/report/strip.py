"""One image's transmission as a picture: Alice's image, then Bob's after each word."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from lsccli.core.captioners.base import GIVEN
from lsccli.core.errors import LscError
from lsccli.core.report.canvas import new_figure, save
from lsccli.core.report.escape import figure_text, visible
from lsccli.core.report.labels import method_label
from lsccli.core.store.artifacts import generation_path
from lsccli.core.store.selection import Selection, in_force
from lsccli.core.store.store import Store

if TYPE_CHECKING:
    from PIL.Image import Image

# Prompts longer than this would make a strip that no page holds.
_WIDEST = 16

_STEPS = text("""
    SELECT t.id, mc.settings ->> 'method', mc.settings ->> 'importance', cc.settings ->> 'captioner',
           s.k, s.received, g.key, g.sha256, sc.value
    FROM transmission t
    JOIN ranking r ON r.id = t.ranking_id
    JOIN config mc ON mc.id = r.config_id
    JOIN caption c ON c.id = r.caption_id
    JOIN config cc ON cc.id = c.config_id
    JOIN step s ON s.transmission_id = t.id
    LEFT JOIN generation g ON g.prompt_id = s.prompt_id
        AND g.id = (SELECT max(g2.id) FROM generation g2 JOIN config rc ON rc.id = g2.config_id
                    WHERE g2.prompt_id = s.prompt_id AND rc.profile = :profile)
    LEFT JOIN score sc ON sc.generation_id = g.id AND sc.image_id = c.image_id
        AND sc.config_id IN (SELECT id FROM config WHERE kind = 'metric' AND settings ->> 'metric' = :metric)
    WHERE c.image_id = :image
        AND (cc.settings ->> 'captioner' <> :people OR c.id IN (SELECT value FROM json_each(:given)))
    ORDER BY t.id, s.k
""")


@dataclass(frozen=True)
class Panel:
    """After k words: the word that arrived, the PNG file of Bob's image or None, the score or None."""

    k: int
    word: str
    drawing: bytes | None
    score: float | None


@dataclass(frozen=True)
class Strip:
    """One transmission of the image: its label (method, then captioner) and a panel for each k from 0."""

    label: str
    panels: tuple[Panel, ...]

    @property
    def name(self) -> str:
        """The label on one line."""
        return self.label.replace("\n", " ")


def strips(
    store: Store, image: int, profile: str, metric: str, methods: Sequence[tuple[str, str | None]]
) -> list[Strip]:
    """The image's transmissions by these methods (name, importance or None for any); by all where empty.

    Of people's captions those in force (see `lsccli.core.store.selection`).

    Raises:
        LscError: where an image that Bob has drawn is missing or damaged, with the command that makes it.
    """
    with store.read() as session:
        given = in_force(session, Selection(all_captions=True), [image])
        facts = {"image": image, "profile": profile, "metric": metric, "people": GIVEN}
        rows = session.execute(_STEPS, {**facts, "given": json.dumps(given.ids)}).all()
    grouped: dict[int, list[Panel]] = {}
    labels: dict[int, str] = {}
    for number, name, importance, captioner, k, word, key, digest, score in rows:
        if methods and not any(name == m and i in (None, importance) for m, i in methods):
            continue
        labels[number] = f"{visible(method_label(name, importance))}\n({visible(captioner)})"
        drawing = None if digest is None else store.files.read(generation_path(key), digest)
        if drawing is None and digest is not None:
            file = store.artifacts / generation_path(key)
            raise LscError(f"{file} is missing or damaged. Draw it again: lsc generate")
        grouped.setdefault(number, []).append(Panel(k, word, drawing, score))
    return [Strip(labels[number], tuple(frames)) for number, frames in grouped.items()]


def draw_strips(original: Image, found: Sequence[Strip], metric: str, target: Path) -> None:
    """Write the figure: a row per method, Alice's image first, then Bob's with the words and scores so far.

    Words that were never drawn are shown without an image.

    Raises:
        LscError: where an image that was drawn is not kept, with the command that makes it.
    """
    from lsccli.core.data.pictures import decode

    columns = min(_WIDEST, max(len(strip.panels) for strip in found)) + 1
    figure = new_figure(1.15 * columns, 1.55 * len(found), dpi=150)
    axes = figure.subplots(len(found), columns, squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for row, strip in zip(axes, found, strict=True):
        row[0].imshow(original)
        row[0].set_title("\n".join(map(figure_text, strip.label.split("\n"))), fontsize=7, fontweight="bold")
        for axis, panel in zip(row[1:], strip.panels, strict=False):
            axis.set_title(figure_text(f"+ {panel.word}" if panel.k else "(nothing)"), fontsize=7)
            drawn = panel.drawing is not None or panel.score is not None
            if panel.k and not drawn:  # as --stop-at leaves the last words
                axis.text(0.5, 0.5, "not drawn", fontsize=6, ha="center", color="grey")
                continue
            if panel.drawing is None:
                raise LscError(f"{strip.name}, step {panel.k}: no drawing is kept. Run: lsc generate")
            axis.imshow(decode(panel.drawing))
            if panel.score is not None:
                axis.text(0.5, -0.04, figure_text(f"{panel.score:.2f}"), fontsize=7, ha="center", va="top",
                          transform=axis.transAxes)  # fmt: skip
    figure.suptitle(figure_text(f"Alice's image, then Bob's after each word; below, {metric}"), fontsize=7)
    save(figure, target)
