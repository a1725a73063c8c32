"""The trainers' world in tests: small banks, and sprites also where the emoji font is not installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from training import bank, common, drawing, vocabulary


def shape(name: str) -> Image.Image:
    """An RGBA sprite that has a size of its own for every kind, and light and dark parts."""
    number = list(drawing._EMOJI).index(name)
    image = Image.new("RGBA", (60 + 2 * number, 120 - 2 * number))
    ImageDraw.Draw(image).ellipse((0, 0, image.width - 1, image.height - 1), fill=(222, 60, 60, 255))
    ImageDraw.Draw(image).ellipse((20, 20, 40, 40), fill=(40, 180, 160, 255), outline=(20, 20, 20, 255))
    return image


@pytest.fixture(scope="session", autouse=True)
def sprites() -> Iterator[None]:
    """Plain shapes for sprites where there is no font: trainers and layouts do not care what they show."""
    with pytest.MonkeyPatch.context() as patch:
        if not drawing.FONT.exists():
            patch.setattr(drawing, "_sprite", shape)
        yield


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for checkpoints with two small banks; everything trained in it is forgotten afterwards."""
    folder = tmp_path_factory.mktemp("work")
    before, common.WORK = common.WORK, folder
    vocabulary.clip_tokenizer.cache_clear()
    vocabulary.bert_tokenizer.cache_clear()
    bank.make(folder / "bank", 500, 1)
    bank.make(folder / "bank-held", 500, 2, "held_out")
    yield folder
    common.WORK = before
    vocabulary.clip_tokenizer.cache_clear()
    vocabulary.bert_tokenizer.cache_clear()
