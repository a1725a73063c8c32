"""Nothing beats what is called a limit, and limits are what they are by hand."""

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from lsccli.core.channel.distortion import of_groups, of_vocabulary
from lsccli.core.channel.rates import Rates, measure
from lsccli.core.channel.settings import ChannelSettings, resolved
from lsccli.core.channel.shannon import BEATEN, limit, upper
from lsccli.core.channel.vocabulary import Vocabulary, digest_told, from_file, shipped

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


ENTRIES = (["ideal", "fixed", "coded"], ["ascii8", "huffman", "lm"], ["raw", "vocabulary", "language"])
VOCABULARIES = {
    "two alike": {"a": 1, "c": 1},
    "four alike": {"dog": 1, "cat": 1, "red": 1, "sun": 1},
    "skewed": {"c": 97, "a": 3},
    "of several lengths": {"a": 50, "on": 20, "in": 20, "dog": 5, "cat": 5},
}


@pytest.mark.parametrize("framing", ENTRIES[0])
@pytest.mark.parametrize("source", ENTRIES[1])
@pytest.mark.parametrize("decoder", ENTRIES[2])
def test_no_system_beats_a_limit(framing: str, source: str, decoder: str) -> None:
    near = math.inf
    turn = sum(ENTRIES[kind].index(name) for kind, name in enumerate((framing, source, decoder)))
    for number, point in enumerate(POINTS):
        # In turn, so that each code meets each of the others at each point.
        code = {} if point.get("formula") else CODES[(turn + number) % len(CODES)]
        settings = resolved(**point, **code, framing=framing, source_code=source, decoder=decoder)
        found = measure(settings, 40)
        own = found.limit
        assert own.perfect_symbols is not None, settings
        assert own.perfect_symbols <= found.channel_symbols, settings
        if own.excess_db is not None:
            assert own.excess_db >= 0, settings
            near = min(near, own.excess_db)
        assert 0 <= own.needed <= own.information <= math.log2(196)
    # The limit is near enough to mean something.
    assert decoder == "raw" or near < 25


def beaten(found: Rates) -> bool:
    own = found.limit
    assert own.perfect_symbols is not None
    return own.perfect_symbols > found.channel_symbols or (own.excess_db is not None and own.excess_db < 0)


def knowing(words: dict[str, int], tmp_path: Path, **options: Any) -> tuple[ChannelSettings, Vocabulary]:
    file = tmp_path / "words.txt"
    file.write_text("".join(f"{word} {count}\n" for word, count in words.items()), encoding="utf-8")
    known = from_file(file)
    return resolved(decoder="vocabulary", **options).knowing(digest_told(known), str(file)), known


@pytest.mark.parametrize(("name", "count", "seed"), [("two alike", 200, 16), ("four alike", 100, 0)])
def test_no_luck_of_a_guesser_is_taken_for_merit(name: str, count: int, seed: int, tmp_path: Path) -> None:
    # Three standard deviations above what guessing reads, of words that were harder to guess than most.
    settings, known = knowing(VOCABULARIES[name], tmp_path, channel="awgn", esn0_db=-40.0, seed=seed)
    found = measure(settings, count, known)
    assert 1 - found.words.simulated > found.limit.floor + 0.11
    assert found.limit.needed == 0
    assert not beaten(found)


@pytest.mark.parametrize("name", VOCABULARIES)
def test_no_system_beats_a_limit_with_few_words(name: str, tmp_path: Path) -> None:
    # Without a signal chance alone reads, and the more seeds, the luckier the luckiest.
    ways = [(seed, -40.0, 60, "ideal") for seed in range(20)]
    for number, (seed, db) in enumerate(itertools.product(range(2), (-25.0, -15.0, -5.0, 10.0))):
        ways.append((seed, db, (10, 60, 200)[number % 3], ("ideal", "fixed", "ideal", "coded")[number % 4]))
    for seed, esn0_db, count, framing in ways:
        options = {"channel": "awgn", "esn0_db": esn0_db, "seed": seed, "framing": framing}
        settings, known = knowing(VOCABULARIES[name], tmp_path, **options)
        assert not beaten(measure(settings, count, known)), (settings, count)


