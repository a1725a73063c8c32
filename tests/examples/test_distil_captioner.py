"""The script that makes a distilled Alice of any BLIP captioner, as docs/methods.md tells it."""

from __future__ import annotations

import csv
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsccli.core.captioners.skd import DistilledCaptioner
from lsccli.core.models.profile import load_profile

SCRIPT = Path(__file__).parents[2] / "examples" / "distil_captioner.py"
TEXTS = ("a red ball", "two birds", "an old man")


@pytest.fixture
def heard(tmp_path: Path) -> Path:
    """Three images and what Bob says of them, as `lsc export captions` writes it."""
    random = np.random.default_rng(3)
    file = tmp_path / "bob.csv"
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["image", "file", "captioner", "position", "caption"])
        for number, text in enumerate(TEXTS):
            path = tmp_path / f"{number}.png"
            Image.fromarray(random.integers(0, 256, (4, 4, 3), dtype=np.uint8)).resize((32, 32), 0).save(path)
            writer.writerow(["00", path, "clip", 0, text])
    return file


def test_alice_learns_to_say_what_bob_says(
    tiny_profile: Path, heard: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = [heard, tiny_profile.parent / "captioner", tmp_path / "skd", "--steps", 80, "--rate", 0.02]
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *map(str, arguments), "--device", "cpu"])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    profile = tmp_path / "mine.toml"
    profile.write_text(
        f'extends = "{tiny_profile}"\nname = "mine"\n'
        '[distilled_captioner]\nmodel = "skd"\nbeams = 3\nmax_new_tokens = 12\n'
    )
    captioner = DistilledCaptioner(load_profile(str(profile)), "cpu", "float32", 3)
    images = [Image.open(tmp_path / f"{number}.png") for number in range(3)]
    assert captioner.caption(images) == list(TEXTS)


def test_an_export_without_captions_is_named(heard: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard.write_text("image,file,captioner,position,caption\n")
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), str(heard), "nowhere", "out"])
    with pytest.raises(SystemExit, match=r"bob\.csv holds no captions"):
        runpy.run_path(str(SCRIPT), run_name="__main__")
