"""One image's transmission as a picture: Alice's image, then Bob's after each word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from lsccli.core.errors import LscError
from lsccli.core.report.canvas import new_figure, save
from lsccli.core.report.escape import figure_text, visible
from lsccli.core.report.labels import method_label
from lsccli.core.store.store import Store

# Prompts longer than this would make a strip that no page holds.
_WIDEST = 16

_STEPS = text("""
    SELECT t.id, mc.settings ->> 'method', mc.settings ->> 'importance', cc.settings ->> 'captioner',
           s.k, s.received, g.path, sc.value
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
    ORDER BY t.id, s.k
""")


@dataclass(frozen=True)
class Panel:
    """After k words: the word that arrived, the file of Bob's image or None, the score or None."""

    k: int
    word: str
    file: Path | None
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
    """The image's transmissions by these methods (name, importance or None for any); by all where empty."""
    with store.read() as session:
        rows = session.execute(_STEPS, {"image": image, "profile": profile, "metric": metric}).all()
    grouped: dict[int, list[Panel]] = {}
    labels: dict[int, str] = {}
    for number, name, importance, captioner, k, word, path, score in rows:
        if methods and not any(name == m and i in (None, importance) for m, i in methods):
            continue
        labels[number] = f"{visible(method_label(name, importance))}\n({visible(captioner)})"
        file = store.artifacts / path if path else None
        grouped.setdefault(number, []).append(Panel(k, word, file, score))
    return [Strip(labels[number], tuple(frames)) for number, frames in grouped.items()]


def draw_strips(original: Path, found: Sequence[Strip], metric: str, target: Path) -> None:
    """Write the figure: a row per method, Alice's image first, then Bob's with the words and scores so far.

    Words that were never drawn are shown without an image.

    Raises:
        LscError: where nothing was drawn, or an image that was is not kept, with the command that makes it.
    """
    from lsccli.core.data.pictures import decode

    columns = min(_WIDEST, max(len(strip.panels) for strip in found)) + 1
    figure = new_figure(1.15 * columns, 1.55 * len(found), dpi=150)
    axes = figure.subplots(len(found), columns, squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for row, strip in zip(axes, found, strict=True):
        row[0].imshow(decode(original.read_bytes()))
        row[0].set_title("\n".join(map(figure_text, strip.label.split("\n"))), fontsize=7, fontweight="bold")
        for axis, panel in zip(row[1:], strip.panels, strict=False):
            axis.set_title(figure_text(f"+ {panel.word}" if panel.k else "(nothing)"), fontsize=7)
            if panel.k and panel.file is None and panel.score is None:  # as --stop-at leaves the last words
                axis.text(0.5, 0.5, "not drawn", fontsize=6, ha="center", color="grey")
                continue
            if panel.file is None or not panel.file.is_file():
                raise LscError(f"{strip.name}, step {panel.k}: no drawing is kept. Run: lsc generate")
            axis.imshow(decode(panel.file.read_bytes()))
            if panel.score is not None:
                axis.text(0.5, -0.04, figure_text(f"{panel.score:.2f}"), fontsize=7, ha="center", va="top",
                          transform=axis.transAxes)  # fmt: skip
    figure.suptitle(figure_text(f"Alice's image, then Bob's after each word; below, {metric}"), fontsize=7)
    save(figure, target)
