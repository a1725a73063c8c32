"""The held-out scenes of examples/storybook: PNG files and a Flickr8k-style captions.txt.

python -m training.examples
"""

from __future__ import annotations

import random
from pathlib import Path

from training.language import human_captions
from training.world import PLACES, Scene, draw, sample_scene

FOLDER = Path(__file__).resolve().parent.parent / "examples" / "storybook"
COUNT = 24


def choose(rng: random.Random) -> list[Scene]:
    """Held-out scenes, every place twice."""
    left = {place: COUNT // len(PLACES) for place in PLACES}
    found = []
    while any(left.values()):
        scene = sample_scene(rng, "held_out")
        if left[scene.place]:
            left[scene.place] -= 1
            found.append(scene)
    return found


def main() -> None:
    """Write the folder."""
    rng = random.Random(2024)
    FOLDER.mkdir(parents=True, exist_ok=True)
    lines = ["image,caption"]
    for i, scene in enumerate(choose(rng)):
        name = f"scene-{i + 1:02d}.png"
        draw(scene).save(FOLDER / name, optimize=True)
        # Quoted where a caption has a comma, as CSV wants it.
        lines += [
            f'{name},"{text}"' if "," in text else f"{name},{text}" for text in human_captions(scene, rng)
        ]
    (FOLDER / "captions.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
