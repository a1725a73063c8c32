"""Alice's and Bob's maps of each word over their images, as one figure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lsccli.core.report.canvas import new_figure, save
from lsccli.core.report.escape import figure_text

if TYPE_CHECKING:
    from lsccli.core.run.explain import Sight

_COLOURS = "inferno"


def draw_heatmaps(seen: Sight, title: str, target: Path) -> None:
    """Write the figure: a column per word; above Alice's image with Grad-CAM, below Bob's with heat maps.

    Each map is scaled to its own least and greatest value; a word that a model does not see has none.
    """
    columns = len(seen.words) + 1
    shape = max(seen.alice.height / seen.alice.width, seen.bob.height / seen.bob.width)
    figure = new_figure(1.15 * columns, 2 * (1.15 * min(2.0, shape) + 0.25) + 0.2, dpi=150)
    axes = figure.subplots(2, columns, squeeze=False)
    sides = (("Alice", seen.alice, seen.alice_maps), ("Bob", seen.bob, seen.bob_maps))
    for row, (name, image, maps) in zip(axes, sides, strict=True):
        # Grey below the maps, whose colours would be lost on the image's own.
        for axis, below in zip(row, [image, *[image.convert("L")] * len(seen.words)], strict=True):
            axis.imshow(below, cmap="gray", vmin=0, vmax=255)
            axis.set_xticks([])
            axis.set_yticks([])
        row[0].set_ylabel(figure_text(name), fontsize=8)
        for axis, one in zip(row[1:], maps, strict=True):
            if not np.isnan(one).any():
                _overlay(axis, np.asarray(one, dtype=np.float64), image.width, image.height)
    axes[0, 0].set_title("(image)", fontsize=8)
    for axis, word in zip(axes[0, 1:], seen.words, strict=True):
        axis.set_title(figure_text(word), fontsize=8)
    figure.suptitle(figure_text(title), fontsize=7)
    save(figure, target)


def _overlay(axis: Any, one: Any, width: int, height: int) -> None:
    spread = one.max() - one.min()
    scaled = (one - one.min()) / spread if spread > 0 else np.zeros_like(one)
    axis.imshow(
        scaled,
        extent=(-0.5, width - 0.5, height - 0.5, -0.5),
        cmap=_COLOURS,
        alpha=0.25 + 0.5 * scaled,
        vmin=0.0,
        vmax=1.0,
        interpolation="bilinear",
    )