def test_how_often_the_interval_misses() -> None:
    # Exactly, of words alike, and of words half of which are easier than the rest.
    for count, p in itertools.product((1, 2, 10, 60, 400), (1e-7, 0.01, 0.3, 0.5, 0.9, 0.999999)):
        for low in (p, max(0.0, 2 * p - 1)):
            high = 2 * p - low
            half = count // 2
            chances = np.convolve(
                binom.pmf(range(half + 1), half, low), binom.pmf(range(count - half + 1), count - half, high)
            )
            mean = (half * low + (count - half) * high) / count
            missed = sum(
                float(chance) for wrong, chance in enumerate(chances) if upper(wrong / count, count) < mean
            )
            assert missed <= BEATEN * 1.001


def entropy(p: float) -> float:
    return -p * math.log2(p) - (1 - p) * math.log2(1 - p)


def test_the_limit_by_hand() -> None:
    # 16 words alike, all read: 4 bits, but for the interval of no errors among very many.
    known = of_groups([[1 / 16] * 16])
    settings = resolved(channel="awgn", esn0_db=10 * math.log10(3))
    found = limit(settings, known, 0.0, 1e9, 4.0)
    # Two bits a symbol would do it in 2; one bit a symbol takes Es/N0 = 1, and 3 were spent.
    assert found.perfect_symbols == pytest.approx(2.0, abs=1e-5)
    assert found.excess_db == pytest.approx(10 * math.log10(3), abs=1e-4)
    flips = limit(resolved(channel="bsc", ber=0.11), known, 0.0, 1e9, 40.0)
    assert flips.perfect_symbols == pytest.approx(4 / (1 - entropy(0.11)), abs=1e-4)
    assert flips.excess_db is None
    none = limit(resolved(channel="bsc", ber=0.5), known, 15 / 16, 100, 40.0)
    assert (none.needed, none.perfect_symbols) == (0.0, 0.0)


def test_block_fading_is_limited_by_outage() -> None:
    # Two words alike, a symbol each: where log2(1 + |h|² Es/N0) is below a bit, D(R) = h⁻¹(1 − R).
    known = of_groups([[0.5, 0.5]])
    settings = resolved(channel="rayleigh", esn0_db=20.0)
    found = limit(settings, known, 0.01, 1e9, 1.0)
    ergodic = limit(resolved(channel="rayleigh", esn0_db=20.0, fading="fast"), known, 0.01, 1e9, 1.0)
    assert found.excess_db is not None
    assert ergodic.excess_db is not None
    assert found.excess_db < ergodic.excess_db - 5
    # By plain sampling: at the least Es/N0 the mean of D over fades is 0.01.
    gains = np.random.default_rng(1).exponential(size=2_000_000)
    least = 100 / 10 ** (found.excess_db / 10)
    assert float(known.wrong(np.log2(1 + gains * least)).mean()) == pytest.approx(0.01, rel=0.03)


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
            found = measure(settings, 600)
            slack = 4 * math.sqrt(floor * (1 - floor) / 600)
            assert 1 - found.words.simulated <= floor + slack
            assert found.limit.floor == pytest.approx(floor)
        if framing == "ideal":
            assert floor > 0.25
        else:
            assert floor < 0.12


def test_the_interval_of_a_share() -> None:
    assert upper(0.0, 100) == pytest.approx(1 - BEATEN**0.01)
    assert upper(1.0, 100) == 1
    # Far out a Gaussian of variance p (1 − p) / n: exp(−n (D − d)² / (2 p (1 − p))).
    far = math.sqrt(-2 * math.log(BEATEN) * 0.25 / 1e8)
    assert upper(0.5, 1e8) == pytest.approx(0.5 + far, abs=1e-7)


def test_where_guesses_are_even_the_most_frequent_word_is_read() -> None:
    # At .5 no bit says anything, and words of one length tie; below, what is heard picks among them.
    even, nearly = (
        measure(resolved(channel="bsc", ber=ber, decoder="vocabulary"), 400) for ber in (0.5, 0.4999)
    )
    assert 1 - even.words.simulated == pytest.approx(even.limit.floor, abs=0.06)
    assert 1 - nearly.words.simulated < 0.2
    assert nearly.limit.floor == even.limit.floor
