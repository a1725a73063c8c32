"""A data set in the store is what its last registration says, and unchanged it is not written again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from lsccli.core.store.datasets import Entry, Registration
from lsccli.core.store.store import Store, add
from lsccli.core.store.tables import Caption, Config, Image

ROOT = Path("/data")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Images 1 and 2, each with captions 10 n + 0 to 10 n + 2; the key of anything is its number."""
    made = Store(str(tmp_path / "lsc.sqlite"))
    with made.write() as session:
        add(session, Config, [{"id": 1, "key": name(99), "kind": "captioner", "profile": "", "settings": {}}])
        for image in (1, 2):
            add(session, Image, [{"id": image, "key": name(image), "width": 8, "height": 8}])
            for at in range(3):
                facts = {"image_id": image, "config_id": 1, "position": at, "text": "", "words": []}
                add(session, Caption, [{"id": 10 * image + at, "key": name(10 * image + at), **facts}])
    yield made
    made.close()


def name(number: int) -> bytes:
    return bytes([number] * 32)


def register(
    store: Store, dataset: str, *entries: tuple[str, int, list[int]], whole: bool = True
) -> list[str]:
    registration = Registration(store, ROOT / dataset, ROOT, ROOT / "captions.txt")
    given = [Entry(path, name(image), tuple(map(name, said))) for path, image, said in entries]
    if not all(map(registration.has, given)):
        with store.write() as session:
            registration.put(session, given, {name(1): 1, name(2): 2})
    return registration.drop_others({path for path, _, _ in entries}) if whole else []


def rows(store: Store, sql: str) -> list[tuple[object, ...]]:
    with store.read() as session:
        return [tuple(row) for row in session.execute(text(sql))]


def said(store: Store) -> list[tuple[object, ...]]:
    return rows(
        store,
        "SELECT d.name, s.path, c.caption_id FROM dataset_caption c JOIN dataset d ON d.id = c.dataset_id "
        "JOIN source s ON s.id = c.source_id ORDER BY d.name, s.path, c.position",
    )


def test_the_last_registration_replaces_what_was_said_of_each_file(store: Store) -> None:
    register(store, "a", ("1.png", 1, [10, 11]), ("2.png", 2, [20]))
    register(store, "a", ("1.png", 1, [11]), whole=False)
    assert said(store) == [("/data/a", "1.png", 11), ("/data/a", "2.png", 20)]
    register(store, "b", ("1.png", 1, [12, 10, 12]))
    assert said(store)[2:] == [("/data/b", "1.png", 12), ("/data/b", "1.png", 10)]
    assert register(store, "a", ("1.png", 1, [])) == ["2.png"]
    assert said(store) == [("/data/b", "1.png", 12), ("/data/b", "1.png", 10)]
    assert rows(store, "SELECT path FROM source") == [("1.png",)]
    assert register(store, "a") == ["1.png"]  # which is still a file of b
    assert rows(store, "SELECT path FROM source") == [("1.png",)]
    assert rows(store, "SELECT count(*) FROM caption") == [(6,)]


def test_a_file_that_was_replaced_is_another_image(store: Store) -> None:
    register(store, "a", ("1.png", 1, [10]))
    register(store, "a", ("1.png", 2, [20]))
    assert said(store) == [("/data/a", "1.png", 20)]
    assert rows(store, "SELECT image_id FROM source") == [(2,)]


def test_what_is_known_is_not_written_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    once = (("1.png", 1, [10, 11]), ("2.png", 2, []))
    register(store, "a", *once)
    with monkeypatch.context() as patch:
        patch.setattr(store, "write", lambda: pytest.fail("written to"))
        register(store, "a", *once)
    register(store, "b", *once)
    register(store, "a", *once)
    assert rows(store, "SELECT name FROM dataset ORDER BY registered") == [("/data/b",), ("/data/a",)]
