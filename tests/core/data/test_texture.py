"""Texture tells what is drawn from what was photographed."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsccli.core.data.texture import texture

SCENES = sorted((Path(__file__).parents[3] / "examples" / "storybook").glob("*.png"))


def test_it_is_the_share_of_small_steps() -> None:
    flat = np.zeros((64, 64, 3), np.uint8)
    assert texture(Image.fromarray(flat)) == 0
    checks = flat.copy()
    checks[::2, ::2] = checks[1::2, 1::2] = 255
    assert texture(Image.fromarray(checks)) == 0  # edges only
    ramp = flat.copy()
    ramp[:] = (np.arange(64, dtype=np.uint8) * 4)[None, :, None]
    assert texture(Image.fromarray(ramp)) == pytest.approx(0.5)  # across, and nothing down
    ramp[..., 1:] = 0  # the channel that differs most counts
    assert texture(Image.fromarray(ramp)) == pytest.approx(0.5)


def test_shades_are_more_textured_than_any_drawn_scene_of_any_size() -> None:
    drawn = [Image.open(path) for path in SCENES]
    assert len(drawn) > 20
    most = max(texture(picture) for picture in drawn)
    larger = max(texture(picture.resize((300, 200))) for picture in drawn)
    noise = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    shades = Image.fromarray(noise).resize((300, 200), Image.Resampling.BICUBIC)
    assert max(most, larger) < 0.25 < texture(shades)
