"""The store that `benchmarks/opening.py` measures is a sound one of the size asked for."""

import sqlite3

from benchmarks.opening import fill, seconds
from lsccli.core.store.store import Store
from lsccli.core.store.verify import verify


def test_the_store_is_sound_and_as_large_as_asked_for(tmp_path):
    store = Store(str(tmp_path / "lsc.sqlite"))
    assert fill(store, 5000) == 5004
    assert verify(store).findings == []
    store.close()
    with sqlite3.connect(tmp_path / "lsc.sqlite") as plain:
        assert plain.execute("SELECT count(*) FROM step").fetchone() == (5004,)
    assert seconds(tmp_path / "lsc.sqlite", 1, check=True) > 0
