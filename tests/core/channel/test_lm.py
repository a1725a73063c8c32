"""Arithmetic coding by the shared language model: lengths, prefix freedom, broken packets, what is sent."""

import itertools
import math
import random
from fractions import Fraction

import constriction
import numpy as np
import pytest

from lsccli.core.channel.arithmetic import Interval
from lsccli.core.channel.settings import ChannelSettings, resolved
from lsccli.core.channel.source.base import find_source_code
from lsccli.core.channel.source.lm import LanguageModel
from lsccli.core.channel.transmit import Message, Sent, send_messages
from lsccli.core.channel.vocabulary import shipped
from tests.core.channel.test_source import random_texts

WORDS = shipped("storybook").words
CAPTION = ["a", "brown", "dog", "is", "running", "on", "the", "grass"]
ORDER = [2, 4, 1, 7, 0, 3, 5, 6]


def model(*said: str) -> LanguageModel:
    found = find_source_code("lm").given(said)
    assert isinstance(found, LanguageModel)
    return found


def send(settings: ChannelSettings, trial: int = 0) -> list[Sent]:
    (row,) = send_messages([Message(CAPTION, ORDER, "ab" * 32, trial)], settings)
    assert isinstance(row, list), row
    return row


def digits(text: str, *said: str) -> str:
    return "".join(map(str, model(*said).encode(text)))


def test_packets_never_change() -> None:
    golden = {(): "110011011", ("dog",): "11000", ("a", "brown", "dog"): "11000", ("qqq",): "101101110"}
    assert {said: digits("running", *said) for said in golden} == golden
    assert digits("Zoë") == "11111100011111110100011100010001111010101101100000001001101"


@pytest.mark.parametrize("said", [(), ("the",), ("dog", "brown", "\ufffd"), tuple(CAPTION)], ids=str)
def test_round_trip_after_any_words(said: tuple[str, ...]) -> None:
    code = model(*said)
    for text in [*WORDS, *shipped("english").words[:500], *random_texts(500, 1), "\x00", "x" * 3000]:
        assert code.decode(code.encode(text)) == text


def test_a_packet_is_at_most_two_bits_longer_than_its_information() -> None:
    for said in ([], ["dog"], ["a", "red"]):
        code = model(*said)
        for word in [*WORDS, "giraffe", "naïve", ""]:
            assert 0 <= len(code.encode(word)) - code.information(word) < 2


def test_probabilities_sum_to_less_than_one_and_mostly_to_known_words() -> None:
    for said in ([], ["dog"], ["dog", "running"], ["nonsense"]):
        total = sum(2 ** -model(*said).information(word) for word in WORDS)
        # An escape has 1/64 at each character of a word.
        assert 0.85 < total < 1
        assert total + 2 ** -model(*said).information("giraffe") < 1


def test_the_words_before_make_it_likely() -> None:
    assert model("the").information("grass") < model().information("grass")
    assert model("dog", "on", "the").information("grass") < model("grass").information("grass")
    assert model("zzz").information("dog") == pytest.approx(model("yyy").information("dog"))


def test_no_packet_begins_another() -> None:
    for said in ([], ["dog"], ["a", "brown"]):
        packets = sorted(digits(word, *said) for word in [*WORDS, "giraffe", "dogs", "é", ""])
        assert not any(b.startswith(a) for a, b in itertools.pairwise(packets))


def test_whatever_follows_it_still_decodes() -> None:
    rng, code = np.random.default_rng(0), model("a")
    for word in [*WORDS, "giraffe"]:
        bits = code.encode(word)
        for tail in (np.zeros(9), np.ones(9), rng.integers(0, 2, 9)):
            assert code.decode(np.concatenate([bits, tail.astype(np.uint8)])) == word


def test_the_fewest_bits_by_hand() -> None:
    # [3/8, 5/8) holds no quarter but [3/8, 4/8) and [4/8, 5/8); [1/4, 3/4) holds two quarters, no half.
    assert Interval(3, 2, 3).digits() == (3, 3)
    assert Interval(1, 2, 2).digits() == (1, 2)
    assert Interval(0, 1, 1).digits() == (0, 1)
    rng = random.Random(1)
    for _ in range(300):
        depth = rng.randint(2, 40)
        low = rng.randrange(2**depth)
        size = rng.randint(1, 2**depth - low)
        value, count = Interval(low, size, depth).digits()

        def fits(v: int, b: int, low: int = low, size: int = size, depth: int = depth) -> bool:
            begin, end = Fraction(low, 2**depth), Fraction(low + size, 2**depth)
            return begin <= Fraction(v, 2**b) and Fraction(v + 1, 2**b) <= end

        assert fits(value, count)
        if count:
            shorter = math.ceil(Fraction(low, 2**depth) * 2 ** (count - 1))
            assert not fits(shorter, count - 1)


def test_lengths_agree_with_another_coder() -> None:
    # The same first words as one stream of a range coder: Σ −log2 p, but for its last 32-bit words.
    shares = np.array([2 ** -model().information(word) for word in WORDS])
    shares /= shares.sum()
    drawn = np.random.default_rng(3).choice(len(WORDS), 4000, p=shares).astype(np.int32)
    coder = constriction.stream.queue.RangeEncoder()
    coder.encode(drawn, constriction.stream.model.Categorical(shares, perfect=False))
    ours = sum(-math.log2(shares[i]) for i in drawn)
    assert coder.num_bits() == pytest.approx(ours, rel=1e-3, abs=64)
    packets = sum(len(model().encode(WORDS[i])) for i in drawn)
    assert ours < packets < ours + 2 * len(drawn)


