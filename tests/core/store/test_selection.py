"""Which images and captions are selected: the same for stages and for reports."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, text

from lsccli.core.errors import LscError
from lsccli.core.report.material import read_material
from lsccli.core.report.request import ReportRequest
from lsccli.core.store.selection import (
    CaptionRow,
    Selection,
    captions,
    find_image,
    given_captions,
    in_force,
    is_below,
)
from lsccli.core.store.store import Store, add
from lsccli.core.store.tables import Caption, Config, Dataset, DatasetCaption, DatasetFile, Image, Source

NFC, NFD = "caf\u00e9", "cafe\u0301"
PLACES = [
    ("/data", "x/a.png"),
    ("/data", "x/b.png"),
    ("/data", "xy/c.png"),
    ("/data/x", "d.png"),
    ("/data", f"{NFC}/e.png"),
    ("/data", f"{NFD}/f.png"),
    ("/data", "/out/of/it/g.png"),
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(str(tmp_path / "store" / "lsc.sqlite"))
    yield made
    made.close()


@pytest.fixture
def filled(store: Store) -> Store:
    """Images 1 to 7 in `PLACES`."""
    ids = range(1, len(PLACES) + 1)
    images = [{"id": n, "key": bytes([n] * 32), "width": 8, "height": 8} for n in ids]
    sources = [
        {"image_id": n, "root": root, "path": path} for n, (root, path) in zip(ids, PLACES, strict=True)
    ]
    with store.write() as session:
        add(session, Image, images)
        add(session, Source, sources)
    return store


def names(store: Store, selection: Selection) -> str:
    """The images of a stage, as letters; those of a report must be the same."""
    chosen = selection.images(store)
    material = read_material(store, ReportRequest("stlpips-alex", "storybook", selection))
    assert material.base.unsent == len(chosen)
    with store.read() as session:
        assert selection.images(store, session) == chosen
    return "".join("abcdefg"[number - 1] for number in chosen)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ("/data", "abcdef"),
        ("/data/x", "abd"),
        ("/data/xy/", "c"),
        ("/data/./x/b.png", "b"),
        (f"/data/{NFC}", "e"),
        (f"/data/{NFD}", "f"),
        ("/out", "g"),
    ],
)
def test_data_selects_by_folder_below_it_and_by_file(filled: Store, data: str, found: str) -> None:
    assert names(filled, Selection(Path(data))) == found
    assert names(filled, Selection(Path(data), limit=1)) == found[:1]


def test_a_link_to_the_folder_selects_what_was_registered_from_the_folder(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with store.write() as session:
        add(session, Image, [{"id": 1, "key": bytes(32), "width": 8, "height": 8}])
        add(session, Source, [{"image_id": 1, "root": str(tmp_path / "real"), "path": "a.png"}])
    assert names(store, Selection(tmp_path / "link")) == "a"
    assert names(store, Selection(tmp_path / "link" / "a.png")) == "a"


def test_an_image_registered_from_two_places_is_one(filled: Store) -> None:
    with filled.write() as session:
        add(session, Source, [{"image_id": 7, "root": "/data/x", "path": "again.png"}])
    assert names(filled, Selection(Path("/data/x"))) == "abdg"
    assert names(filled, Selection()) == "abcdefg"


def test_these_very_images(filled: Store) -> None:
    assert names(filled, Selection(Path("/out"), limit=1, image_ids=(2, 5))) == "be"


@pytest.mark.parametrize("read", [Selection.images, lambda selection, store: names(store, selection)])
def test_where_there_is_none_the_command_that_mends_it_is_told(filled: Store, tmp_path: Path, read) -> None:
    empty = Store(str(tmp_path / "other.sqlite"))
    with pytest.raises(LscError, match=r"No images in .*other\.sqlite yet\. Start with: lsc caption DATA"):
        read(Selection(), empty)
    empty.close()
    with pytest.raises(LscError, match=r"No images from /else in .* yet\. Start with: lsc caption /else"):
        read(Selection(Path("/else")), filled)


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(LscError, match="--limit 0: give a number of images, at least 1"):
        Selection(limit=0)


def test_a_folder_s_name_is_whole_and_its_own() -> None:
    assert is_below("/data", "x/a.png", Path("/data/x"))
    assert is_below("/data/x", "a.png", Path("/data"))
    assert not is_below("/data", "xy/a.png", Path("/data/x"))
    assert not is_below("/data", "x/a.png", Path("/data/X"))


def said(store: Store, *sets: tuple[str, str, str | None, dict[int, list[int]]]) -> None:
    """Data sets (name, root, caption file, source -> captions), registered in this order.

    Caption 10 n + m is of image n.
    """
    with store.write() as session:
        row = {"key": bytes(32), "kind": "captioner", "profile": "", "settings": {}}
        add(session, Config, [{"id": 1, **row}])
        for order, (name, root, file, listed) in enumerate(sets, start=1):
            add(
                session,
                Dataset,
                [{"id": order, "name": name, "root": root, "captions": file, "registered": order}],
            )
            for source, captions in listed.items():
                own = {"dataset_id": order, "source_id": source}
                add(session, DatasetFile, [own])
                for at, number in enumerate(captions):
                    text = f"caption {number}"
                    facts = {
                        "id": number,
                        "key": bytes([number] * 32),
                        "image_id": number // 10,
                        "position": at,
                    }
                    facts |= {"config_id": 1, "text": text, "words": text.split(), "run_id": None}
                    add(session, Caption, [facts])
                    add(session, DatasetCaption, [{**own, "position": at, "caption_id": number}])


def force(
    store: Store, data: str | None = None, every: bool = True
) -> tuple[dict[int, tuple[int, ...]], int]:
    """The captions in force, and how many notes there are."""
    selection = Selection(None if data is None else Path(data), all_captions=every)
    with store.read() as session:
        given = in_force(session, selection, range(1, 8))
    return dict(given.of), len(given.notes)


def test_of_an_image_s_data_sets_the_one_named_counts_else_the_last(filled: Store) -> None:
    said(
        filled,
        ("/data", "/data", "/data/captions.txt", {1: [11, 12], 2: [21]}),
        ("/data/x", "/data", "/data/x/captions.txt", {1: [13], 2: [21]}),
        ("/data/de.csv", "/data", "/data/de.csv", {1: [], 3: [31]}),
        ("/data/x/a.png", "/data", None, {1: []}),
    )
    assert force(filled) == ({2: (21,), 3: (31,)}, 1)  # the last one says that image 1 has none
    assert force(filled, "/data") == ({1: (11, 12), 2: (21,), 3: (31,)}, 0)
    assert force(filled, "/data/captions.txt") == ({1: (11, 12), 2: (21,)}, 0)
    assert force(filled, "/data/x") == ({1: (13,), 2: (21,)}, 0)
    assert force(filled, "/data/de.csv") == ({3: (31,)}, 0)
    assert force(filled, "/data/x/a.png") == ({}, 1)
    assert force(filled, "/data", every=False)[0] == {1: (11,), 2: (21,), 3: (31,)}
    assert names(filled, Selection(Path("/data/de.csv"))) == "ac"


def test_what_was_said_of_a_file_is_not_said_of_its_next_picture(filled: Store) -> None:
    said(filled, ("/data", "/data", "/data/captions.txt", {1: [11], 2: [21]}))
    with filled.write() as session:
        session.execute(text("UPDATE source SET image_id = 3 WHERE id = 1"))
    assert force(filled) == ({2: (21,)}, 0)


def test_captions_as_rows(filled: Store) -> None:
    said(filled, ("/data", "/data", "/data/captions.txt", {2: [21], 1: [12, 11]}))
    begun: list[str] = []
    event.listen(filled._engine, "before_cursor_execute", lambda *call: begun.append(call[2]))
    with filled.read() as session:
        given = in_force(session, Selection(all_captions=True), [1, 2, 3])
        rows = given_captions(session, 1, given)
        assert given_captions(session, 2, given) == []
        assert [row.id for row in captions(session, 1, [1, 3])] == [12, 11]
    assert [row.id for row in rows] == [12, 11, 21]
    assert rows[0] == CaptionRow(12, bytes([12] * 32), 1, "caption 12", ("caption", "12"))
    assert not any("IMMEDIATE" in sql for sql in begun)  # reading leaves writers alone


def test_an_image_is_found_by_its_path_or_the_end_of_one(filled: Store) -> None:
    with filled.read() as session:
        assert find_image(session, "/data/x/a.png") == (1, Path("/data/x/a.png"))
        assert find_image(session, "b.png")[0] == 2
        assert find_image(session, "x/d.png")[0] == 4
        with pytest.raises(LscError, match=r"No image x\.png in the store. Put it there: lsc caption x\.png"):
            find_image(session, "x.png")
    with filled.write() as session:
        add(session, Source, [{"image_id": 3, "root": "/more", "path": "b.png"}])
    with filled.read() as session, pytest.raises(LscError, match=r"b\.png means 2 images; give more"):
        find_image(session, "b.png")
