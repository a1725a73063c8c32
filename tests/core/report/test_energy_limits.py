"""No transmission of captions beats what reports call the symbols of a perfect code."""

import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from lsccli.core.channel.settings import resolved
from lsccli.core.channel.shannon import limit
from lsccli.core.channel.transmit import Message, send_messages
from lsccli.core.report.sent_words import SentWords, expected, helped

CAPTIONS = [
    line.split(",", 1)[1].rstrip(" .").split()
    for line in Path("examples/storybook/captions.txt").read_text("utf-8").splitlines()[1:9]
]
POINTS: list[dict[str, Any]] = [
    {"channel": "bsc", "ber": 0.5},
    {"channel": "bsc", "ber": 0.1},
    *({"channel": "awgn", "ebn0_db": float(db)} for db in (-60, -10, -4, 3)),
    *({"channel": "rayleigh", "ebn0_db": float(db), "modulation": "qpsk"} for db in (-60, 0, 20)),
]


@pytest.mark.parametrize("framing", ["ideal", "fixed", "coded"])
@pytest.mark.parametrize("source", ["ascii8", "huffman", "lm"])
@pytest.mark.parametrize("decoder", ["raw", "vocabulary", "language"])
def test_no_caption_takes_less_than_a_perfect_code(framing: str, source: str, decoder: str) -> None:
    messages = [Message(words, range(len(words)), "", trial) for trial, words in enumerate(CAPTIONS)]
    sent = SentWords(Counter(itertools.chain(*CAPTIONS)), [tuple(words) for words in CAPTIONS])
    for point in POINTS:
        settings = resolved(**point, framing=framing, source_code=source, decoder=decoder)
        rows = send_messages(messages, settings)
        steps = [step for row in rows if isinstance(row, list) for step in row[1:]]
        wrong = sum(step.received != step.sent for step in steps) / len(steps)
        symbols = sum(step.symbols for step in steps) / len(steps)
        known, guessed = expected(settings, sent)
        own = limit(settings, known, wrong, guessed, len(steps), symbols, helped(settings, sent))
        if own.perfect_symbols is None:
            assert own.needed == 0, settings
        else:
            assert own.perfect_symbols <= symbols, settings
        assert own.excess_db is None or own.excess_db >= 0, settings
