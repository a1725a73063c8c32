"""No transmission of captions beats what reports call the symbols of a perfect code."""

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from lsccli.core.channel.settings import ChannelSettings, resolved
from lsccli.core.channel.shannon import Limit
from lsccli.core.channel.transmit import Message, send_messages
from lsccli.core.channel.vocabulary import digest_told, from_file
from lsccli.core.report.energy import limit_of
from lsccli.core.report.sent_words import SentWords

WRITTEN = [
    line.split(",", 1)[1].rstrip(" .").split()
    for line in Path("examples/storybook/captions.txt").read_text("utf-8").splitlines()[1:]
]
SMALL = {"a", "an", "the", "on", "in", "is", "of", "at", "with", "and", "under", "next", "to", "near"}
HEADS = [[word for word in words if word not in SMALL] for words in WRITTEN]
POINTS: list[dict[str, Any]] = [
    {"channel": "bsc", "ber": 0.5},
    {"channel": "bsc", "ber": 0.1},
    *({"channel": "awgn", "ebn0_db": float(db)} for db in (-60, -10, -4, 3)),
    *({"channel": "rayleigh", "ebn0_db": float(db), "modulation": "qpsk"} for db in (-60, 0, 20)),
]


def sent_over(settings: ChannelSettings, captions: Sequence[Sequence[str]]) -> tuple[SentWords, Limit]:
    messages = [Message(words, range(len(words)), "", trial) for trial, words in enumerate(captions)]
    steps = [step for row in send_messages(messages, settings) if isinstance(row, list) for step in row[1:]]
    sent = SentWords(
        Counter(itertools.chain(*captions)),
        right=sum(step.received == step.sent for step in steps),
        symbols=sum(step.symbols for step in steps),
        together=max(map(len, captions)),
    )
    found = limit_of(settings, sent)
    assert found is not None
    return sent, found


def assert_not_beaten(settings: ChannelSettings, sent: SentWords, own: Limit) -> None:
    assert own.perfect_symbols is not None, settings
    assert own.perfect_symbols <= sent.symbols / sent.total, settings
    assert own.excess_db is None or own.excess_db >= 0, settings


@pytest.mark.parametrize("framing", ["ideal", "fixed", "coded"])
@pytest.mark.parametrize("source", ["ascii8", "huffman"])
@pytest.mark.parametrize("decoder", ["raw", "vocabulary"])
def test_no_caption_takes_less_than_a_perfect_code(framing: str, source: str, decoder: str) -> None:
    near = math.inf
    for number, point in enumerate(POINTS):
        settings = resolved(**point, framing=framing, source_code=source, decoder=decoder)
        # The words as they are written, and without the small ones, which Bob thinks the most frequent.
        sent, own = sent_over(settings, (WRITTEN, HEADS)[number % 2][:8])
        assert_not_beaten(settings, sent, own)
        near = min(near, own.excess_db or math.inf)
    # The limit is near enough to mean something.
    assert decoder == "raw" or framing == "coded" or near < 30


@pytest.mark.parametrize("words", [["c"] * 9 + ["a"], ["a"] * 9 + ["c"], ["a", "c"] * 5])
def test_words_of_other_frequencies_than_bob_expects(words: list[str], tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("a 1\nc 1\n", encoding="utf-8")
    points = [
        *({"channel": "bsc", "ber": ber} for ber in (0.1, 0.45, 0.5)),
        *({"channel": "awgn", "esn0_db": float(db)} for db in (-40, -20, -10, 0, 10)),
    ]
    for point, seed in itertools.product(points, range(2)):
        settings = resolved(**point, decoder="vocabulary", seed=seed)
        settings = settings.knowing(digest_told(from_file(file)), str(file))
        sent, own = sent_over(settings, [words] * 40)
        assert_not_beaten(settings, sent, own)


def test_there_is_no_limit_where_words_before_may_help() -> None:
    sent = SentWords({"dog": 1, "a": 1}, right=1, symbols=32)
    for link in ({"decoder": "language"}, {"source_code": "lm"}):
        assert limit_of(resolved(channel="bsc", ber=0.1, **link), sent) is None
