"""Source codes: round trips, what they refuse, what broken bits read as."""

import itertools
import json
import random
from importlib import resources

import numpy as np
import pytest

from lsccli.core.channel.source.base import find_source_code
from lsccli.core.channel.source.huffman import canonical
from lsccli.core.errors import LscError


def random_texts(count: int, seed: int = 0) -> list[str]:
    """Strings of 0 to 12 characters from all planes, without surrogates; half of them mostly Latin."""
    rng = random.Random(seed)
    texts = []
    for _ in range(count):
        ranges = rng.choice([((32, 126),), ((0, 0x7F), (0xA0, 0x24F)), ((0, 0xD7FF), (0xE000, 0x10FFFF))])
        texts.append("".join(chr(rng.randint(*rng.choice(ranges))) for _ in range(rng.randint(0, 12))))
    return texts


@pytest.mark.parametrize("name", ["ascii8", "ascii7", "huffman", "lm"])
def test_round_trip_of_ten_thousand_strings(name: str) -> None:
    code = find_source_code(name)
    for text in random_texts(10_000):
        if name == "ascii7" and not text.isascii():
            first = next(letter for letter in text if ord(letter) > 127)
            with pytest.raises(LscError, match=rf"U\+{ord(first):04X} "):
                code.encode(text)
            continue
        bits = code.encode(text)
        assert bits.dtype == np.uint8
        assert set(np.unique(bits)) <= {0, 1}
        assert code.decode(bits) == text


@pytest.mark.parametrize("name", ["ascii8", "ascii7", "huffman", "lm"])
def test_half_a_surrogate_pair_is_refused_by_name(name: str) -> None:
    with pytest.raises(LscError, match=r"U\+D800"):
        find_source_code(name).encode("a\ud800")


def test_lengths() -> None:
    assert len(find_source_code("ascii8").encode("né")) == 24
    assert len(find_source_code("ascii7").encode("dog")) == 21
    assert find_source_code("ascii8").encode("A").tolist() == [0, 1, 0, 0, 0, 0, 0, 1]
    assert find_source_code("ascii7").encode("A").tolist() == [1, 0, 0, 0, 0, 0, 1]
    huffman = find_source_code("huffman")
    assert len(huffman.encode("running")) < 7 * 5
    assert len(huffman.encode("é")) == len(huffman.encode("ü"))


def test_a_broken_byte_reads_as_the_replacement_character() -> None:
    code = find_source_code("ascii8")
    bits = code.encode("dog")
    bits[8] = 1
    assert code.decode(bits) == "d\ufffdg"


def test_any_bits_can_be_read() -> None:
    rng = np.random.default_rng(0)
    for name, unit in (("ascii8", 8), ("ascii7", 7), ("huffman", 1)):
        code = find_source_code(name)
        for length in range(60):
            text = code.decode(rng.integers(0, 2, length * unit, dtype=np.uint8))
            text.encode()  # no surrogates


def test_the_table_is_a_complete_prefix_code() -> None:
    file = resources.files("lsccli").joinpath("core", "channel", "data", "huffman.json")
    lengths = json.loads(file.read_text(encoding="utf-8"))
    assert sum(2.0**-length for length in lengths.values()) == 1
    codes = sorted(canonical(lengths).values())
    assert not any(after.startswith(before) for before, after in itertools.pairwise(codes))
    assert {chr(code) for code in range(32, 127)} < set(lengths)


# The tables never change: these bits are what every store counts.
GOLDEN = {
    "ascii8": "0110010001101111011001110010110101000000",
    "ascii7": "11001001101111110011101011011000000",
    "huffman": "11100110011100111111111110000011111111111010100",
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_bits(name: str) -> None:
    assert "".join(map(str, find_source_code(name).encode("dog-@"))) == GOLDEN[name]
