"""Held-out scenes as a data set: PNG files and a Flickr8k-style captions.txt.

python -m training.examples                                   # examples/storybook
python -m training.examples data/scenes --count 100 --seed 1  # more, for experiments
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from training import common
from training.language import human_captions
from training.world import PLACES, Scene, draw, sample_scene

FOLDER = Path(__file__).resolve().parent.parent / "examples" / "storybook"
COUNT, SEED = 24, 2024


def choose(rng: random.Random, count: int) -> list[Scene]:
    """So many held-out scenes, no place more than once oftener than another."""
    left = dict.fromkeys(PLACES, -(-count // len(PLACES)))
    found: list[Scene] = []
    while len(found) < count:
        scene = sample_scene(rng, "held_out")
        if left[scene.place]:
            left[scene.place] -= 1
            found.append(scene)
    return found


def name(index: int, count: int) -> str:
    """The file of a scene, counted from 1."""
    return f"scene-{index + 1:0{len(str(count))}d}.png"


def write_captions(folder: Path, told: Sequence[tuple[str, Sequence[str]]]) -> None:
    """captions.txt, from the captions of each file."""
    lines = ["image,caption"]
    for file, texts in told:
        # Quoted where a caption has a comma, as CSV wants it.
        lines += [f'{file},"{text}"' if "," in text else f"{file},{text}" for text in texts]
    (folder / "captions.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Write the folder."""
    parser = common.options(__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    options.folder.mkdir(parents=True, exist_ok=True)
    told = []
    for i, scene in enumerate(choose(rng, options.count)):
        file = name(i, options.count)
        draw(scene).save(options.folder / file, optimize=True)
        told.append((file, human_captions(scene, rng)))
    write_captions(options.folder, told)


if __name__ == "__main__":
    main()