def test_broken_packets_read_as_something() -> None:
    rng = np.random.default_rng(5)
    for said in ((), ("dog", "on")):
        code = model(*said)
        for _ in range(3000):
            bits = rng.integers(0, 2, rng.integers(0, 80), dtype=np.uint8)
            text = code.decode(bits)
            text.encode()
            assert len(text) <= 4 * len(bits) + 15
    assert model().decode(np.zeros(0, np.uint8)).endswith("\ufffd")
    long = np.ones(4000, np.uint8)
    assert len(model().decode(long)) < 10_000


@pytest.mark.parametrize("decoder", ["raw", "vocabulary", "language"])
@pytest.mark.parametrize("reorder", ["none", "coded"])
def test_without_errors_all_words_arrive(decoder: str, reorder: str) -> None:
    for options in ({"channel": "bsc", "ber": 0.0}, {"channel": "awgn", "ebn0_db": 40.0, "code": "ldpc5g"}):
        steps = send(resolved(**options, source_code="lm", decoder=decoder, reorder=reorder))
        assert [step.received for step in steps[1:]] == [CAPTION[i] for i in ORDER]
        said = [step.received for step in steps[1:]]
        assert [step.source_bits for step in steps[1:]] == [
            len(model(*said[:k]).encode(word)) for k, word in enumerate(said)
        ]
    assert send(resolved(source_code="lm"))[-1].prompt == "dog running brown grass a is on the"


def test_both_ends_heed_the_words_as_bob_read_them() -> None:
    settings = resolved(channel="bsc", ber=0.06, source_code="lm")
    wrong = 0
    for trial in range(30):
        said: list[str] = []
        for step in send(settings, trial)[1:]:
            assert step.source_bits == len(model(*said).encode(step.sent))
            # A packet without errors arrives, whatever went wrong before it.
            assert step.received == step.sent or step.bit_errors
            wrong += step.received != step.sent
            said.append(step.received)
    assert wrong


def test_a_dropped_packet_was_not_said() -> None:
    settings = resolved(channel="bsc", ber=0.05, source_code="lm", crc="crc6")
    dropped = 0
    for trial in range(20):
        said: list[str] = []
        for step in send(settings, trial)[1:]:
            assert step.source_bits == len(model(*said).encode(step.sent))
            dropped += not step.received
            said += [step.received] if step.received else []
    assert dropped


def test_a_message_does_not_depend_on_its_company() -> None:
    settings = resolved(channel="awgn", ebn0_db=2.0, source_code="lm", code="hamming74", decoder="vocabulary")
    messages = [Message(CAPTION, ORDER, "x", trial) for trial in range(8)]
    messages[3] = Message(["\ud800", "a"], [1, 0], "x", 3)
    together = send_messages(messages, settings)
    for number, message in enumerate(messages):
        if number != 3:
            assert send_messages([message], settings) == [together[number]]
    assert "U+D800" in str(together[3])


def test_the_vocabulary_chooses_among_words_of_the_same_length_in_context() -> None:
    settings = resolved(channel="bsc", ber=0.1, source_code="lm", decoder="vocabulary")
    said, rng = ["brown", "dog"], np.random.default_rng(2)
    code = model(*said)
    for word in ("running", "grass", "big"):
        bits = code.encode(word)
        ratios = rng.standard_normal(len(bits)) + 2.0 * bits - 1
        near = {w: code.encode(w) @ ratios for w in WORDS if len(code.encode(w)) == len(bits)}
        assert settings.reader(bits, 0, ratios, said) == max(near, key=lambda w: near[w])
    # In another context the same bits are another word.
    assert settings.reader(code.encode("running"), 0, None, ["the"]) != "running"


def test_english_words_are_candidates_too() -> None:
    english = resolved(
        channel="bsc", ber=0.1, source_code="lm", decoder="vocabulary", vocabulary=shipped("english").digest
    )
    code = model("a", "brown")
    for word in ("umbrella", "elephant", "dog"):
        bits = code.encode(word)
        places, packets = code.of_length(shipped("english"), len(bits))
        same = [w for w in shipped("english").words if len(code.encode(w)) == len(bits)]
        assert [shipped("english").words[place] for place in places] == same
        assert all((packets[row] == code.encode(w)).all() for row, w in enumerate(same))
        assert english.reader(bits, 0, np.where(bits == 1, 5.0, -5.0), ["a", "brown"]) == word


@pytest.mark.parametrize("code", ["none", "repetition3", "hamming74", "polar5g", "ldpc5g"])
def test_a_word_of_a_length_that_no_known_word_has_is_read_by_character(code: str) -> None:
    settings = resolved(source_code="lm", channel="awgn", ebn0_db=30.0, code=code, decoder="vocabulary")
    word = "naïve-日本"
    assert not len(model().of_length(shipped("storybook"), len(model().encode(word)))[0])
    (row,) = send_messages([Message([word], [0], "ab" * 32)], settings)
    assert isinstance(row, list), row
    assert row[-1].received == word
