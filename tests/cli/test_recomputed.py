"""Results that are others than what they are made of gives: each column of each table, changed a little."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

from lsccli.core.run.recomputed import faults
from lsccli.core.store.rules import key_columns
from lsccli.core.store.store import Store
from lsccli.core.store.verify import verify
from tests.cli.shell import Lsc

RESULTS = ("config", "image", "caption", "ranking", "transmission", "step", "prompt", "generation", "score")
# What no key names, and nothing in the store gives: who made it, where files are, and what models say.
LEFT = {
    "config.profile",
    "image.width", "image.height", "score.value", "generation.sha256",
    *(f"{table}.run_id" for table in RESULTS), *(f"{table}.id" for table in RESULTS),
}  # fmt: skip


@pytest.fixture
def store(lsc: Lsc, small: Path) -> Iterator[sqlite3.Connection]:
    noisy = ("--channel", "bsc", "--ber", 0.05, "--crc", "crc6", "--arq", 1, "--trials", 2)
    lsc("run", small, "--captioner", "dataset", "-m", "order", "-m", "random", "--seeds", 2, *noisy)
    with closing(sqlite3.connect("db/lsc.sqlite", isolation_level=None)) as plain:
        yield plain


def other(value: Any, column: str) -> Any:
    """A likely value beside the one that is there."""
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    if column == "order":
        return json.dumps(json.loads(value)[::-1])
    if column in ("words", "scores"):
        return json.dumps(json.loads(value)[:-1] + (["other"] if column == "words" else [0.5]))
    if column == "settings":
        return (
            value.replace('"version": 1', '"version": 2').replace("0.05", "0.04").replace("ascii8", "huffman")
        )
    return value + ("x" if isinstance(value, str) else 1)


def test_each_value_that_follows_from_others_is_compared(store: sqlite3.Connection) -> None:
    assert list(faults(store, ())) == []
    unseen = []
    for table in RESULTS:
        names = key_columns(table)
        own = ", ".join(names)
        for column in SQLModel.metadata.tables[table].columns:
            if f"{table}.{column.name}" in LEFT or column.name in names:
                continue
            rows = store.execute(f'SELECT "{column.name}", {own} FROM {table} ORDER BY {own}').fetchall()
            value, *name = rows[len(rows) // 2]
            update = f'UPDATE {table} SET "{column.name}" = ? WHERE ({own}) = ({", ".join("?" * len(names))})'
            with closing(sqlite3.connect("changed.sqlite", isolation_level=None)) as changed:
                store.backup(changed)
                try:
                    changed.execute(update, (other(value, column.name), *name))
                except sqlite3.IntegrityError:  # two of one name: the database itself sees to that
                    continue
            opened = Store("changed.sqlite", Path("db/artifacts"), create=False, check=False)
            if not verify(opened, faults).findings:
                unseen.append(f"{table}.{column.name}")
            opened.close()
    assert unseen == []


def test_what_is_made_of_damaged_rows_is_not_named_beside_them(store: sqlite3.Connection) -> None:
    store.execute("UPDATE image SET key = zeroblob(32) WHERE id = 2")
    found = list(faults(store, [("image", (2,))]))
    assert found == []
    assert {table for table, _, _ in faults(store, ())} == {"caption", "score"}


@pytest.mark.parametrize(
    "settings",
    [
        {"method": "order", "importance": {"a": 1}, "options": [1]},
        {"method": "order", "version": 1, "options": {"nothing": 1}},
        {"method": "random", "version": 1, "options": {"seed": "x"}},
        {"channel": "bsc", "ber": "x", "source_code": "ascii8"},
        {"channel": 5, "source_code": ["x"], "code": {}},
        {"channel": "ideal", "source_code": "ascii8", "reorder": None, "entries": 3},
        {"channel": "ideal", "code": 5},
    ],
)
def test_settings_from_a_stranger_whose_key_is_right_break_nothing(
    store: sqlite3.Connection, settings: dict[str, Any]
) -> None:
    """Whoever hands a store around may have made keys to fit."""
    from lsccli.core.store.keys import Identity
    from lsccli.core.store.results import ranking_key, transmission_key
    from lsccli.core.store.store import config_key

    kind = "method" if "method" in settings else "channel"
    named = Identity({}, settings)
    store.execute(
        "UPDATE config SET settings = ?, key = ? WHERE id = (SELECT min(id) FROM config WHERE kind = ?)",
        (json.dumps(settings), config_key(kind, named), kind),
    )
    for number, key, seed in store.execute(
        "SELECT r.id, c.key, r.seed FROM ranking r JOIN caption c ON c.id = r.caption_id "
        "WHERE r.config_id = (SELECT min(id) FROM config WHERE kind = 'method')"
    ).fetchall():
        if kind == "method":
            own = ranking_key(key, named, seed)
            store.execute("UPDATE ranking SET key = ? WHERE id = ?", (own, number))
    for number, key, trial in store.execute(
        "SELECT t.id, r.key, t.trial FROM transmission t JOIN ranking r ON r.id = t.ranking_id"
    ).fetchall():
        if kind == "channel":
            own = transmission_key(key, named, trial)
            store.execute("UPDATE transmission SET key = ? WHERE id = ?", (own, number))
    assert {table for table, _, _ in faults(store, ())} <= {"config", "transmission"}
