"""Pictures and captions that the models were not made for: warned of once, and again wherever figures are."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.shell import Lsc

LOOK = "1 of 1 image unlike drawn scenes"
WORDS = "1 of 1 caption by dataset with words that these models do not know, such as 'skier'"


@pytest.fixture
def photograph(tmp_path: Path, lsc: Lsc, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one picture with shades all over, and a caption with words of other worlds."""
    monkeypatch.setenv("LSC_MODELS", "storybook")
    folder = tmp_path / "photographs"
    folder.mkdir()
    coarse = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize((320, 320), Image.Resampling.BICUBIC).save(folder / "a.png")
    (folder / "captions.txt").write_text("image,caption\na.png,a skier\n")
    return folder


def test_a_run_says_so_once_and_every_report_and_file_again(
    lsc: Lsc, photograph: Path, tmp_path: Path
) -> None:
    run = ("run", photograph, "--captioner", "dataset", "-m", "order", "-m", "random", "--metric", "psnr")
    done = lsc(*run)
    for line in (LOOK, WORDS):
        assert done.err.count(f"warning: {line}") == 1
        assert " ".join(done.out.split()).count(f"Note: {line}") == 1
    again = ("report", "--metric", "psnr")
    assert f"Note: {LOOK}" in " ".join(lsc(*again).out.split())
    assert f"Note: {LOOK}" in " ".join(lsc(*again, "--stop-at", 50).out.split())
    assert [note.split(",")[0] for note in lsc.json(*again)["notes"]] == [LOOK, WORDS.split(",")[0]]
    out = tmp_path / "out"
    lsc(*again, "--out", out)
    assert LOOK in json.loads((out / "curves.json").read_text())["notes"][0]
    assert LOOK in (out / "table.tex").read_text()
    assert "too few" in (out / "table.tex").read_text()
    with (out / "summary.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(LOOK in row["notes"] and WORDS.split(",")[0] in row["notes"] for row in rows)
    assert {row["verdict"] for row in rows if row["verdict"]} == {"too few"}


def test_other_models_say_nothing_of_what_they_were_not_told(
    lsc: Lsc, photograph: Path, tiny_profile: Path
) -> None:
    models = ("--models", tiny_profile)
    done = lsc(*models, "run", photograph, "--captioner", "dataset", "-m", "order", "--metric", "psnr")
    assert "warning" not in done.err
    assert "Note" not in done.out
