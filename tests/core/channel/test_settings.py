"""What goes together, and what an operating point means."""

from typing import Any

import pytest

from lsccli.commands import channel_options
from lsccli.commands.channel_options import Asked, sweep
from lsccli.core.channel.settings import ChannelSettings, resolved, typed
from lsccli.core.errors import LscError


def channels(reorder: str = "none", **options: Any) -> list[ChannelSettings]:
    trials = options.pop("trials", 1)
    return channel_options.channels(Asked(options, trials), reorder=reorder)


def test_the_default_is_what_it_was_before_there_was_noise() -> None:
    assert resolved() == ChannelSettings()
    assert ChannelSettings().facts() == {"channel": "ideal", "source_code": "ascii8", "reorder": "none"}


def test_facts_make_the_same_settings_again() -> None:
    settings = resolved(
        channel="rayleigh", ebn0_db=0.0, modulation="16qam", code="ldpc5g", crc="crc16", arq=2
    )
    assert ChannelSettings.of(settings.facts()) == settings
    assert settings.facts()["ebn0_db"] == 0.0
    assert (settings.fading, settings.rate, settings.seed, settings.decoder) == ("block", 0.5, 0, "raw")


@pytest.mark.parametrize(
    ("options", "gain"),
    [
        ({}, 0.0),
        ({"modulation": "qpsk"}, 3.0103),
        ({"modulation": "16qam", "code": "repetition2"}, 3.0103),
        ({"modulation": "bpsk", "code": "hamming74"}, -2.4304),
        ({"modulation": "256qam", "code": "ldpc5g", "rate": 0.25}, 3.0103),
    ],
)
def test_es_n0_is_eb_n0_times_rate_times_bits_per_symbol(options: dict[str, object], gain: float) -> None:
    by_bit = resolved(channel="awgn", ebn0_db=4.0, **options)
    by_symbol = resolved(channel="awgn", esn0_db=4.0, **options)
    assert by_bit.points_db == pytest.approx((4.0, 4.0 + gain), abs=1e-4)
    assert by_symbol.points_db == pytest.approx((4.0 - gain, 4.0), abs=1e-4)
    assert by_bit.es_n0 == pytest.approx(10 ** ((4 + gain) / 10), rel=1e-4)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"channel": "noisy"}, "--channel 'noisy': choose ideal, awgn, bsc, rayleigh"),
        ({"channel": "bsc"}, "needs --ber"),
        ({"channel": "bsc", "ber": 0.7}, "--ber 0.7: give a number from 0 to 0.5"),
        ({"channel": "awgn"}, "needs one of --ebn0-db and --esn0-db"),
        ({"channel": "awgn", "ebn0_db": "1", "esn0_db": "1"}, "not both"),
        ({"ebn0_db": "3"}, "--ebn0-db goes with --channel awgn and rayleigh, not with ideal"),
        ({"modulation": "qpsk"}, "--modulation goes with"),
        ({"channel": "awgn", "ebn0_db": "3", "fading": "fast"}, "--fading goes with --channel rayleigh"),
        ({"channel": "awgn", "ebn0_db": "3", "modulation": "8psk"}, "choose bpsk, qpsk"),
        (
            {"channel": "awgn", "ebn0_db": "3", "code": "turbo"},
            "choose none, hamming74, ldpc5g, polar5g, repetitionN",
        ),
        (
            {"channel": "awgn", "ebn0_db": "3", "code": "repetition1"},
            "choose none, hamming74, ldpc5g, polar5g, repetitionN",
        ),
        (
            {"channel": "awgn", "ebn0_db": "3", "code": "ldpc5g", "rate": 0.1},
            "--code ldpc5g --rate 0.1: give a number from 0.2 to 0.9",
        ),
        (
            {"channel": "awgn", "ebn0_db": "3", "rate": 0.5},
            "--rate goes with --code ldpc5g and polar5g, not with none",
        ),
        ({"channel": "awgn", "ebn0_db": "3", "code": "hamming74", "formula": True}, "no closed form"),
        ({"channel": "rayleigh", "ebn0_db": "3", "formula": True}, "--formula goes with fast fading"),
        ({"channel": "bsc", "ber": 0.1, "formula": True}, "--formula goes with"),
        ({"channel": "bsc", "ber": 0.1, "arq": 3}, "needs --crc"),
        ({"crc": "crc16", "arq": 3}, "--arq goes with --channel awgn, bsc and rayleigh, not with ideal"),
        ({"decoder": "vocabulary"}, "--decoder goes with"),
        ({"seed": 3}, "--channel-seed goes with"),
        ({"trials": 2}, "--trials goes with"),
        ({"source_code": "utf16"}, "--source-code 'utf16': choose ascii8, ascii7, huffman, lm"),
        ({"reorder": "maybe"}, "choose none, free, coded"),
    ],
)
def test_what_does_not_go_together_is_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(LscError, match=said):
        channels(**options)


def test_names_are_taken_in_any_letter_case() -> None:
    (settings,) = channels(channel="AWGN", modulation="QPSK", ebn0_db="3", code="LDPC5G")
    assert (settings.channel, settings.modulation, settings.code) == ("awgn", "qpsk", "ldpc5g")


def test_a_sweep_has_the_points_that_one_would_type() -> None:
    assert sweep("--ebn0-db", "0:20:5") == [0, 5, 10, 15, 20]
    assert sweep("--ebn0-db", "0:0.5:0.1") == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]
    assert sweep("--ebn0-db", "-2:1:2") == [-2, 0]
    assert sweep("--ebn0-db", "3.5") == [3.5]
    swept = channels(channel="awgn", ebn0_db="0:1:0.1")
    assert swept[3] == channels(channel="awgn", ebn0_db="0.3")[0]
    for bad in ("", "a", "1:2", "5:1:1", "0:1:0", "0:1:-1", "nan", "0:1e9:1", "1:2:3:4"):
        with pytest.raises(LscError, match="--ebn0-db"):
            sweep("--ebn0-db", bad)


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({}, ""),
        ({"channel": "bsc", "ber": 0.05, "reorder": "coded"}, "--channel bsc --reorder coded --ber 0.05"),
        (
            {"channel": "awgn", "ebn0_db": 0.0, "modulation": "bpsk", "code": "ldpc5g", "rate": 0.5},
            "--channel awgn --ebn0-db 0.0 --code ldpc5g",
        ),
        (
            {"channel": "rayleigh", "esn0_db": -3.5, "fading": "fast", "formula": True, "seed": 7},
            "--channel rayleigh --esn0-db -3.5 --fading fast --formula --channel-seed 7",
        ),
        ({"scc": "distance", "scc_closeness": 0.91, "vocabulary": "sha256:1"}, "--scc distance"),
        (
            {"scc": "longer", "scc_closeness": 0.5, "source_code": "lm"},
            "--source-code lm --scc longer --scc-closeness 0.5",
        ),
    ],
    ids=str,
)
def test_the_fewest_options_that_give_settings(options: dict[str, Any], line: str) -> None:
    assert typed(resolved(**options)) == line.split()
