"""The stages on the bundled models and the example scenes, as a newcomer would type them."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import lsccli
from tests.cli.shell import Lsc

ROOT = Path(__file__).parents[2]
SCENES = ROOT / "examples" / "storybook"
BUNDLE = Path(lsccli.__file__).parent / "bundle" / "storybook"
PARTS = ("captioner", "distilled_captioner", "matcher", "bob_captioner", "clip", "receiver")

pytestmark = pytest.mark.skipif(
    not all((BUNDLE / part).is_dir() for part in PARTS), reason="the bundled models are not there yet"
)


@pytest.fixture
def storybook(lsc: Lsc, monkeypatch: pytest.MonkeyPatch, no_network: None) -> Lsc:
    """`lsc` with its default models, and no network."""
    monkeypatch.delenv("LSC_MODELS")
    return lsc


def test_stage_after_stage(storybook: Lsc) -> None:
    lsc = storybook
    captioned = lsc("--json", "caption", SCENES, "--limit", 4)
    assert captioned.err.startswith("models storybook: drawn scenes only; for photographs --models paper")
    assert "24 of 24 images have captions" in captioned.err
    assert (captioned.json["units"], captioned.json["new"]) == (4, 4)
    captions = lsc.sql(
        "SELECT text FROM caption JOIN config ON config.id = config_id "
        "WHERE json_extract(settings, '$.captioner') = 'blip'"
    )
    assert len({text for (text,) in captions}) == 4
    assert all(4 <= len(text.split()) <= 20 for (text,) in captions)
    assert lsc.json("rank", "--method", "prompttune")["new"] == 4
    assert lsc.json("transmit", "--method", "prompttune")["made_first"] == []
    drawn = lsc.json("generate")
    assert drawn["new"] == drawn["units"] == len(lsc.drawings())
    scored = lsc.json("score")
    assert scored["failed"] == 0
    report = lsc.json("report")
    assert (report["metric"], report["profile"]) == ("stlpips-alex", "storybook")
    assert report["curves"][0]["images"] == 4


def test_more_words_bring_bobs_image_closer(storybook: Lsc) -> None:
    made = storybook.json("run", SCENES, "--limit", 6, "--captioner", "dataset", "-m", "order")
    points = made["report"]["curves"][0]["points"]
    assert points[-1]["mean"] < 0.9 * points[0]["mean"]
    assert made["report"]["curves"][0]["auc"] < points[0]["mean"]


@pytest.mark.slow
def test_simulating_bob_beats_the_plain_order(storybook: Lsc) -> None:
    made = storybook.json("run", SCENES, "--limit", 2, "-m", "order", "-m", "allBob")
    auc = {curve["method"]: curve["auc"] for curve in made["report"]["curves"]}
    assert auc["allBob"] < auc["order"]


def test_bobs_captioner_speaks_his_own_dialect(storybook: Lsc) -> None:
    sent = storybook.json("caption", SCENES, "--captioner", "blip", "--captioner", "clip", "--limit", 6)
    assert (sent["units"], sent["new"]) == (12, 12)
    texts: dict[str, set[str]] = {"blip": set(), "clip": set()}
    rows = storybook.sql(
        "SELECT json_extract(settings, '$.captioner'), text FROM caption JOIN config "
        "ON config.id = config_id WHERE kind = 'captioner'"
    )
    for name, text in rows:
        if name in texts:
            texts[name].update(text.split())
    assert texts["clip"] - texts["blip"]
    assert texts["blip"] - texts["clip"]


@pytest.mark.slow
def test_the_distilled_alice_speaks_bobs_dialect(storybook: Lsc) -> None:
    made = storybook.json("run", SCENES, "--limit", 4, "-m", "prompttune:heads", "-m", "prompttune:heads_skd")
    assert {curve["captioner"] for curve in made["report"]["curves"]} == {"blip", "skd"}
    storybook("caption", SCENES, "--captioner", "clip", "--limit", 4)
    rows = storybook.sql(
        "SELECT json_extract(settings, '$.captioner'), group_concat(text, ' ') FROM caption "
        "JOIN config ON config.id = config_id GROUP BY 1"
    )
    words = {name: set(texts.split()) for name, texts in rows}
    # What she says that the undistilled Alice does not, she has from Bob.
    own = words["skd"] - words["blip"]
    assert len(own) > 5
    assert len(own & words["clip"]) > len(own) / 2


def test_a_drawing_is_a_scene(storybook: Lsc, tmp_path: Path) -> None:
    one = tmp_path / "scene.png"
    shutil.copy(SCENES / "scene-01.png", one)
    storybook("run", one, "-m", "order")
    images = [np.asarray(Image.open(tmp_path / "db" / "artifacts" / path)) for path in storybook.drawings()]
    assert {image.shape for image in images} == {(64, 64, 3)}
    assert min(image.std() for image in images) > 8
    storybook("show", "scene.png", "--out", "strip.png")
    assert Image.open("strip.png").width > 300
