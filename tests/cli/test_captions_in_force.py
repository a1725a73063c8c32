"""People's captions are what their data set says now: edited, edited back, deleted, in several data sets."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.shell import Lsc, make_scenes


def write(folder: Path, *lines: str, name: str = "captions.txt") -> Path:
    """A caption file of FILE,CAPTION lines."""
    (folder / name).write_text("\n".join(["image,caption", *lines]) + "\n", encoding="utf-8")
    return folder / name


def run(lsc: Lsc, data: object, *options: object, code: int = 0) -> list[str]:
    """`lsc run` on people's captions in caption order; what was ranked, and so is reported."""
    done = lsc.json(
        "run", data, "--captioner", "dataset", "-m", "order", "--metric", "psnr", *options, code=code
    )
    assert code or done["report"]["curves"]
    return sent(lsc, "--data", data) if code == 0 else []


def sent(lsc: Lsc, *options: object) -> list[str]:
    """The whole captions of the steps that are in force."""
    rows = lsc.json("export", "steps", "--captioner", "dataset", *options)["steps"]
    return list(dict.fromkeys(row["caption"] for row in rows))


def words(lsc: Lsc, *options: object) -> float:
    """Mean words of the one curve of a report: tells which captions it is of."""
    (curve,) = lsc.json("report", "--metric", "psnr", *options)["curves"]
    return float(curve["words"])


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """A folder of one scene."""
    return make_scenes(tmp_path / "one", ["dog"])


def test_a_caption_edited_and_edited_back_is_the_first_one_again(lsc: Lsc, one: Path) -> None:
    for text, count in (("dog", 1), ("dog runs", 2), ("dog", 1), ("a dog runs", 3), ("dog runs", 2)):
        write(one, f"scene-0.png,{text}")
        assert run(lsc, one) == [text]
        assert words(lsc) == words(lsc, "--data", one) == count
    assert lsc.count("caption") == 3


def test_what_was_remembered_is_not_made_again(lsc: Lsc, one: Path) -> None:
    for text in ("dog", "dog runs"):
        write(one, f"scene-0.png,{text}")
        run(lsc, one)
    write(one, "scene-0.png,dog")
    done = lsc.json("run", one, "--captioner", "dataset", "-m", "order", "--metric", "psnr")
    assert {stage["new"] for stage in done["stages"]} == {0}


def test_each_folder_has_its_own_captions_of_the_same_picture(lsc: Lsc, one: Path, tmp_path: Path) -> None:
    two = tmp_path / "two"
    shutil.copytree(one, two)
    write(two, "scene-0.png,red ball flies")
    assert [run(lsc, data)[0] for data in (one, two, one)] == ["dog", "red ball flies", "dog"]
    for _ in range(2):
        assert (words(lsc, "--data", one), words(lsc, "--data", two)) == (1, 3)
    # Without --data those of the one registered last, and that is said where they differ.
    assert words(lsc) == 1
    line = f"those of {one} count, which was registered last. Choose one with --data."
    assert line in "".join(lsc("report", "--metric", "psnr").out.split("\n"))
    assert line in lsc("rank", "-m", "order", "--captioner", "dataset").err
    assert line in lsc("export", "captions").err
    assert line in json.dumps(lsc.json("report", "--metric", "psnr"))
    for quiet in (
        lsc("report", "--metric", "psnr", "--data", one).out,
        lsc("rank", "-m", "order", "--data", one).err,
    ):
        assert "several data sets" not in quiet


def test_the_same_captions_in_two_folders_are_no_matter(lsc: Lsc, one: Path, tmp_path: Path) -> None:
    shutil.copytree(one, tmp_path / "two")
    run(lsc, one)
    run(lsc, tmp_path / "two")
    assert "several data sets" not in lsc("report", "--metric", "psnr").out


def test_two_caption_files_of_one_folder_are_two_data_sets(lsc: Lsc, one: Path) -> None:
    german = write(one, "scene-0.png,ein Hund", name="de.csv")
    french = write(one, "scene-0.png,un chien qui court", name="fr.csv")
    assert [run(lsc, data)[0] for data in (one, german, french, german)] == [
        "dog", "ein Hund", "un chien qui court", "ein Hund",
    ]  # fmt: skip
    assert [words(lsc, "--data", data) for data in (one, german, french)] == [1, 2, 4]
    # The folder's own file is the folder.
    write(one, "scene-0.png,an old dog")
    assert run(lsc, one / "captions.txt") == ["an old dog"]
    assert words(lsc, "--data", one) == words(lsc, "--data", one / "captions.txt") == 3
    other = write(one, "scene-0.png,x", name="it.csv")
    assert "No images from" in lsc("report", "--data", other, code=2).error


