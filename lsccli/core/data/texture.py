"""How a picture looks, as one number that tells drawn scenes from photographs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lsccli.core.data.images import to_rgb

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 64  # px
LEAST, EDGE = 4, 24  # of 255 levels


def texture(image: Image) -> float:
    """Share of neighbouring pixels, at 64×64, that differ by 4 to 23 levels in the channel that differs most.

    What is drawn has areas of one colour and edges; a photograph has shades everywhere. Within [0, 1].
    """
    from PIL import Image as pillow

    small = to_rgb(image).resize((SIDE, SIDE), pillow.Resampling.BICUBIC)
    pixels = np.asarray(small).astype(np.int16)
    steps = [np.abs(np.diff(pixels, axis=axis)).max(axis=2).ravel() for axis in (0, 1)]
    change = np.concatenate(steps)
    return float(np.mean((change >= LEAST) & (change < EDGE)))
