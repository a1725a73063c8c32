"""Damaged data, stores that are none, full disks: one clear line, the right exit code, nothing lost."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lsccli.core.store import artifacts
from tests.cli.shell import Lsc, make_scenes

RUN = ("--captioner", "dataset", "-m", "order", "-m", "allBob")


def test_a_damaged_image_among_good_ones(lsc: Lsc, small: Path) -> None:
    (small / "scene-1.png").write_bytes((small / "scene-1.png").read_bytes()[:60])
    (small / "note.png").write_text("no image")
    done = lsc("--json", "run", small, *RUN, code=1)
    caption = done.json["stages"][0]
    assert (caption["units"], caption["new"], caption["failed"]) == (4, 2, 2)
    assert [Path(entry["unit"]).name for entry in caption["failures"]] == ["note.png", "scene-1.png"]
    assert all(entry["reason"].startswith("not readable as an image: ") for entry in caption["failures"])
    assert f"failed: {small / 'note.png'}: not readable as an image" in done.err
    assert all(stage["failed"] == 0 for stage in done.json["stages"][1:])
    assert [curve["images"] for curve in done.json["report"]["curves"]] == [2, 2]
    assert "Traceback" not in done.err


def test_an_image_without_a_caption_of_the_data_set(lsc: Lsc, small: Path) -> None:
    shutil.copy(small / "scene-0.png", small / "scene-9.png")
    make_scenes(small / "more", ("ignored",), seed=5)
    (small / "more" / "scene-0.png").rename(small / "scene-8.png")
    done = lsc("--json", "run", small, *RUN, code=1)
    for stage in done.json["stages"]:
        assert stage["units"] == stage["new"] + stage["cached"] + stage["failed"]
        assert stage["cached"] >= 0
        assert [entry["reason"] for entry in stage["failures"]] == ["the data set has no caption for it"]
    assert done.json["stages"][0]["new"] == 3
    assert [curve["images"] for curve in done.json["report"]["curves"]] == [3, 3]


@pytest.mark.parametrize("how", ["moved", "changed"])
def test_an_image_that_went_after_captioning(lsc: Lsc, small: Path, how: str) -> None:
    lsc("caption", small, "--captioner", "dataset")
    image = small / "scene-2.png"
    if how == "moved":
        image.rename(small / "elsewhere.png")
    else:
        image.write_bytes((small / "scene-0.png").read_bytes())
    ranked = lsc("--json", "rank", "-m", "allBob", "--captioner", "dataset", code=1)
    assert (ranked.json["units"], ranked.json["new"], ranked.json["failed"]) == (3, 2, 1)
    reason = "is gone or has changed since it was captioned."
    assert ranked.json["failures"] == [{"unit": str(image), "reason": f"{image} {reason}"}]
    lsc("transmit", "-m", "order", "--captioner", "dataset")
    scored = lsc("--json", "score", code=1).json
    assert scored["units"] == scored["new"] + scored["cached"] + scored["failed"]
    assert (scored["units"], scored["failed"]) == (lsc.count("step"), 3)
    assert [entry["unit"] for entry in scored["failures"]] == [str(image)]
    assert lsc.json("report")["curves"][0]["images"] == 2
    if how == "moved":
        (small / "elsewhere.png").rename(image)
        lsc("score")
        assert lsc.json("report")["curves"][0]["images"] == 3


def test_an_empty_folder(lsc: Lsc, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for command in ("caption", "run"):
        assert "No images in" in lsc(command, tmp_path / "empty", code=2).error


def test_only_damaged_images(lsc: Lsc, tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.png").write_bytes(b"\x89PNG")
    done = lsc("--json", "caption", "bad", code=1)
    assert (done.json["units"], done.json["failed"]) == (1, 1)
    assert "a.png: not readable as an image" in done.err


def test_a_run_over_only_damaged_images_lists_them(lsc: Lsc, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "note.png").write_text("no image")
    done = lsc("--json", "run", tmp_path / "data", "-m", "order", code=1)
    assert done.json["report"] is None
    (caption,) = done.json["stages"]
    assert (caption["units"], caption["failed"]) == (1, 1)
    assert "note.png" in done.err


def test_a_caption_file_that_names_what_is_missing_or_outside(lsc: Lsc, tmp_path: Path) -> None:
    data = make_scenes(tmp_path / "data", ("a red ball", "two birds"))
    make_scenes(tmp_path / "secret", ("hidden",), seed=3)
    with (data / "captions.txt").open("a") as file:
        file.write("absent.png,not there\n../secret/scene-0.png,a secret\n/etc/passwd,another\n")
    done = lsc("--json", "caption", data, "--captioner", "dataset")
    assert "not there, left out (1): absent.png" in done.err
    assert "outside of the folder, refused (2): ../secret/scene-0.png, /etc/passwd" in done.err
    assert "2 of 2 images have captions" in done.err
    assert lsc.count("image") == 2
    assert lsc.sql("SELECT text FROM caption") == [("a red ball",), ("two birds",)]


def test_a_malformed_caption_file_names_its_line(lsc: Lsc, small: Path) -> None:
    (small / "captions.txt").write_text("image,caption\nscene-0.png\n")
    assert "captions.txt, line 2: " in lsc("caption", small, code=2).error


def test_a_store_of_a_newer_version_is_left_alone(lsc: Lsc, small: Path) -> None:
    lsc("caption", small, "--captioner", "dataset")
    store = Path("db/lsc.sqlite")
    with sqlite3.connect(store) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = store.read_bytes()
    for command in (("caption", small), ("report",), ("score",), ("show", "scene-0.png")):
        assert "made by a newer lsc (version 999" in lsc(*command, code=2).error
    assert store.read_bytes() == before


def test_a_file_that_is_no_store_is_left_alone(lsc: Lsc, small: Path, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no database at all, but a text of some length\n" * 40)
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE person (name TEXT)")
    connection.close()
    for file in (text, other):
        before = file.read_bytes()
        for command in (("caption", small), ("report",)):
            error = lsc("--db", file, *command, code=2).error
            assert str(file) in error
            assert "--db" in error
        assert file.read_bytes() == before
    assert str(tmp_path) in lsc("--db", tmp_path, "report", code=2).error


def test_a_disk_that_fills_while_bob_draws(lsc: Lsc, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []
    real = artifacts.write_whole

    def write(path: Path, content: bytes, **how: bool) -> None:
        if len(written) >= 4:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        real(path, content, **how)
        written.append(path)

    monkeypatch.setattr(artifacts, "write_whole", write)
    done = lsc("--batch-size", "2", "run", small, *RUN, code=1)
    assert "The disk is full; what was finished is kept." in done.error
    # A batch of one, for the estimate, then batches of two, of which the last did not end.
    assert (lsc.count("generation"), len(lsc.drawings())) == (3, 4)
    assert lsc.sql("SELECT status FROM run") == [("failed",)]
    monkeypatch.setattr(artifacts, "write_whole", real)
    again = lsc.json("--batch-size", "2", "run", small, *RUN)
    assert [curve["images"] for curve in again["report"]["curves"]] == [3, 3]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes, where this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small disk here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("free", [0, 16, 32])
def test_a_disk_that_is_really_full(lsc: Lsc, small: Path, disk: Path, free: int) -> None:
    store = disk / "lsc.sqlite"
    lsc("--db", store, "caption", small, "--captioner", "dataset")
    _fill(disk, free)
    done = lsc("--db", store, "run", small, *RUN, code=1)
    assert "The disk is full; what was finished is kept." in done.error
    (disk / "ballast").unlink()
    again: Any = lsc.json("--db", store, "run", small, *RUN)
    assert [curve["images"] for curve in again["report"]["curves"]] == [3, 3]
    with sqlite3.connect(store) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_a_disk_that_can_only_be_read(lsc: Lsc, small: Path, disk: Path) -> None:
    store = disk / "lsc.sqlite"
    lsc("--db", store, "run", small, "--captioner", "dataset", "-m", "order")
    report = lsc("--db", store, "--json", "report").out
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    done = lsc("--db", store, "rank", "-m", "random", "--captioner", "dataset", code=1)
    assert "read" in done.error
    assert lsc("--db", store, "--json", "report").out == report
    assert "Error: " in lsc("--db", disk / "new.sqlite", "caption", small, code=None).error


def _fill(disk: Path, free: int) -> None:
    """Leave `free` kilobytes."""
    room = os.statvfs(disk)
    size = room.f_bavail * room.f_frsize - 1024 * free
    (disk / "ballast").write_bytes(bytes(size))


@pytest.mark.parametrize("number", range(1, 10))
def test_a_full_disk_leaves_the_former_report(
    lsc: Lsc, small: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    lsc("run", small, "--captioner", "dataset", "-m", "order")
    lsc("report", "--out", "out")
    former = {file.name: file.read_bytes() for file in Path("out").iterdir()}
    assert len(former) == 9
    lsc("run", small, "--captioner", "dataset", "-m", "random")
    real, calls = os.fsync, []

    def sync(handle: int) -> None:
        calls.append(handle)
        if len(calls) == number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr(os, "fsync", sync)
    assert "disk is full" in lsc("report", "--out", "out", code=1).error
    assert {file.name: file.read_bytes() for file in Path("out").iterdir()} == former