def test_a_coco_file_is_a_data_set_for_each_folder(lsc: Lsc, one: Path, tmp_path: Path) -> None:
    coco = tmp_path / "c.json"

    def say(text: str) -> None:
        coco.write_text(
            json.dumps(
                {
                    "images": [{"id": 1, "file_name": "scene-0.png"}],
                    "annotations": [{"image_id": 1, "caption": text}],
                }
            )
        )

    say("one red dog")
    run(lsc, one)
    assert run(lsc, coco, "--images", one) == ["one red dog"]
    assert (words(lsc, "--data", coco), words(lsc, "--data", one)) == (3, 1)
    say("red dog")
    assert run(lsc, coco, "--images", one) == ["red dog"]
    assert words(lsc, "--data", coco) == 2


def test_a_picture_twice_in_a_folder_has_the_captions_of_both_files(lsc: Lsc, one: Path) -> None:
    shutil.copy(one / "scene-0.png", one / "scene-1.png")
    write(one, "scene-1.png,red ball flies", "scene-0.png,dog", "scene-0.png,dog runs", "scene-1.png,dog")
    assert run(lsc, one, "--captions", "all") == ["dog", "dog runs", "red ball flies"]
    lsc("rank", "-m", "order", "--captioner", "dataset")  # the first alone, by the order of the files
    assert words(lsc) == 1
    assert words(lsc, "--captions", "all") == (1 + 2 + 3 + 1) / 4  # two people say "dog"
    # One of the files goes: so do its captions.
    (one / "scene-0.png").unlink()
    write(one, "scene-1.png,red ball flies")
    assert "no longer in" in lsc("caption", one, "--captioner", "dataset").err
    assert sent(lsc) == ["red ball flies"]


def test_a_caption_that_was_deleted_is_not_ranked(lsc: Lsc, tmp_path: Path) -> None:
    folder = make_scenes(tmp_path / "few", ["dog", ["red ball", "red ball flies"]])
    assert run(lsc, folder, "--captions", "all") == ["dog", "red ball", "red ball flies"]
    write(folder, "scene-0.png,dog", "scene-1.png,red ball flies")
    assert run(lsc, folder, "--captions", "all") == ["dog", "red ball flies"]
    # All of an image's captions: it has none, which is said, and the other is done.
    write(folder, "scene-0.png,dog")
    lsc("caption", folder)
    done = lsc("rank", "-m", "order", "--captioner", "dataset", code=1)
    assert "scene-1.png: the data set has no caption for it" in done.err
    assert words(lsc, "--captioner", "dataset", "--captions", "all") == 1
    # The file: nothing is left to rank, whatever the store remembers.
    (folder / "captions.txt").unlink()
    lsc("caption", folder)
    done = lsc("rank", "-m", "order", "--captioner", "dataset", code=1)
    assert done.err.count("the data set has no caption for it") == 2
    assert sent(lsc) == []
    # A model's captions belong to the image: they are as they were.
    assert len(lsc.json("export", "captions", "--captioner", "blip")["captions"]) == 2


def test_a_limit_leaves_the_others_as_they_were(lsc: Lsc, tmp_path: Path) -> None:
    folder = make_scenes(tmp_path / "few", ["dog", "red ball", "old green bicycle"])
    run(lsc, folder)
    write(folder, "scene-0.png,dogs", "scene-1.png,x", "scene-2.png,x")
    run(lsc, folder, "--limit", 1)
    assert sent(lsc, "--data", folder) == ["red ball", "old green bicycle", "dogs"]


