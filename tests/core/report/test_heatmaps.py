"""Maps of words over images."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsccli.core.report.heatmaps import draw_heatmaps
from lsccli.core.run.explain import Sight


@pytest.mark.parametrize("word", ["dog", "$5$"])
def test_each_word_has_a_column(tmp_path: Path, word: str) -> None:
    maps = np.stack([np.linspace(0, 1, 16).reshape(4, 4), np.full((4, 4), np.nan)])
    image = Image.new("RGB", (8, 8))
    draw_heatmaps(Sight(("red", word), image, image, maps, maps), "a title", tmp_path / "maps.svg")
    text = (tmp_path / "maps.svg").read_text(encoding="utf-8")
    shown = ("(image)", "red", "a title", "Alice", "Bob")
    assert all(f"<!-- {name} -->" in text for name in shown)
