"""Nothing beats what is called a limit, and limits are what they are by hand."""

import itertools
import math
from typing import Any

import numpy as np
import pytest

from lsccli.core.channel.distortion import of_groups, of_vocabulary
from lsccli.core.channel.rates import measure
from lsccli.core.channel.settings import resolved
from lsccli.core.channel.shannon import limit, upper
from lsccli.core.channel.vocabulary import shipped

POINTS: list[dict[str, Any]] = [
    {"channel": "bsc", "ber": 0.5},
    {"channel": "bsc", "ber": 0.02},
    *({"channel": "awgn", "ebn0_db": float(db), "modulation": "qpsk"} for db in (-60, -8, 3)),
    {"channel": "awgn", "ebn0_db": 0.0, "formula": True},
    *({"channel": "rayleigh", "ebn0_db": float(db), "modulation": "16qam"} for db in (-60, 0, 40)),
    {"channel": "rayleigh", "ebn0_db": 5.0, "fading": "fast"},
]
CODES: list[dict[str, Any]] = [
    {},
    {"code": "hamming74"},
    {"code": "repetition3", "crc": "crc6", "arq": 1},
]


@pytest.mark.parametrize("framing", ["ideal", "fixed", "coded"])
@pytest.mark.parametrize("source", ["ascii8", "huffman", "lm"])
@pytest.mark.parametrize("decoder", ["raw", "vocabulary", "language"])
def test_no_system_beats_a_limit(framing: str, source: str, decoder: str) -> None:
    near = math.inf
    for point, code in itertools.product(POINTS, CODES):
        if point.get("formula") and code.get("code"):
            continue
        settings = resolved(**point, **code, framing=framing, source_code=source, decoder=decoder)
        found = measure(settings, 60)
        own = found.limit
        if own.perfect_symbols is None:
            assert (settings.channel, settings.ber) == ("bsc", 0.5), settings
            assert own.needed == 0, settings
        else:
            assert own.perfect_symbols <= found.channel_symbols, settings
        if own.excess_db is not None:
            assert own.excess_db >= 0, settings
            near = min(near, own.excess_db)
        assert 0 <= own.needed <= own.information <= math.log2(196)
    # The limit is near enough to mean something.
    assert decoder == "raw" or near < 25


def entropy(p: float) -> float:
    return -p * math.log2(p) - (1 - p) * math.log2(1 - p)


def test_the_limit_by_hand() -> None:
    # 16 words alike, all read: 4 bits, but for the interval of no errors among very many.
    known = of_groups([[1 / 16] * 16])
    settings = resolved(channel="awgn", esn0_db=10 * math.log10(3))
    found = limit(settings, known, 0.0, 15 / 16, 1e9, 4.0)
    # Two bits a symbol would do it in 2; one bit a symbol takes Es/N0 = 1, and 3 were spent.
    assert found.perfect_symbols == pytest.approx(2.0, abs=1e-5)
    assert found.excess_db == pytest.approx(10 * math.log10(3), abs=1e-4)
    flips = limit(resolved(channel="bsc", ber=0.11), known, 0.0, 15 / 16, 1e9, 40.0)
    assert flips.perfect_symbols == pytest.approx(4 / (1 - entropy(0.11)), abs=1e-4)
    assert flips.excess_db is None
    none = limit(resolved(channel="bsc", ber=0.5), known, 15 / 16, 15 / 16, 100, 40.0)
    assert (none.needed, none.perfect_symbols) == (0.0, 0.0)


def test_block_fading_is_limited_by_outage() -> None:
    # Two words alike, a symbol each: where log2(1 + |h|² Es/N0) is below a bit, D(R) = h⁻¹(1 − R).
    known = of_groups([[0.5, 0.5]])
    settings = resolved(channel="rayleigh", esn0_db=20.0)
    found = limit(settings, known, 0.01, 0.5, 1e9, 1.0)
    ergodic = limit(resolved(channel="rayleigh", esn0_db=20.0, fading="fast"), known, 0.01, 0.5, 1e9, 1.0)
    assert found.excess_db is not None
    assert ergodic.excess_db is not None
    assert found.excess_db < ergodic.excess_db - 5
    # By plain sampling: at the least Es/N0 the mean of D over fades is 0.01.
    gains = np.random.default_rng(1).exponential(size=2_000_000)
    least = 100 / 10 ** (found.excess_db / 10)
    assert float(known.wrong(np.log2(1 + gains * least)).mean()) == pytest.approx(0.01, rel=0.02)


def test_the_floor_is_what_guessing_reads() -> None:
    for framing, told in (("ideal", True), ("fixed", False), ("coded", False)):
        known = shipped("storybook")
        floor = of_vocabulary(known, resolved().source_coder, told).floor
        lengths: dict[int, float] = {}
        for word, share in zip(known.words, known.share, strict=True):
            length = len(word) if told else 0
            lengths[length] = max(lengths.get(length, 0.0), float(share))
        assert floor == pytest.approx(sum(lengths.values()))
        for decoder in ("vocabulary", "language"):
            settings = resolved(channel="bsc", ber=0.5, framing=framing, decoder=decoder)
            read = 1 - measure(settings, 2000).words.simulated
            slack = 4 * math.sqrt(floor * (1 - floor) / 2000)
            assert read <= floor + slack
            assert measure(settings, 50).limit.floor == pytest.approx(floor)
        if framing == "ideal":
            assert floor > 0.25
        else:
            assert floor < 0.12


def test_the_interval_of_a_share() -> None:
    assert upper(0.0, 100) == pytest.approx(1.959964**2 / (100 + 1.959964**2))
    assert upper(0.5, 1e9) == pytest.approx(0.5, abs=1e-4)
