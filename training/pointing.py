"""Whether Grad-CAM and heat maps point at what a word names: the pointing game on held-out scenes.

python -m training.pointing [SCENES]

Alice's Grad-CAM: for every noun and colour of a caption whose subject is known, the share of maps whose
greatest value lies in the subject's box, and the share of the map's mass inside; beside them chance, the
box's share of the picture. Bob's heat maps: the same, but his picture has no boxes, so a word's place in it
is where Alice's Grad-CAM on Bob's picture is above half its greatest value.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PIL import Image

from lsccli.core.methods.bothcrossatt import on_grid
from lsccli.core.models import Compute, Models
from lsccli.core.profile import Profile, load_profile
from lsccli.core.text.gradcam import WordGradCam
from lsccli.core.text.words import split_words
from training import lexicon as lx
from training.language import caption
from training.world import Scene, draw, sample_scene

SIDE = 64
Pointed = tuple[float, float, float]  # hit, mass inside, share of the box


def targets(scene: Scene, words: Sequence[str]) -> Iterator[tuple[str, int, tuple[float, ...]]]:
    """("noun" or "colour", index of the word, box of the subject that it tells of), where that is plain."""
    kinds = {subject.kind: subject for subject in scene.subjects}
    if len(kinds) < len(scene.subjects):
        return
    colours = [subject.colour for subject in scene.subjects]
    for index, word in enumerate(words):
        subject = kinds.get(lx.KIND_OF.get(word, ""))
        if subject is None:
            continue
        yield "noun", index, subject.box
        before = words[index - 1] if index else ""
        if before == subject.colour and colours.count(before) == 1:
            yield "colour", index - 1, subject.box


def in_box(box: tuple[float, ...], height: int, width: int) -> Any:
    """(height, width) bool: the cells of a grid over the picture whose middle lies in the box."""
    x0, y0, x1, y1 = box
    columns = (np.arange(width) + 0.5) * SIDE / width
    rows = (np.arange(height) + 0.5) * SIDE / height
    return np.outer((rows >= y0) & (rows < y1), (columns >= x0) & (columns < x1))


def pointed(one: Any, inside: Any) -> Pointed:
    """How a map (H, W) lies to the cells that are meant."""
    hit = inside[np.unravel_index(int(np.argmax(one)), one.shape)]
    total = one.sum()
    return float(hit), float(one[inside].sum() / total) if total else 0.0, float(inside.mean())


def report(label: str, found: dict[str, list[Pointed]]) -> None:
    """One line per kind of word."""
    for kind, values in found.items():
        hits, mass, area = np.mean(values, axis=0)
        print(
            f"{label:<24} {kind:<7} n={len(values):4d} hit {hits:.3f} mass {mass:.3f} chance {area:.3f}",
            flush=True,
        )


def main() -> None:
    """Measure each layer of the matcher, and the receiver."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    rng = random.Random(77)
    scenes = [sample_scene(rng, "held_out") for _ in range(count)]
    texts = [[word.text for word in split_words(caption(scene, "alice", rng))] for scene in scenes]
    profile = load_profile("storybook")
    folder = profile.need("matcher").model.find().directory
    layers = WordGradCam(folder, 0, "cpu", 16).model.config.text_config.num_hidden_layers
    for layer in range(layers - 1):
        camera = WordGradCam(folder, layer, "cpu", 16)
        pairs = [(lambda scene=scene: draw(scene), words) for scene, words in zip(scenes, texts, strict=True)]
        found: dict[str, list[Pointed]] = {}
        for scene, words, maps in zip(scenes, texts, camera.maps(pairs), strict=True):
            for kind, index, box in targets(scene, words):
                found.setdefault(kind, []).append(pointed(maps[index], in_box(box, *maps.shape[1:])))
        report(f"matcher, layer {layer}", found)
    bob(profile, scenes, texts, WordGradCam(folder, profile.need("matcher").layer, "cpu", 16))


def bob(profile: Profile, scenes: list[Scene], texts: list[list[str]], camera: WordGradCam) -> None:
    """Measure the receiver's heat maps on its own pictures."""
    models = Models(profile, Compute())
    seed = profile.need("receiver").seed
    images = [
        Image.fromarray(one) for one in models.receiver.draw([" ".join(words) for words in texts], seed)
    ]
    seen = camera.maps(
        [(lambda image=image: image, words) for image, words in zip(images, texts, strict=True)]
    )
    found: dict[str, list[Pointed]] = {}
    drawn = models.receiver.heat_maps(texts, seed)
    for scene, words, alice, heat in zip(scenes, texts, seen, drawn, strict=True):
        places = on_grid(alice, heat.shape[-1]) >= 0.5
        for kind, index, _ in targets(scene, words):
            if places[index].any() and not np.isnan(heat[index]).any():
                found.setdefault(kind, []).append(pointed(heat[index], places[index]))
    report("receiver", found)


if __name__ == "__main__":
    main()
