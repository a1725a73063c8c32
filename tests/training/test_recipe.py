"""The recipe of fresh scenes: none was looked at, and what is drawn is what was drawn when it was made."""

from __future__ import annotations

import csv
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from training import drawing, examples, recipe
from training.world import content, is_fresh, is_novel

HEADER, FOUND = recipe.read(recipe.RECIPE)


def test_a_thousand_fresh_scenes_that_differ() -> None:
    assert len(FOUND) == len({content(entry.scene) for entry in FOUND}) == 1000
    for entry in FOUND:
        assert is_fresh(entry.scene)
        assert not any(is_novel(s.kind, s.colour, entry.scene.place) for s in entry.scene.subjects)
        assert len(set(entry.captions)) == 5
    for some, most in ((FOUND[:100], 9), (FOUND[100:], 75)):  # of 12 places
        assert max(Counter(entry.scene.place for entry in some).values()) == most


def test_nothing_that_was_looked_at_is_among_them() -> None:
    seen = recipe.looked_at()
    watched = examples.choose(random.Random(examples.SEED), examples.COUNT)
    assert {content(scene) for scene in watched} < seen
    assert not seen & {content(entry.scene) for entry in FOUND}


@pytest.mark.skipif(not drawing.FONT.exists(), reason="boxes follow from the font's sprites")
def test_the_command_in_the_header_chooses_these_scenes() -> None:
    words = HEADER["command"].split()
    assert words[4:6] + words[7:8] == ["--counts", "100", "--seed"]
    assert recipe.make(int(words[8]), [100]) == [
        replace(e, file=e.file.replace("-0", "-")) for e in FOUND[:100]
    ]


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A recipe of two scenes as this machine draws them."""
    path = tmp_path / "two.jsonl"
    found = recipe.entries(
        ["scene-1.png", "scene-2.png"], [entry.scene for entry in FOUND[:2]], random.Random(1)
    )
    recipe.write(path, HEADER | {"font_sha256": "here"}, found)
    return path


@pytest.fixture
def same_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "font_digest", lambda: "here")


@pytest.mark.usefixtures("same_font")
def test_draws_pictures_and_captions(
    two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "drawn"
    monkeypatch.setattr("sys.argv", ["recipe", "draw", str(folder), "--recipe", str(two)])
    recipe.main()
    found = recipe.read(two)[1]
    assert sorted(p.name for p in folder.iterdir()) == ["captions.txt", "scene-1.png", "scene-2.png"]
    for entry in found:
        with Image.open(folder / entry.file) as image:
            assert image.tobytes() == drawing.draw(entry.scene).tobytes()
    with (folder / "captions.txt").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    assert rows == [[entry.file, text] for entry in found for text in entry.captions]
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("same_font")
def test_a_picture_that_comes_out_otherwise_is_named(
    two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = two.read_text(encoding="utf-8")
    two.write_text(text.replace(recipe.read(two)[1][1].pixels, "0" * 64), encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["recipe", "draw", str(tmp_path / "drawn"), "--recipe", str(two)])
    with pytest.raises(SystemExit, match=r"^Not the pictures of the recipe: scene-2\.png \(1 in all\)\.$"):
        recipe.main()


def test_another_font_is_told_in_one_line(
    two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(recipe, "font_digest", lambda: "there")
    recipe.draw_all(two, tmp_path / "drawn")
    (line,) = capsys.readouterr().err.splitlines()
    assert "there" in line
    assert "here" in line
    assert "install fonts-noto-color-emoji 2.042" in line


def test_no_font_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(drawing, "FONT", tmp_path / "none.ttf")
    with pytest.raises(SystemExit, match=r"none\.ttf: install the package fonts-noto-color-emoji"):
        recipe.font_digest()


@pytest.mark.skipif(not drawing.FONT.exists(), reason="the pictures are those of the font")
def test_the_shipped_recipe_is_drawn_as_it_was(tmp_path: Path) -> None:
    if recipe.font_digest() != HEADER["font_sha256"]:
        pytest.skip("another version of the font")
    assert recipe.draw_all(recipe.RECIPE, tmp_path) == []


def test_draw_asks_for_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["recipe", "draw"])
    with pytest.raises(SystemExit):
        recipe.main()


def test_scenes_that_show_what_was_looked_at_are_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenes = [entry.scene for entry in FOUND[:3]]
    one = [replace(scene, subjects=scene.subjects[:1]) for scene in scenes]
    monkeypatch.setattr(recipe, "looked_at", lambda: {content(scenes[0]), content(one[1]), content(one[2])})
    monkeypatch.setattr("training.common.scenes", lambda rng, count, split: [*scenes, *one])
    monkeypatch.setattr("sys.argv", ["recipe", "count"])
    recipe.main()
    assert capsys.readouterr().out == "looked at: 3 of 400 scenes, 2 of 3 of one subject\n"
