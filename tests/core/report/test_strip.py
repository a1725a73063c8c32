"""The strip of one image: words as they were received, whatever characters they have."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsccli.core.report.strip import Panel, Strip, draw_strips
from lsccli.core.store.artifacts import png


@pytest.mark.parametrize("word", ["$^$", "a$b$", "\\frac", "\ufffd"])
def test_a_broken_word_is_shown_as_it_was_received(tmp_path: Path, word: str) -> None:
    picture = Image.new("RGB", (8, 8))
    file = png(np.asarray(picture))
    panels = (Panel(0, "", file, 0.9), Panel(1, word, file, 0.5))
    draw_strips(picture, [Strip("order\n(blip)", panels)], "ssim", tmp_path / "strip.svg")
    # Letters are drawn as outlines, each named by a comment above it.
    assert f"<!-- + {word} -->" in (tmp_path / "strip.svg").read_text(encoding="utf-8")