def test_an_image_that_is_gone_from_the_folder_is_left_out_until_it_is_back(lsc: Lsc, tmp_path: Path) -> None:
    folder = make_scenes(tmp_path / "few", ["dog", "red ball"])
    run(lsc, folder)
    (folder / "scene-1.png").rename(tmp_path / "kept.png")
    done = lsc("run", folder, "--captioner", "dataset", "-m", "order", "--metric", "psnr")
    assert f"no longer in {folder}, left out from now on: scene-1.png (what was made stays)" in done.err
    assert len(lsc.json("report", "--metric", "psnr")["curves"][0]["points"]) == 2
    assert lsc.json("report", "--metric", "psnr", "--data", folder)["images"] == 1
    (tmp_path / "kept.png").rename(folder / "scene-1.png")
    done = lsc.json("run", folder, "--captioner", "dataset", "-m", "order", "--metric", "psnr")
    assert {stage["new"] for stage in done["stages"]} == {0}
    assert done["report"]["images"] == 2


def test_a_folder_below_and_an_image_alone_go_by_the_captions_of_the_folder_above(
    lsc: Lsc, tmp_path: Path
) -> None:
    make_scenes(tmp_path / "all" / "sub", ["dog"])
    (tmp_path / "all" / "sub" / "captions.txt").unlink()
    write(tmp_path / "all", "sub/scene-0.png,red dog")
    run(lsc, tmp_path / "all")
    assert run(lsc, tmp_path / "all" / "sub") == ["red dog"]
    assert run(lsc, tmp_path / "all" / "sub" / "scene-0.png") == ["red dog"]
    # With a file of its own the folder below is a data set of its own.
    write(tmp_path / "all" / "sub", "scene-0.png,a small brown dog")
    assert run(lsc, tmp_path / "all" / "sub") == ["a small brown dog"]
    assert words(lsc, "--data", tmp_path / "all" / "sub") == 4
    assert words(lsc, "--data", tmp_path / "all") == 2


def test_a_strip_shows_the_captions_in_force(lsc: Lsc, one: Path) -> None:
    for text in ("dog", "dog runs"):
        write(one, f"scene-0.png,{text}")
        run(lsc, one)
    assert len(lsc.json("show", "scene-0.png")["methods"]) == 1


def test_what_is_in_force_is_what_the_last_registration_said(lsc: Lsc, one: Path, tmp_path: Path) -> None:
    """A caption file, another, the first again; and without any, which says nothing of the images."""
    other = write(one, "scene-0.png,un chien qui court", name="fr.csv")
    assert run(lsc, one) == ["dog"]
    assert run(lsc, other) == ["un chien qui court"]
    assert run(lsc, one) == ["dog"]
    assert sent(lsc) == sent(lsc, "--data", one) == ["dog"]
    (one / "captions.txt").unlink()
    other.unlink()
    lsc("caption", one, "--captioner", "blip")
    done = lsc("rank", "-m", "order", "--captioner", "dataset", "--data", one, code=1)
    assert "the data set has no caption for it" in done.err
    assert sent(lsc, "--data", one) == []
    # Back again: as it was, and nothing is made anew.
    write(one, "scene-0.png,dog")
    done = lsc.json("run", one, "--captioner", "dataset", "-m", "order", "--metric", "psnr")
    assert {stage["new"] for stage in done["stages"]} == {0}
    assert sent(lsc) == sent(lsc, "--data", one) == ["dog"]


def test_a_folder_s_file_gone_and_another_in_its_place(lsc: Lsc, one: Path) -> None:
    for text, name in (("dog", "captions.txt"), ("red dog", "metadata.csv"), ("dog", "captions.txt")):
        for file in (*one.glob("*.txt"), *one.glob("*.csv")):
            file.unlink()
        header = "image,caption" if name.endswith("txt") else "file_name,caption"
        (one / name).write_text(f"{header}\nscene-0.png,{text}\n")
        assert run(lsc, one) == [text]
        assert sent(lsc) == [text]
    (one / "captions.txt").unlink()
    lsc("caption", one)
    assert sent(lsc) == sent(lsc, "--data", one) == []


def test_a_folder_that_lost_its_file_hides_no_other_data_set(lsc: Lsc, one: Path, tmp_path: Path) -> None:
    two = tmp_path / "two"
    shutil.copytree(one, two)
    write(two, "scene-0.png,red ball flies")
    run(lsc, one)
    run(lsc, two)
    (two / "captions.txt").unlink()
    lsc("caption", two)
    # Of the data sets that say something, the one registered last; the other has taken back what it said.
    assert sent(lsc) == ["dog"]
    assert sent(lsc, "--data", two) == []
