"""Words over the channel: what is counted, what is repeatable, what Bob reads."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from lsccli.core.channel import rates
from lsccli.core.channel.noise import PacketNoise
from lsccli.core.channel.settings import ChannelSettings, resolved
from lsccli.core.channel.source.base import find_source_code
from lsccli.core.channel.transmit import Message, Sent, send_messages
from lsccli.core.channel.vocabulary import shipped
from lsccli.core.errors import LscError

CAPTION = ["a", "brown", "dog", "is", "running", "on", "the", "grass"]
ORDER = [2, 4, 1, 7, 0, 3, 5, 6]
MESSAGE = Message(CAPTION, ORDER, "ab" * 32, 0)


def sent(settings: ChannelSettings, message: Message = MESSAGE) -> list[Sent]:
    (outcome,) = send_messages([message], settings)
    assert isinstance(outcome, list), outcome
    return outcome


def heard(steps: list[Sent]) -> str:
    return " ".join(step.received for step in steps[1:])


def test_the_ideal_channel_counts_and_corrupts_nothing() -> None:
    steps = sent(resolved())
    assert steps[0] == Sent("", "", 0, 0, 0, 0, 0, "")
    assert steps[1] == Sent("dog", "dog", 24, 24, 24, 0, 1, "dog")
    assert steps[2] == Sent("running", "running", 64, 64, 64, 0, 1, "dog running")
    coded = sent(resolved(reorder="coded"))
    assert coded[2] == Sent("running", "running", 64, 70, 70, 0, 1, "dog running")
    assert coded[-1].prompt == sent(resolved(reorder="free"))[-1].prompt == " ".join(CAPTION)


@pytest.mark.parametrize(
    ("options", "bits", "symbols"),
    [
        ({"modulation": "bpsk"}, 64, 64),
        ({"modulation": "64qam"}, 66, 11),
        ({"modulation": "16qam", "code": "hamming74"}, 112, 28),
        ({"modulation": "qpsk", "code": "repetition3"}, 192, 96),
        ({"modulation": "qpsk", "code": "ldpc5g", "crc": "crc16"}, 160, 80),
        ({"modulation": "qpsk", "code": "ldpc5g", "crc": "crc16", "reorder": "coded"}, 172, 86),
        ({"modulation": "256qam", "code": "polar5g", "rate": 0.8}, 80, 10),
    ],
)
def test_bits_and_symbols_of_a_word_of_64_bits(options: dict[str, object], bits: int, symbols: int) -> None:
    step = sent(resolved(channel="awgn", esn0_db=60.0, **options))[2]
    assert (step.source_bits, step.channel_bits, step.symbols, step.rounds) == (64, bits, symbols, 1)
    assert (step.received, step.bit_errors) == ("running", 0)


POINT = {"channel": "awgn", "ebn0_db": 2.0, "modulation": "16qam"}
# Bit for bit: what each code makes of the same words and noise.
GOLDEN: dict[str, tuple[dict[str, object], str, int]] = {
    "none": (
        POINT,
        "%gw ruonine bs}gl gba{a A mc )o whE",
        25,
    ),
    "bsc": (
        {"channel": "bsc", "ber": 0.03},
        "Dog \ufffden.ing broun grass a is oj |he",
        8,
    ),
    "formula": (
        {"channel": "awgn", "ebn0_db": 2.0, "formula": True},
        "DOg \ufffden.ing broun grass a is oj |he",
        9,
    ),
    "block": (
        {"channel": "rayleigh", "ebn0_db": 6.0, "modulation": "qpsk"},
        "\ufffd\ufffd% running brown grass m )s on the",
        9,
    ),
    "fast": (
        {"channel": "rayleigh", "ebn0_db": 6.0, "fading": "fast"},
        "\ufffdog runoin' Rrkwf grasS \ufffd ic o\ufffd the",
        12,
    ),
    "huffman": (
        {**POINT, "source_code": "huffman"},
        "rll\ufffd runninu brow\ufffd asaai\ufffd \ufffd ia\ufffd on the",
        13,
    ),
    "ascii7": (
        {**POINT, "source_code": "ascii7"},
        'D-e running "r/g& gbaSp h aS n. vHe',
        21,
    ),
    "repetition3": (
        {**POINT, "code": "repetition3"},
        "Eow ruonhng bs\ufffdvl erasc a ys mD uig",
        19,
    ),
    "hamming74": (
        {**POINT, "code": "hamming74"},
        "dbg runoi^\ufffd b{\ufffdGn gw\ufffdss d i\ufffd \ufffdk \ufffdhg",
        31,
    ),
    "polar5g": (
        {"channel": "awgn", "ebn0_db": 1.0, "code": "polar5g"},
        "W\\W running brown grass ! iu @\ufffd the",
        25,
    ),
    "ldpc5g": (
        {"channel": "awgn", "ebn0_db": 1.0, "code": "ldpc5g"},
        "dog running fr\ufffd\ufffdn #r\ufffd\ufffds \ufffd is \ufffd| the",
        15,
    ),
    "crc": (
        {**POINT, "crc": "crc11", "arq": 2},
        "       ",
        20,
    ),
    "vocabulary": (
        {**POINT, "decoder": "vocabulary"},
        "dog running brown grass a is in the",
        25,
    ),
    "coded": (
        {**POINT, "reorder": "coded"},
        "$+o runnmn\ufffd bt}w& Gra\ufffd\ufffd a -w \ufffdn 4HA",
        29,
    ),
}


@pytest.mark.parametrize(("options", "words", "errors"), GOLDEN.values(), ids=GOLDEN)
def test_golden_transmissions(options: dict[str, object], words: str, errors: int) -> None:
    steps = sent(resolved(**options))
    assert (heard(steps), sum(step.bit_errors for step in steps)) == (words, errors)


def test_the_same_noise_under_every_order() -> None:
    # Packet k meets the same noise, whichever word it carries: flips of a word of equal length are the same.
    settings = resolved(channel="bsc", ber=0.1)
    ones = [send_messages([Message([word] * 6, order, "cd", 3)], settings)[0] for word, order in
            (("aaaa", [0, 1, 2, 3, 4, 5]), ("zzzz", [5, 4, 3, 2, 1, 0]))]  # fmt: skip
    for first, second in zip(*ones, strict=True):
        assert first.bit_errors == second.bit_errors
        flips = [
            [ord(a) ^ ord(b) for a, b in zip(step.sent, step.received, strict=False)]
            for step in (first, second)
        ]
        if "\ufffd" not in first.received + second.received:
            assert flips[0] == flips[1]


def test_alone_and_in_company_the_same() -> None:
    settings = resolved(channel="rayleigh", ebn0_db=9.0, modulation="16qam", source_code="huffman")
    others = [Message(CAPTION, ORDER[::-1], "ef", trial) for trial in range(5)]
    together = send_messages([*others, MESSAGE], settings)[-1]
    assert together == sent(settings)
    # A caption that is sent only in part meets the same noise.
    part = sent(settings, dataclasses.replace(MESSAGE, order=ORDER[:3]))
    assert part == sent(settings)[:4]


def test_a_better_channel_breaks_a_subset() -> None:
    # Common random numbers: a bit that survives a bad point survives a better one (BPSK, no code).
    wrong = None
    for ber in (0.2, 0.1, 0.05, 0.01):
        uniform = PacketNoise(0, "x", 0, 1).uniform(4000) < ber
        assert wrong is None or not (uniform & ~wrong).any()
        wrong = uniform
    errors = [
        sum(step.bit_errors for step in sent(resolved(channel="awgn", ebn0_db=float(db))))
        for db in range(-4, 12, 2)
    ]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 20
    assert errors[-1] == 0


def test_trials_images_and_seeds_have_noise_of_their_own() -> None:
    settings = resolved(channel="bsc", ber=0.05)
    base = heard(sent(settings))
    assert heard(sent(settings, dataclasses.replace(MESSAGE, trial=1))) != base
    assert heard(sent(settings, dataclasses.replace(MESSAGE, image="00"))) != base
    assert heard(sent(resolved(channel="bsc", ber=0.05, seed=1))) != base
    assert heard(sent(settings)) == base


def test_unprintable_characters_are_replaced() -> None:
    settings = resolved(channel="bsc", ber=0.2)
    received = "".join(heard(sent(settings, dataclasses.replace(MESSAGE, trial=n))) for n in range(30))
    assert "\ufffd" in received
    assert received.isprintable()


def test_a_failed_check_is_sent_again_and_then_dropped() -> None:
    noisy = {"channel": "awgn", "ebn0_db": 3.0, "crc": "crc16"}
    once = [sent(resolved(**noisy), Message(CAPTION, ORDER, "x", trial)) for trial in range(10)]
    again = [sent(resolved(**noisy, arq=20), Message(CAPTION, ORDER, "x", trial)) for trial in range(10)]
    dropped = [step for steps in once for step in steps[1:] if not step.received]
    assert dropped
    assert all(step.received in ("", step.sent) for steps in once for step in steps)
    assert all(step.bit_errors == 0 for steps in once for step in steps if step.received)
    assert all(step.received == step.sent for steps in again for step in steps)
    for first, later in zip(once, again, strict=True):
        for one, more in zip(first[1:], later[1:], strict=True):
            assert (more.rounds == 1) == bool(one.received)
            assert more.channel_bits == more.rounds * one.channel_bits
            assert more.symbols == more.rounds * one.symbols
        words = [step.received for step in first[1:] if step.received]
        assert first[-1].prompt == " ".join(words)


def test_a_coded_position_is_exposed_to_errors() -> None:
    settings = resolved(channel="bsc", ber=0.08, reorder="coded", decoder="vocabulary")
    free = resolved(channel="bsc", ber=0.0, reorder="free")
    prompts = [sent(settings, Message(CAPTION, ORDER, "x", trial))[-1].prompt for trial in range(5)]
    assert any(sorted(prompt.split()) == sorted(CAPTION) and prompt.split() != CAPTION for prompt in prompts)
    assert sent(free)[-1].prompt == " ".join(CAPTION)


def test_the_space_is_counted_and_never_corrupted() -> None:
    # At ber 1/2 nothing is left of a word; with one bit word errors count only that bit and the position.
    steps = sent(resolved(channel="bsc", ber=0.5))
    sizes = [len(step.sent.encode()) * 8 for step in steps]
    assert all(step.bit_errors <= size for step, size in zip(steps, sizes, strict=True))
    assert [step.source_bits for step in steps[2:]] == [size + 8 for size in sizes[2:]]


def test_what_cannot_be_sent_fails_alone() -> None:
    outcomes = send_messages([MESSAGE, Message(["café"], [0]), MESSAGE], resolved(source_code="ascii7"))
    assert isinstance(outcomes[0], list)
    assert outcomes[0] == outcomes[2]
    assert "ascii7 has no code for 'é', U+00E9" in str(outcomes[1])
    long = send_messages([Message(["x" * 200, "a"], [1, 0]), MESSAGE], resolved(code="polar5g"))
    assert isinstance(long[0], LscError)
    assert "cannot carry" in str(long[0])
    assert isinstance(long[1], list)
    many = send_messages([Message(["a"] * 65, range(65))], resolved(reorder="coded"))
    assert "numbers 64 words" in str(many[0])


def test_the_vocabulary_reads_what_raw_characters_lose() -> None:
    point = {"channel": "awgn", "ebn0_db": 3.0}
    raw = rates.measure(resolved(**point), 400)
    known = rates.measure(resolved(**point, decoder="vocabulary"), 400)
    assert known.bits == raw.bits
    assert known.words.simulated < raw.words.simulated / 5


def test_the_vocabulary_is_the_likeliest_word_by_hand() -> None:
    # Over a binary symmetric channel the likeliest word is the one with the fewest other bits.
    steps, raw = (
        [
            step
            for trial in range(20)
            for step in sent(
                resolved(channel="bsc", ber=0.15, decoder=decoder), dataclasses.replace(MESSAGE, trial=trial)
            )
        ]
        for decoder in ("vocabulary", "raw")
    )
    checked = 0
    for step, plain in zip(steps, raw, strict=True):
        if not plain.received.isascii() or not step.sent:
            continue
        bits = np.unpackbits(np.frombuffer(plain.received.encode(), np.uint8))
        near = {
            word: int((np.unpackbits(np.frombuffer(word.encode(), np.uint8)) != bits).sum())
            for word in shipped("storybook").words
            if len(word) == len(plain.received)
        }
        assert near[step.received] == min(near.values())
        checked += 1
    assert checked > 20


def test_a_word_of_no_known_length_is_read_raw() -> None:
    settings = resolved(channel="bsc", ber=0.0, decoder="vocabulary")
    assert heard(sent(settings, Message(["extraordinarily"], [0]))) == "extraordinarily"


def test_without_a_signal_the_prior_decides() -> None:
    # Nothing is heard at -60 dB; the most frequent words of one, three and five letters are these.
    settings = resolved(channel="awgn", esn0_db=-60.0, decoder="language")
    for word in ("x", "dog", "brown"):
        read = heard(sent(settings, Message([word], [0])))
        known = [other for other in shipped("storybook").words if len(other) == len(word)]
        assert read == known[0]


def test_the_words_before_help() -> None:
    point = {"channel": "awgn", "ebn0_db": -1.0}

    def wrong(decoder: str) -> int:
        settings = resolved(**point, decoder=decoder)
        messages = [dataclasses.replace(MESSAGE, trial=trial) for trial in range(60)]
        steps = [step for row in send_messages(messages, settings) for step in row]  # type: ignore[union-attr]
        return sum(step.received != step.sent for step in steps)

    assert wrong("language") < wrong("vocabulary") < wrong("raw")


def test_the_prior_by_hand() -> None:
    settings = resolved(channel="bsc", ber=0.1, decoder="language")
    read = settings.reader
    words = list(shipped("storybook").words)
    counts = np.array(list(shipped("storybook").counts.values()), float)
    with open(Path(rates.__file__).parent / "data" / "pairs.npy", "rb") as stream:
        pairs = np.load(stream)
    assert (pairs == pairs.T).all()
    coder = find_source_code("ascii8")
    bits = coder.encode("dog")
    bits[-1] ^= 1  # "dof", one bit from "dog", further from all others
    ratios = np.where(bits == 1, 1.0, -1.0) * np.log(0.9 / 0.1)
    said = ["red", "qqq", "grass"]

    def score(word: str) -> float:
        given = [
            (pairs[words.index(h), words.index(word)] + 20 * counts[words.index(word)] / counts.sum())
            / (pairs[words.index(h)].sum() + 20)
            for h in ("red", "grass")
        ]
        return float(coder.encode(word) @ ratios + np.log(np.mean(given)))

    best = max((word for word in words if len(word) == 3), key=score)
    assert read(bits, 0, ratios, said) == best
