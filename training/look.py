"""How far photographs are from drawn scenes by their texture: the limits of the bundle's profile.

    python -m training.look FOLDER

prints the texture (see `lsccli.core.data.texture`) of two thousand held-out scenes and of FOLDER's pictures.
The upper limit lies half-way between the highest of the scenes and the lowest of the photographs, the lower
one below the lowest of the scenes.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from lsccli.core.data.pictures import decode
from lsccli.core.data.texture import texture
from training.drawing import draw
from training.world import sample_scene

COUNT = 1000


def row(name: str, pictures: Iterable[Image.Image]) -> str:
    """A line: how many, and the least, the quantiles 0.01, 0.5, 0.99, and the greatest texture."""
    values = np.array([texture(picture) for picture in pictures])
    levels = np.quantile(values, [0, 0.01, 0.5, 0.99, 1])
    return f"{name:<20} {len(values):>5}  " + "  ".join(f"{level:.3f}" for level in levels)


def main(folder: Path) -> None:
    """Print the table."""
    rng = random.Random(0)
    print(f"{'':<20} {'n':>5}  {'min':<5}  {'1 %':<5}  {'50 %':<5}  {'99 %':<5}  {'max':<5}")
    for split in ("held_out", "novel"):
        print(row(f"scenes, {split}", (draw(sample_scene(rng, split)) for _ in range(COUNT))))
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".png", ".jpg", ".jpeg"))
    print(row("photographs", (decode(path.read_bytes()) for path in files)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
