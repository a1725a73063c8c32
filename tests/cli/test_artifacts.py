"""Files beside the store: what is not as it was made is made again, and nothing outside is touched."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.shell import Lsc
from tests.stores import make as kept

RUN = ("--captioner", "dataset", "-m", "order")
MAPS = ("--captioner", "dataset", "-m", "Alice", "-m", "bothcrossatt")


def flip(file: Path) -> None:
    """Turn over most bytes, and leave the size."""
    content = bytearray(file.read_bytes())
    for place in range(len(content) // 8, len(content)):
        content[place] ^= 0x55
    file.write_bytes(bytes(content))


def swap(file: Path) -> None:
    """Another valid PNG of the same size."""
    Image.new("RGB", Image.open(file).size, "green").save(file)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-9])


def link(file: Path) -> None:
    """The right content, but elsewhere."""
    shutil.copy(file, elsewhere := file.parents[4] / f"elsewhere{file.suffix}")
    file.unlink()
    file.symlink_to(elsewhere)


def pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


DAMAGE = (flip, swap, cut, link, pipe, Path.unlink, lambda file: file.write_bytes(b""))


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_drawing_that_is_another_is_drawn_again_before_it_is_scored(
    lsc: Lsc, small: Path, damage: Callable[[Path], None]
) -> None:
    lsc("run", small, *RUN)
    good = {file: file.read_bytes() for file in Path("db/artifacts").rglob("*.png")}
    scores = lsc("export", "scores").out
    lsc.sql("DELETE FROM score")
    victim = min(good)
    damage(victim)
    done = lsc("score")
    assert "1 of Bob's images is missing or damaged, and will be drawn again" in done.err.replace("\n", "")
    assert victim.name in done.err.replace("\n", "")
    assert not victim.is_symlink()
    assert {file: file.read_bytes() for file in good} == good
    assert lsc("export", "scores").out == scores
    assert "damaged" not in lsc("run", small, *RUN).err


def test_generate_and_show_heed_it_too(lsc: Lsc, small: Path) -> None:
    lsc("run", small, *RUN)
    for file in Path("db/artifacts").rglob("*.png"):
        swap(file)
    assert "is missing or damaged. Draw it again: lsc generate" in lsc("show", "scene-0.png", code=2).error
    drawn = lsc("--json", "generate")
    assert drawn.json["new"] == drawn.json["units"] == len(lsc.drawings())
    assert "missing or damaged" in drawn.err
    lsc("show", "scene-0.png")


@pytest.mark.parametrize("damage", [flip, cut, link, pipe, Path.unlink])
def test_maps_that_are_others_are_computed_again(
    lsc: Lsc, small: Path, damage: Callable[[Path], None]
) -> None:
    lsc("run", small, *MAPS)
    rankings = sorted(lsc("export", "rankings").out.splitlines())
    good = {file: file.read_bytes() for file in Path("db/artifacts").rglob("*.npy")}
    assert {file.parts[2] for file in good} == {"alice_maps", "bob_maps"}
    for table in ("score", "step", "transmission", "ranking"):
        lsc.sql(f"DELETE FROM {table}")
    for file in good:
        damage(file)
    done = lsc("run", small, *MAPS).err.replace("\n", "")
    assert "warning: alice_maps of 3 captions missing or damaged, and computed again" in done
    assert "warning: bob_maps of 3 captions missing or damaged, and computed again" in done
    assert {file: file.read_bytes() for file in good} == good
    assert sorted(lsc("export", "rankings").out.splitlines()) == rankings


def test_a_map_without_a_row_is_not_trusted(lsc: Lsc, small: Path) -> None:
    lsc("run", small, *MAPS)
    rankings = sorted(lsc("export", "rankings").out.splitlines())
    for table in ("score", "step", "transmission", "ranking", "fact"):
        lsc.sql(f"DELETE FROM {table}")
    for file in Path("db/artifacts").rglob("*.npy"):
        np.save(file, np.zeros((3, 4, 4), np.float32))
    lsc("run", small, *MAPS)
    assert sorted(lsc("export", "rankings").out.splitlines()) == rankings


def test_a_link_in_the_place_of_a_folder_is_not_written_through(
    lsc: Lsc, small: Path, tmp_path: Path
) -> None:
    lsc("run", small, *RUN)
    outside = tmp_path / "outside"
    shutil.copytree("db/artifacts/generations", outside)
    before = {file: file.stat().st_mtime_ns for file in outside.rglob("*")}
    shutil.rmtree("db/artifacts/generations")
    Path("db/artifacts/generations").symlink_to(outside)
    lsc.sql("DELETE FROM score")
    for command in (
        ("score",),
        ("run", small, *RUN),
        ("run", small, "-m", "allBob", "--captioner", "dataset"),
    ):
        error = lsc(*command, code=None).error
        assert "db/artifacts/generations is a link, through which nothing is written" in error
    assert {file: file.stat().st_mtime_ns for file in outside.rglob("*")} == before


def test_an_artifacts_folder_that_is_a_link_must_be_named(lsc: Lsc, small: Path, tmp_path: Path) -> None:
    lsc("run", small, *RUN)
    Path("db/artifacts").rename(tmp_path / "big-disk")
    Path("db/artifacts").symlink_to(tmp_path / "big-disk")
    assert "is a link to" in lsc("generate", code=2).error
    assert lsc.json("--artifacts", "db/artifacts", "generate")["new"] == 0


def test_a_search_removes_nothing_but_its_own_images(lsc: Lsc, small: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("precious")
    lsc("run", small, "-m", "allBob", "--captioner", "dataset", "--keep-images", "all")
    for table in ("score", "step", "transmission", "ranking"):
        lsc.sql(f"DELETE FROM {table}")
    drawings = sorted(Path("db/artifacts").rglob("*.png"))
    for file in drawings:  # each a link to what is not ours
        file.unlink()
        file.symlink_to(victim)
    lsc("run", small, "-m", "allBob", "--captioner", "dataset")
    assert victim.read_text() == "precious"
    assert 0 < len(lsc.drawings()) < len(drawings)


def test_a_store_of_the_time_before_keeps_its_images(
    tmp_path: Path, lsc: Lsc, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of 0.2.0 have no digest: each image is hashed when it is first read, if it is one."""
    shutil.copytree(kept.HERE / "0.2.0", tmp_path / "store")
    store, scenes = tmp_path / "store" / "lsc.sqlite", kept.data(tmp_path / "scenes")
    with sqlite3.connect(store) as connection:
        had = connection.execute("SELECT count(*) FROM generation WHERE path IS NOT NULL").fetchone()
        (path,) = connection.execute("SELECT path FROM generation WHERE path IS NOT NULL").fetchone()
    connection.close()
    victim = store.parent / "artifacts" / path
    cut(victim)
    monkeypatch.delenv("LSC_MODELS")
    with kept.pinned():
        for run in kept.RUNS[:2]:
            assert lsc(*kept.command(store, scenes, run)).code == 0
    with sqlite3.connect(store) as connection:
        lengths = connection.execute(
            "SELECT length(sha256), count(*) FROM generation WHERE sha256 IS NOT NULL GROUP BY 1 ORDER BY 1"
        ).fetchall()
    connection.close()
    assert sum(count for _, count in lengths) == had[0]
    assert lengths[-1][0] == 32
