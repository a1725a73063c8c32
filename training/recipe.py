"""A fixed test set as a recipe: a line of JSON for each scene, from which it is drawn again.

    python -m training.recipe draw data/fresh    # pictures and captions.txt, each picture checked
    python -m training.recipe make               # how training/recipes/fresh-1000.jsonl was chosen
    python -m training.recipe count              # how much of the split `fresh` had been looked at

The scenes of fresh-1000 are of the split `fresh`, and show nothing that a scene of `LOOKED_AT` shows: what
ships was trained before there was that split, and watched on scenes of both halves. Nearly all that scenes
of one subject can show was looked at, so that these have two or three. Drawing needs the emoji font, of which
the first line states the SHA-256; a picture that comes out otherwise than the recipe says is named. The first
hundred were chosen first, by themselves, and have each place equally often, as the others have.
"""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from training import common, drawing, examples
from training.language import human_captions
from training.world import PLACES, Scene, Subject, content, draw, sample_scene

RECIPE = Path(__file__).resolve().parent / "recipes" / "fresh-1000.jsonl"
COUNTS, SEED = (100, 900), 20_261_201  # chosen one after the other
# Held-out scenes by which trainings and settings were watched, chosen or judged: seed, how many, where.
LOOKED_AT = (
    (2 * 100_003, 300, "training.bank-held: captioners, matcher, CLIP, distillation, evaluation"),
    (5, 400, "training.text_tower; the first twelve training.autoencoder"),
    (11, 600, "training.classifier"),
    (21, 600, "training.receiver: its journal, guidance and steps"),
    (77, 200, "training.pointing"),
    (2027, 16, "training.sheet"),
)
CHOSEN = ((examples.SEED, examples.COUNT, "examples/storybook"), (1, 100, "the table of version 0.2"))


@dataclass(frozen=True)
class Entry:
    """A scene of a recipe: its file, what it shows, its captions, and the SHA-256 of its pixels (RGB)."""

    file: str
    scene: Scene
    captions: tuple[str, ...]
    pixels: str


def looked_at() -> set[str]:
    """What the scenes show that something was watched or tuned on, or that were in a published table."""
    found = {
        content(scene)
        for seed, count, _ in LOOKED_AT
        for scene in common.scenes(random.Random(seed), count, "held_out")
    }
    for seed, count, _ in CHOSEN:
        found |= {content(scene) for scene in examples.choose(random.Random(seed), count)}
    return found


def choose(rng: random.Random, count: int, seen: set[str]) -> list[Scene]:
    """So many fresh scenes that show nothing seen, no place more than once oftener than another.

    What they show is added to what was seen.
    """
    left = dict.fromkeys(PLACES, -(-count // len(PLACES)))
    found: list[Scene] = []
    while len(found) < count:
        scene = sample_scene(rng, "fresh")
        if left[scene.place] and content(scene) not in seen:
            seen.add(content(scene))
            left[scene.place] -= 1
            found.append(scene)
    return found


def overlap(rng: random.Random, count: int = 400) -> str:
    """How many of so many fresh scenes show what had been looked at, in all and of one subject."""
    seen, found = looked_at(), common.scenes(rng, count, "fresh")
    single = [scene for scene in found if len(scene.subjects) == 1]
    shown = [sum(content(scene) in seen for scene in some) for some in (found, single)]
    return f"looked at: {shown[0]} of {count} scenes, {shown[1]} of {len(single)} of one subject"


def digest(picture: Image.Image) -> str:
    """SHA-256 of a picture's RGB pixels, which no way of writing PNG changes."""
    return hashlib.sha256(picture.convert("RGB").tobytes()).hexdigest()


def font_digest() -> str:
    """SHA-256 of the emoji font; one line where there is none."""
    drawing.sprite_font()
    return hashlib.sha256(drawing.FONT.read_bytes()).hexdigest()


def entries(files: Sequence[str], scenes: Sequence[Scene], rng: random.Random) -> list[Entry]:
    """The scenes with their files, five captions each, and the pictures' digests."""
    return [
        Entry(file, scene, tuple(human_captions(scene, rng)), digest(draw(scene)))
        for file, scene in zip(files, scenes, strict=True)
    ]


def make(seed: int, counts: Sequence[int]) -> list[Entry]:
    """So many fresh scenes and again so many, that show what nothing before shows."""
    rng, seen, found = random.Random(seed), looked_at(), list[Entry]()
    for count in counts:
        files = [examples.name(len(found) + i, sum(counts)) for i in range(count)]
        found += entries(files, choose(rng, count, seen), rng)
    return found


def write(path: Path, header: dict[str, Any], found: Sequence[Entry]) -> None:
    """The header and a line for each scene."""
    rows = [header, *(asdict(entry) for entry in found)]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def read(path: Path) -> tuple[dict[str, Any], list[Entry]]:
    """The header and the scenes of a recipe; needs no font."""
    header, *rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    found = []
    for row in rows:
        told = row["scene"]
        subjects = tuple(Subject(**{**one, "box": tuple(one["box"])}) for one in told["subjects"])
        scene = Scene(told["place"], subjects, told["relation"], told["seed"])
        found.append(Entry(row["file"], scene, tuple(row["captions"]), row["pixels"]))
    return header, found


def draw_all(path: Path, folder: Path) -> list[str]:
    """Draw a recipe's scenes into a folder; the files whose pixels are not those of the recipe."""
    header, found = read(path)
    if font_digest() != header["font_sha256"]:
        print(
            f"{drawing.FONT} has SHA-256 {font_digest()}, the recipe's font {header['font_sha256']}: "
            f"install {header['font']} for the same pictures.",
            file=sys.stderr,
        )
    folder.mkdir(parents=True, exist_ok=True)
    other = []
    for entry in found:
        picture = draw(entry.scene)
        picture.save(folder / entry.file, optimize=True)
        if digest(picture) != entry.pixels:
            other.append(entry.file)
    examples.write_captions(folder, [(entry.file, entry.captions) for entry in found])
    return other


def commit() -> str:
    """The repository's commit, by which the scenes are made."""
    command = ["git", "-C", str(RECIPE.parent), "rev-parse", "HEAD"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def main() -> None:
    """Choose the scenes, draw them, or count what had been looked at."""
    parser = common.options(__doc__)
    parser.add_argument("what", choices=("make", "draw", "count"))
    parser.add_argument("folder", type=Path, nargs="?", help="draw: where pictures and captions.txt go")
    parser.add_argument("--recipe", type=Path, default=RECIPE)
    parser.add_argument(
        "--counts", type=int, nargs="+", default=COUNTS, help="make: how many scenes, and how many more"
    )
    parser.add_argument("--seed", type=int, default=SEED, help="make: of the choice and of the captions")
    options = parser.parse_args()
    if options.what == "count":
        print(overlap(random.Random(options.seed)))
        return
    if options.what == "make":
        counts = " ".join(map(str, options.counts))
        header = {
            "recipe": options.recipe.stem,
            "command": f"python -m training.recipe make --counts {counts} --seed {options.seed}",
            "commit": commit(),
            "font": "fonts-noto-color-emoji 2.042 (Debian 12)",
            "font_sha256": font_digest(),
        }
        write(options.recipe, header, make(options.seed, options.counts))
        return
    if options.folder is None:
        parser.error("draw needs a FOLDER, for instance: python -m training.recipe draw data/fresh")
    other = draw_all(options.recipe, options.folder)
    if other:
        raise SystemExit(f"Not the pictures of the recipe: {', '.join(other)} ({len(other)} in all).")


if __name__ == "__main__":
    main()
