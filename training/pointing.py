"""Whether Grad-CAM and heat maps point at what a word names: the pointing game on held-out scenes.

    python -m training.pointing --scenes 200
    python -m training.pointing --write     # the example scenes' nouns and boxes, for tests

A word's map points right when its greatest value lies in the box of the subject that the word tells of;
beside the share of such maps stand the mean share of a map's mass inside, and chance, the box's share of the
picture. Alice's Grad-CAM is read from the scene, with her captions. Bob's heat maps are read from the picture
that he draws of his, in which a subject's box is where the world puts it: he was taught scenes without
jitter, so a caption tells each place to the pixel. How well his pictures keep to that is measured beside it,
as the overlap of box and drawn shape in pictures of one subject.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lsccli.core.models.models import Compute, Models
from lsccli.core.models.profile import load_profile
from lsccli.core.report.stats import Estimate
from lsccli.core.text.gradcam import WordGradCam
from lsccli.core.text.words import split_words
from training import common, examples
from training import lexicon as lx
from training.drawing import background
from training.intervals import ratio
from training.language import Dialect, caption
from training.world import Scene, Subject, draw, sample_scene, settle

TRUTH = Path(__file__).resolve().parent.parent / "tests" / "core" / "text" / "pointing.json"
SIDE = 64
# A pixel whose strongest channel differs so much, of 255, from the place's background is drawn on.
DRAWN = 60


@dataclass(frozen=True)
class Pointing:
    """Shares over the words of one kind: peak in the box, mass in the box, and the box of the picture."""

    kind: str
    count: int
    hit: Estimate
    mass: Estimate
    chance: Estimate

    def __str__(self) -> str:
        shares = f"hit {self.hit.mean:.3f} mass {self.mass.mean:.3f} chance {self.chance.mean:.3f}"
        return f"{self.kind:<7} n={self.count:4d} {shares}"


def targets(scene: Scene, words: Sequence[str]) -> Iterator[tuple[str, int, Subject]]:
    """("noun" or "colour", index of the word, the subject that it tells of), where that is plain."""
    kinds = {subject.kind: subject for subject in scene.subjects}
    if len(kinds) < len(scene.subjects):
        return
    colours = [subject.colour for subject in scene.subjects]
    for index, word in enumerate(words):
        subject = kinds.get(lx.KIND_OF.get(word, ""))
        if subject is None:
            continue
        yield "noun", index, subject
        before = lx.COLOUR_OF.get(words[index - 1], "") if index else ""
        if before == subject.colour and colours.count(before) == 1:
            yield "colour", index - 1, subject


def in_box(box: tuple[int, ...], height: int, width: int) -> Any:
    """(height, width) bool: the cells of a grid over the picture whose middle lies in the box."""
    x0, y0, x1, y1 = box
    columns = (np.arange(width) + 0.5) * SIDE / width
    rows = (np.arange(height) + 0.5) * SIDE / height
    return np.outer((rows >= y0) & (rows < y1), (columns >= x0) & (columns < x1))


def measure(scenes: Sequence[Scene], texts: Sequence[list[str]], maps: Sequence[Any]) -> list[Pointing]:
    """How the maps (words, H, W) of each scene's words lie to its boxes, by kind of word."""
    # Of each kind: scene, whether the peak is in the box, mass in it, its share of the picture.
    found: dict[str, list[tuple[int, float, float, float]]] = {}
    for number, (scene, words, drawn) in enumerate(zip(scenes, texts, maps, strict=True)):
        for kind, index, subject in targets(scene, words):
            one = drawn[index]
            inside = in_box(subject.box, *one.shape)
            if np.isnan(one).any() or not inside.any() or not one.sum():
                continue
            peak = inside[np.unravel_index(int(np.argmax(one)), one.shape)]
            mass = float(one[inside].sum() / one.sum())
            found.setdefault(kind, []).append((number, float(peak), mass, float(inside.mean())))
    return [_over_scenes(kind, np.array(rows)) for kind, rows in sorted(found.items())]


def _over_scenes(kind: str, rows: Any) -> Pointing:
    """The shares over words (rows, 4), with intervals over the scenes that have such words."""
    scenes, which = np.unique(rows[:, 0], return_inverse=True)
    sums = np.zeros((4, len(scenes)))
    np.add.at(sums[0], which, 1)
    for column in (1, 2, 3):
        np.add.at(sums[column], which, rows[:, column])
    words, *shares = torch.from_numpy(sums)
    return Pointing(kind, len(rows), *(ratio(one, words) for one in shares))


