"""Settings that a key names, and others."""

import json
import sqlite3
from contextlib import closing

import pytest

from lsccli.core.channel.settings import resolved
from lsccli.core.run.keyed import SpoiledError, named_by
from lsccli.core.store.keys import Identity
from lsccli.core.store.store import config_key
from tests.stores import make as kept


def test_no_configuration_of_a_kept_store_is_taken_for_spoiled():
    with closing(sqlite3.connect(kept.HERE / "0.2.0" / "lsc.sqlite")) as plain:
        rows = plain.execute("SELECT key, kind, settings FROM config").fetchall()
    assert len(rows) > 8
    for key, kind, settings in rows:
        assert config_key(kind, named_by(key, kind, json.loads(settings))) == key
        with pytest.raises(SpoiledError):
            named_by(bytes(32), kind, json.loads(settings))


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
    assert named_by(key, "channel", made.settings) == Identity({}, made.named)
    with pytest.raises(SpoiledError):
        named_by(key, "channel", {**made.settings, "reorder": "free"})


def test_what_options_of_a_plug_in_were_born_with_is_found_out():
    settings = {"method": "x", "version": 2, "options": {"rule": "mine", "least": 4}, "plugin": "sha256:00"}
    named = Identity({}, {**settings, "options": {"least": 4}})
    key = config_key("method", named)
    assert named_by(key, "method", settings) == named
    with pytest.raises(SpoiledError):
        named_by(key, "method", {**settings, "options": {"rule": "mine", "least": 5}})


def test_too_many_ways_are_left_to_the_plug_in():
    settings = {"method": "x", "plugin": "sha256:00", "options": {f"o{n}": n for n in range(40)}}
    assert named_by(bytes(32), "method", settings) is None


def test_half_a_character_has_no_key():
    with pytest.raises(SpoiledError):
        named_by(bytes(32), "method", {"method": "\ud800"})
