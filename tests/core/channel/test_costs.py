"""What captions cost, against hand-made sums; and how far one wrong bit spreads."""

import math
import random
import zlib

import pytest

from lsccli.core.channel.costs import coded_bits, costs, model_bits, spread, zlib_bits
from lsccli.core.channel.link import names_of
from lsccli.core.channel.settings import resolved
from lsccli.core.channel.source.base import find_source_code
from lsccli.core.channel.transmit import Message, send_messages
from lsccli.core.errors import LscError

CAPTIONS = [
    ["a", "brown", "dog", "is", "running", "on", "the", "grass"],
    ["a", "big", "black", "bike", "by", "a", "green", "duck", "in", "the", "desert"],
    ["an", "ivory", "blimp", "drifting", "over", "the", "street"],
]


def test_bits_of_a_caption_by_hand() -> None:
    caption = ["a", "dog"]
    assert coded_bits(caption, "ascii8") == 8 * len("a dog")
    assert coded_bits(caption, "ascii7") == 7 * len("a dog")
    huffman = find_source_code("huffman")
    assert coded_bits(caption, "huffman") == len(huffman.encode("a dog"))
    lm = find_source_code("lm")
    assert coded_bits(caption, "lm") == len(lm.encode("a")) + len(lm.given(["a"]).encode("dog"))
    assert zlib_bits(caption) == 8 * len(zlib.compress(b"a dog", 9))


@pytest.mark.parametrize("name", names_of("source_code"))
def test_bits_are_those_of_a_transmission(name: str) -> None:
    for caption in CAPTIONS:
        (row,) = send_messages([Message(caption, range(len(caption)))], resolved(source_code=name))
        assert isinstance(row, list)
        assert sum(step.source_bits for step in row) == coded_bits(caption, name)


def test_arithmetic_coding_is_within_two_bits_a_word_of_the_model() -> None:
    for caption in CAPTIONS:
        assert model_bits(caption) <= coded_bits(caption, "lm") < model_bits(caption) + 2 * len(caption)


def test_the_model_is_a_distribution_over_captions() -> None:
    # By Kraft and Gibbs: words drawn from another distribution cannot cost less than their entropy.
    rng = random.Random(0)
    words = sorted({word for caption in CAPTIONS for word in caption})
    drawn = [[rng.choice(words)] for _ in range(500)]
    assert sum(map(model_bits, drawn)) / 500 > math.log2(len(words))
    assert model_bits(CAPTIONS[0]) < model_bits(sorted(CAPTIONS[0]))


@pytest.mark.parametrize("name", ["ascii8", "ascii7", "huffman"])
def test_one_bit_breaks_its_own_word(name: str) -> None:
    for feedback in (True, False):
        wrong, flips = spread(CAPTIONS[0], name, feedback=feedback)
        assert wrong == flips == sum(len(find_source_code(name).encode(word)) for word in CAPTIONS[0])


def test_without_feedback_one_bit_breaks_later_words() -> None:
    for caption in CAPTIONS:
        wrong, flips = spread(caption, "lm", feedback=True)
        # A packet's last bit or so may not matter; no later word is touched.
        assert 0.7 * flips < wrong <= flips
        blind, same = spread(caption, "lm", feedback=False)
        assert same == flips
        assert 2 * flips < blind < len(caption) * flips
    assert spread(["dog"], "lm", feedback=True) == spread(["dog"], "lm", feedback=False)


def test_costs_in_the_mean() -> None:
    found = {cost.code: cost for cost in costs(CAPTIONS)}
    assert list(found) == [*names_of("source_code"), "zlib", "-log2 p"]
    assert found["ascii8"].bits == 8 * sum(len(" ".join(caption)) for caption in CAPTIONS) / 3
    assert found["ascii8"].per_word == pytest.approx(found["ascii8"].bits * 3 / 26)
    assert found["-log2 p"].bits == pytest.approx(sum(map(model_bits, CAPTIONS)) / 3)
    assert found["-log2 p"].bits < found["lm"].bits < found["huffman"].bits < found["ascii7"].bits
    assert found["huffman"].spread == 1
    assert found["zlib"].spread is None
    odd = {cost.code: cost for cost in costs([["café"]])}
    assert odd["ascii7"].bits is None
    assert odd["ascii8"].bits == 40
    with pytest.raises(LscError, match="no word to code"):
        costs([[]])