def told(scenes: Sequence[Scene], dialect: Dialect, seed: int = 77) -> list[list[str]]:
    """The words of one caption of each scene."""
    rng = random.Random(seed)
    return [[word.text for word in split_words(caption(scene, dialect, rng))] for scene in scenes]


def of_matcher(
    scenes: Sequence[Scene], layer: int | None = None, folder: Path | None = None
) -> list[Pointing]:
    """Alice's Grad-CAM on the scenes, in a layer of a matcher; without them, those of the profile."""
    role = load_profile("storybook").need("matcher")
    camera = WordGradCam(
        folder or role.model.find().directory, role.layer if layer is None else layer, "cpu", 16
    )
    texts = told(scenes, "alice")
    pairs = [(lambda scene=scene: draw(scene), words) for scene, words in zip(scenes, texts, strict=True)]
    return measure(scenes, texts, list(camera.maps(pairs)))


def of_receiver(scenes: Sequence[Scene]) -> tuple[list[Pointing], Tensor]:
    """Bob's heat maps on his own pictures, and the overlaps of lone subjects' boxes and drawn shapes."""
    profile = load_profile("storybook")
    receiver, seed = Models(profile, Compute()).receiver, profile.need("receiver").seed
    settled = [settle(scene) for scene in scenes]
    texts = told(settled, "bob")
    maps = list(receiver.heat_maps(texts, seed))
    alone = [(s, " ".join(t)) for s, t in zip(settled, texts, strict=True) if len(s.subjects) == 1]
    images = receiver.draw([text for _, text in alone], seed)
    kept = [overlap(np.asarray(image), scene) for image, (scene, _) in zip(images, alone, strict=True)]
    return measure(settled, texts, maps), torch.tensor(kept)


def overlap(image: Any, scene: Scene) -> float:
    """Intersection over union of a lone subject's box and the box of all that is not background."""
    empty = np.asarray(background(scene.place)).astype(int)
    drawn = np.abs(image.astype(int) - empty).max(-1) > DRAWN
    rows, columns = np.flatnonzero(drawn.any(1)), np.flatnonzero(drawn.any(0))
    if not len(rows):
        return 0.0
    ours = in_box((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1), SIDE, SIDE)
    theirs = in_box(scene.subjects[0].box, SIDE, SIDE)
    return float((ours & theirs).sum() / (ours | theirs).sum())


def write() -> None:
    """The captions of the example scenes in both dialects, with the boxes of their nouns.

    Alice's boxes are those of the scene's picture, Bob's those of what his caption asks for.
    """
    scenes = examples.choose(random.Random(examples.SEED), examples.COUNT)
    found = []
    for number, scene in enumerate(scenes):
        one: dict[str, object] = {"image": examples.name(number, examples.COUNT)}
        dialects: tuple[tuple[Dialect, Scene], ...] = (("alice", scene), ("bob", settle(scene)))
        for dialect, shown in dialects:
            words = told([shown], dialect, number)[0]
            boxes = {i: subject.box for kind, i, subject in targets(shown, words) if kind == "noun"}
            one[dialect] = {"words": words, "boxes": boxes}
        found.append(one)
    TRUTH.write_text("[\n" + ",\n".join(json.dumps(one) for one in found) + "\n]\n", encoding="utf-8")


def main() -> None:
    """Measure each layer of the matcher, and the receiver."""
    parser = common.options(__doc__)
    parser.add_argument("--scenes", type=int, default=200)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.write:
        return write()
    rng = random.Random(77)
    scenes = [sample_scene(rng, "held_out") for _ in range(options.scenes)]
    folder = load_profile("storybook").need("matcher").model.find().directory
    layers = WordGradCam(folder, 0, "cpu", 16).model.config.text_config.num_hidden_layers
    for layer in range(layers - 1):
        for pointing in of_matcher(scenes, layer):
            print(f"matcher, layer {layer}: {pointing}", flush=True)
    found, kept = of_receiver(scenes)
    for pointing in found:
        print(f"receiver: {pointing}")
    print(f"receiver: overlap of lone subjects' boxes and drawn shapes {kept.mean():.3f}")


if __name__ == "__main__":
    main()
