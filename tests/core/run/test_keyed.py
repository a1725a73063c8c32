"""Settings that a key names, and others."""

import json
import sqlite3
from contextlib import closing

import pytest

from lsccli.core.channel.settings import resolved
from lsccli.core.run.keyed import spoiled
from lsccli.core.store.store import config_key
from tests.stores import make as kept


def test_no_configuration_of_a_kept_store_is_taken_for_spoiled():
    with closing(sqlite3.connect(kept.HERE / "0.2.0" / "lsc.sqlite")) as plain:
        rows = plain.execute("SELECT key, kind, settings FROM config").fetchall()
    assert len(rows) > 8
    for key, kind, settings in rows:
        assert not spoiled(key, kind, json.loads(settings)), settings
        assert spoiled(bytes(32), kind, json.loads(settings)), settings


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"channel": "bsc", "ber": 0.01, "code": "hamming74", "crc": "crc6", "arq": 2},
        {"channel": "awgn", "ebn0_db": 4.0, "modulation": "16qam"},
        {"channel": "rayleigh", "ebn0_db": 4.0, "decoder": "vocabulary"},
        {"reorder": "coded", "source_code": "huffman"},
    ],
)
def test_links(options):
    made = resolved(**options).identity()
    key = config_key("channel", made)
    assert not spoiled(key, "channel", made.settings)
    assert spoiled(key, "channel", {**made.settings, "reorder": "free"})


def test_what_a_plug_in_has_is_left_to_it():
    assert not spoiled(bytes(32), "method", {"method": "x", "plugin": "sha256:00"})
