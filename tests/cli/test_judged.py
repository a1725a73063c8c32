"""What a run is compared with, over what, and how metrics see pictures that are not square."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.cli.shell import Lsc, make_scenes

DATA = ("--captioner", "dataset")


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """Two scenes, of which one is twice as wide as high."""
    folder = make_scenes(tmp_path / "wide", ["a red dog", "the blue sea"])
    first = sorted(folder.glob("*.png"))[0]
    with Image.open(first) as image:
        image.resize((2 * image.width, image.height)).save(first)
    return folder


def test_all_methods_have_a_baseline_on_their_own_captions(lsc: Lsc, tmp_path: Path) -> None:
    data = make_scenes(tmp_path / "scenes", ["a red dog"])
    report = lsc.json("run", data)["report"]
    assert report["unpaired"] == []
    captioners = {curve["captioner"] for curve in report["curves"]}
    orders = [curve["captioner"] for curve in report["curves"] if curve["method"] == "order"]
    assert sorted(orders) == sorted(captioners)
    others = [curve for curve in report["curves"] if curve["method"] != "order"]
    assert {curve["difference"]["verdict"] for curve in others} == {"too few"}
    # One image says nothing of how far off its mean is.
    assert others[0]["difference"]["auc"]["low"] is None
    # By name nothing is added, and what lacks its baseline is told so with what helps.
    told = " ".join(
        lsc("--db", "alone.sqlite", "run", data, "-m", "order", "-m", "partBob_clipTX").out.split()
    )
    assert "lsc --db alone.sqlite transmit --method order --captioner clip" in told


def test_verdicts_are_over_bits_unless_asked_otherwise(lsc: Lsc, tmp_path: Path) -> None:
    data = make_scenes(tmp_path / "scenes", ["a red dog", "the blue sea"])
    first = lsc.json("run", data, *DATA, "-m", "order", "-m", "random")["report"]
    assert first["by"] == "bits"
    for axis in ("bits", "words"):
        told = lsc.json("report", "--by", axis)
        assert told["by"] == axis
        for curve in told["curves"]:
            assert curve["auc"] == curve["areas"][axis]["mean"]
    fixed = lsc.json("report", "--to-bits", "40", "--to-words", "2")
    assert fixed["ends"] == {"bits": 40.0, "words": 2}
    text = " ".join(lsc("report", "--to-bits", 40, "--to-words", 2).out.split())
    assert "over 0 to 2 words, 40 bits" in text
    assert (
        "--by energy compares curves over channels with an Es/N0"
        in lsc("report", "--by", "energy", code=2).error
    )
    assert "choose bits, words or energy" in lsc("report", "--by", "letters", code=2).error


def test_a_run_over_a_noisy_channel_is_judged_over_energy(lsc: Lsc, tmp_path: Path) -> None:
    data = make_scenes(tmp_path / "scenes", ["a red dog"])
    lsc("run", data, *DATA, "-m", "order", "--channel", "awgn", "--ebn0-db", "2:6:2")
    told = lsc.json("report", "--by", "energy")
    assert set(told["ends"]) == {"words", "bits", "energy"}
    assert all(curve["auc"] == curve["areas"]["energy"]["mean"] for curve in told["curves"])


def test_a_floor_is_told_while_the_file_of_words_is_as_it_was(lsc: Lsc, tmp_path: Path) -> None:
    data = make_scenes(tmp_path / "scenes", ["a red dog"])
    words, moved = tmp_path / "own.txt", tmp_path / "moved.txt"
    words.write_text("a\ndog 2\nred\n", encoding="utf-8")
    link = ("--channel", "bsc", "--ber", "0.1", "--decoder", "vocabulary", "--vocabulary", words)
    # "a" is the one word of its length, and "dog" the more frequent of the others.
    told = "67 % of them could be read by guessing from lengths alone"
    assert told in " ".join(lsc("run", data, *DATA, "-m", "order", *link).out.split())
    assert told in " ".join(lsc("report").out.split())
    words.rename(moved)
    (curve,) = lsc.json("report")["curves"]
    assert curve["spent"]["floor"] is None
    assert "lsc report --vocabulary FILE" in curve["spent"]["no_floor"]
    assert told in " ".join(lsc("report", "--vocabulary", moved).out.split())


def test_pictures_that_are_not_square_are_told_of_and_may_be_cropped(lsc: Lsc, wide: Path) -> None:
    first = lsc("run", wide, *DATA, "-m", "order", "--metric", "ssim")
    assert "1 of 2 pictures is not square; the metric sees it squashed" in " ".join(first.out.split())
    values = {}
    for fit in ("squash", "crop", "pad"):
        stage = lsc.json("score", "--metric", "ssim", "--metric-fit", fit)
        assert stage["new"] == (0 if fit == "squash" else stage["units"])
        report = lsc.json("report", "--metric", "ssim", "--metric-fit", fit)
        (curve,) = report["curves"]
        assert curve["settings"]["metric"]["fit"] == fit
        values[fit] = curve["auc"]
    assert len(set(values.values())) == 3
    # Without a word it is as the profile has it; by condition all can be asked for.
    (own,) = lsc.json("report", "--metric", "ssim")["curves"]
    assert own["settings"]["metric"]["fit"] == "squash"
    asked = [word for fit in ("crop", "pad", "squash") for word in ("--where", f"metric.fit={fit}")]
    every = lsc.json("report", "--metric", "ssim", *asked)["curves"]
    assert sorted(curve["label"] for curve in every) == [
        f"order [fit={fit}]" for fit in ("crop", "pad", "squash")
    ]
    assert "choose squash, crop or pad" in lsc("score", "--metric-fit", "stretch", code=2).error
    assert "--metric-fit goes with --stop-at" in lsc("generate", "--metric-fit", "pad", code=2).error
