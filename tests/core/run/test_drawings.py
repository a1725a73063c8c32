"""Bob's images beside the store: kept with their digest, and compared with it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from lsccli.core.run.drawings import Drawings
from lsccli.core.store.artifacts import generation_path, png
from lsccli.core.store.keys import identity
from lsccli.core.store.store import Store, config_id

KEYS = {"": b"\0" * 32, "a": b"\1" * 32, "a dog": b"\2" * 32}
IMAGES = {prompt: np.full((4, 4, 3), 10 * n, np.uint8) for n, prompt in enumerate(KEYS)}


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def drawings(tmp_path: Path, said: list[str]) -> Drawings:
    store = Store(str(tmp_path / "lsc.sqlite"))
    with store.write() as session:
        receiver = config_id(session, "receiver", "tiny", identity(model="x"))
    workspace: Any = SimpleNamespace(store=store, run_id=None, watcher=SimpleNamespace(say=said.append))
    made = Drawings(workspace, receiver, 100)
    made.keep(IMAGES, KEYS)
    return made


def test_what_is_as_it_was_kept_is_read_and_what_is_not_is_named(drawings: Drawings, said: list[str]) -> None:
    assert drawings.whole(KEYS.values()) == set(KEYS.values())
    assert drawings.read([KEYS["a"], b"?" * 32]) == {KEYS["a"]: png(IMAGES["a"])}
    assert not said
    file = drawings.store.artifacts / generation_path(KEYS["a"])
    file.write_bytes(png(IMAGES["a dog"]))
    assert drawings.whole(KEYS.values()) == {KEYS[""], KEYS["a dog"]}
    assert said == [f"warning: 1 of Bob's images is missing or damaged, and will be drawn again: {file}"]
    assert drawings.read([KEYS["a"]]) == {}
    drawings.keep({"a": IMAGES["a"]}, KEYS)
    assert drawings.whole(KEYS.values()) == set(KEYS.values())


def test_what_was_dropped_is_not_there_and_not_damaged(drawings: Drawings, said: list[str]) -> None:
    drawings.drop([KEYS["a"]])
    assert not (drawings.store.artifacts / generation_path(KEYS["a"])).exists()
    assert drawings.whole(KEYS.values()) == {KEYS[""], KEYS["a dog"]}
    assert not said


def test_an_image_of_a_time_without_digests_is_noted_when_it_is_read(
    drawings: Drawings, said: list[str]
) -> None:
    with drawings.store.write() as session:
        session.execute(text("UPDATE generation SET sha256 = x''"))
    (drawings.store.artifacts / generation_path(KEYS["a"])).write_bytes(b"no picture")
    assert drawings.whole(KEYS.values()) == {KEYS[""], KEYS["a dog"]}
    assert len(said) == 1
    with drawings.store.read() as session:
        lengths = session.execute(text("SELECT length(sha256) FROM generation ORDER BY key")).scalars().all()
    assert lengths == [32, 0, 32]
    (drawings.store.artifacts / generation_path(KEYS[""])).write_bytes(png(IMAGES["a"]))
    assert drawings.whole([KEYS[""]]) == set()
