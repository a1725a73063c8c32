"""Methods on the command line: what they print of themselves, of one image, and that runs repeat."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.cli.shell import Lsc

NEW = (
    "Alice",
    "bothAtt",
    "bothAtt:combination",
    "bothcrossatt",
    "prompttune:heads_partBob",
    "prompttune:heads_random",
)
ORDERS = (
    "SELECT config.settings ->> 'method', config.settings ->> 'importance', caption.text, ranking.seed, "
    'ranking."order" FROM ranking JOIN config ON config.id = ranking.config_id '
    "JOIN caption ON caption.id = caption_id ORDER BY 1, 2, 3, 4"
)


def rank_all(lsc: Lsc, *options: object) -> None:
    for method in NEW:
        lsc(*options, "rank", "-m", method, "--captioner", "dataset")


def test_every_order_repeats_in_other_batches_and_another_order_of_images(
    lsc: Lsc, scenes: Path, tmp_path: Path
) -> None:
    lsc("caption", scenes, "--captioner", "dataset")
    rank_all(lsc)
    first = lsc.sql(ORDERS)
    assert len(first) == 5 * len(NEW)
    rank_all(lsc)
    assert lsc.sql(ORDERS) == first
    # Another store: images one by one from the last, in batches of one.
    other = tmp_path / "other" / "db" / "lsc.sqlite"
    for image in sorted(scenes.glob("*.png"), reverse=True):
        single = tmp_path / "single" / image.stem
        single.mkdir(parents=True)
        (single / image.name).write_bytes(image.read_bytes())
        lines = (scenes / "captions.txt").read_text().splitlines()
        own = [lines[0], *(line for line in lines if line.startswith(image.name))]
        (single / "captions.txt").write_text("\n".join(own) + "\n")
        lsc("--db", other, "caption", single, "--captioner", "dataset")
    rank_all(lsc, "--db", other, "--batch-size", 1)
    assert Lsc(other.parents[1], lsc._capture).sql(ORDERS) == first


def test_costly_maps_are_computed_once(lsc: Lsc, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lsccli.core.models.models import Models

    lsc("caption", small, "--captioner", "dataset")
    lsc("rank", "-m", "bothcrossatt", "--captioner", "dataset")
    assert len(list((lsc.folder / "db" / "artifacts" / "bob_maps").rglob("*.npy"))) == 3

    def refuse(self: Models) -> None:
        pytest.fail("the matcher was asked again")

    monkeypatch.setattr(Models, "matcher", property(refuse))
    assert lsc.json("rank", "-m", "Alice", "--captioner", "dataset")["new"] == 3


def test_an_image_that_is_gone_fails_alone(lsc: Lsc, small: Path) -> None:
    lsc("caption", small, "--captioner", "dataset")
    (small / "scene-1.png").unlink()
    made = lsc.json("rank", "-m", "Alice", "--captioner", "dataset", code=1)
    assert (made["units"], made["new"], made["failed"]) == (3, 2, 1)
    assert "scene-1.png" in made["failures"][0]["unit"]
    # What reads no image does not mind.
    assert lsc.json("rank", "-m", "bothAtt", "--captioner", "dataset")["new"] == 3


def test_explain_prints_words_places_and_scores(lsc: Lsc, small: Path) -> None:
    lsc("caption", small, "--captioner", "dataset")
    done = lsc("rank", "-m", "bothAtt", "--captioner", "dataset", "--explain", "scene-0.png")
    assert "bothAtt:contribute, caption by dataset" in done.out
    for word in ("a(", "red(", "ball("):
        assert word in done.out
    made = lsc.json("rank", "-m", "bothAtt", "--captioner", "dataset", "--explain", small / "scene-0.png")
    assert (made["units"], made["cached"]) == (1, 1)
    (one,) = made["explained"]
    assert one["words"] == ["a", "red", "ball"]
    assert sorted(sent["index"] for sent in one["sent"]) == [0, 1, 2]
    scores = [sent["score"] for sent in one["sent"]]
    assert scores == sorted(scores)
    assert "No image nope.png" in lsc("rank", "-m", "order", "--explain", "nope.png", code=2).error


def test_explain_says_what_is_not_sent(lsc: Lsc, scenes: Path) -> None:
    lsc("caption", scenes, "--captioner", "dataset")
    done = lsc(
        "rank", "-m", "prompttune", "--only-heads", "--captioner", "dataset", "--explain", "scene-0.png"
    )
    assert "a(–) brown(–) dog(" in done.out
    assert "(–) is not sent." in done.out


def test_heat_maps_as_a_figure(lsc: Lsc, small: Path) -> None:
    lsc("caption", small, "--captioner", "dataset")
    made = lsc.json("show", "scene-0.png", "--heatmaps", "--captioner", "dataset", "--out", "maps/one.png")
    assert made["words"] == ["a", "red", "ball"]
    with Image.open(lsc.folder / "maps" / "one.png") as figure:
        assert figure.width > figure.height
    assert lsc.count("generation") == 1
    lsc("show", "scene-0.png", "--heatmaps", "--captioner", "dataset", "--out", "two.svg")
    assert lsc.count("generation") == 1
    refused = lsc("show", "scene-0.png", "--heatmaps", "--metric", "ssim", code=2)
    assert "leave --method and --metric out" in refused.error


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("prompttune:nouns", "--only-heads"), "goes with prompttune:heads, prompttune:heads_partBob"),
        (("prompttune:heads", "--seeds", 2), "Method prompttune:heads takes no --seeds"),
        (("bothAtt", "--penalty", 1), "it goes with allBob, allBob_clipTX"),
        (("Alice", "-i", "most"), "takes no --importance"),
    ],
)
def test_an_option_of_another_method_is_refused_in_one_line(
    lsc: Lsc, arguments: tuple[object, ...], word: str
) -> None:
    assert word in lsc("rank", "-m", *arguments, code=2).error
