"""The storybook's models point at what a word names, judged by the boxes of drawn scenes.

pointing.json holds the boxes of the example scenes' nouns; `python -m training.pointing --write` makes it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lsccli.core.models.models import Compute, Models
from lsccli.core.models.profile import load_profile

SCENES = json.loads(Path(__file__).with_name("pointing.json").read_text(encoding="utf-8"))
PICTURES = Path(__file__).resolve().parents[3] / "examples" / "storybook"
SIDE = 64  # pixels of a picture


@pytest.fixture(scope="module")
def models() -> Models:
    """The bundled models."""
    return Models(load_profile("storybook"), Compute())


def shares(maps: list[Any], told: list[dict[str, Any]]) -> tuple[float, float]:
    """The share of nouns whose map (H, W) is greatest inside their box, and the mean share of the box."""
    hits, areas = [], []
    for one, caption in zip(maps, told, strict=True):
        height, width = one.shape[1:]
        for index, (x0, y0, x1, y1) in ((int(i), box) for i, box in caption["boxes"].items()):
            row, column = np.unravel_index(int(np.argmax(one[index])), (height, width))
            x, y = (column + 0.5) * SIDE / width, (row + 0.5) * SIDE / height
            hits.append(x0 <= x < x1 and y0 <= y < y1)
            areas.append((x1 - x0) * (y1 - y0) / SIDE**2)
    assert len(hits) > 30
    return float(np.mean(hits)), float(np.mean(areas))


def test_alice_points_at_the_subject_in_her_picture(models: Models) -> None:
    told = [scene["alice"] for scene in SCENES]
    pairs = [
        (lambda name=scene["image"]: Image.open(PICTURES / name).convert("RGB"), caption["words"])
        for scene, caption in zip(SCENES, told, strict=True)
    ]
    hit, chance = shares(list(models.matcher.maps(pairs)), told)
    assert chance < 0.2
    assert hit >= 0.9


def test_bob_points_at_the_subject_where_he_draws_it(models: Models) -> None:
    told = [scene["bob"] for scene in SCENES]
    seed = load_profile("storybook").need("receiver").seed
    hit, chance = shares(list(models.receiver.heat_maps([c["words"] for c in told], seed)), told)
    assert chance < 0.2
    assert hit >= 0.65
