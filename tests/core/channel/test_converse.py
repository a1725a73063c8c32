"""No scheme beats Shannon: (1 − ε) R ≤ C + h(ε)/n, Fano's converse, for n uses of the channel."""

import math

import numpy as np
import pytest

from lsccli.core.channel.noise import PacketNoise
from lsccli.core.channel.settings import ChannelSettings, resolved
from lsccli.core.channel.source.base import find_source_code
from lsccli.core.channel.source.lm import LanguageModel
from lsccli.core.channel.transmit import Message, send_messages
from lsccli.core.channel.vocabulary import shipped


def entropy(p: float) -> float:
    """Binary entropy in bits."""
    return 0.0 if p in (0, 1) else -p * math.log2(p) - (1 - p) * math.log2(1 - p)


def capacity(settings: ChannelSettings) -> float:
    """Bits per use: 1 − h(p), or log2(1 + Es/N0) per complex and ½ log2(1 + 2 Es/N0) per real symbol."""
    if settings.channel == "bsc":
        return 1 - entropy(settings.ber or 0.0)
    if settings.modulation == "bpsk":
        return 0.5 * math.log2(1 + 2 * settings.es_n0)
    return math.log2(1 + settings.es_n0)


@pytest.mark.parametrize("code", ["none", "repetition3", "hamming74", "polar5g", "ldpc5g"])
@pytest.mark.parametrize(
    "options",
    [
        {"channel": "bsc", "ber": 0.11},
        {"channel": "bsc", "ber": 0.02},
        {"channel": "awgn", "modulation": "bpsk", "esn0_db": -4.0},
        {"channel": "awgn", "modulation": "bpsk", "esn0_db": 2.0},
        {"channel": "awgn", "modulation": "16qam", "esn0_db": 5.0},
    ],
    ids=str,
)
def test_no_scheme_beats_the_converse(code: str, options: dict[str, object]) -> None:
    settings = resolved(code=code, **options)
    coder, k, count = settings.channel_coder, 48, 384
    bits = np.random.default_rng(1).integers(0, 2, (count, k), dtype=np.uint8)
    noises = [PacketNoise(2, "", trial, 1) for trial in range(count)]
    received = settings.model.send(coder.encode(bits), noises, soft=coder.soft)
    share = float((coder.decode(received, k) != bits).any(axis=1).mean())
    uses = settings.model.symbols(coder.length(k))
    slack = 3 * math.sqrt(share * (1 - share) / count)
    assert (1 - share - slack) * k / uses <= capacity(settings) + entropy(share) / uses


@pytest.mark.parametrize("source", ["ascii8", "huffman", "lm"])
@pytest.mark.parametrize("decoder", ["raw", "vocabulary"])
@pytest.mark.parametrize(
    "options",
    [
        {"channel": "bsc", "ber": 0.3},
        {"channel": "bsc", "ber": 0.11},
        {"channel": "bsc", "ber": 0.04, "code": "hamming74"},
        {"channel": "awgn", "modulation": "bpsk", "esn0_db": -8.0},
        {"channel": "awgn", "modulation": "bpsk", "esn0_db": 0.0, "crc": "crc6"},
        {"channel": "awgn", "modulation": "bpsk", "esn0_db": 0.0, "formula": True},
        {"channel": "awgn", "modulation": "qpsk", "esn0_db": 2.0, "code": "repetition3"},
    ],
    ids=str,
)
def test_no_source_code_beats_the_converse(source: str, decoder: str, options: dict[str, object]) -> None:
    # W uniform on V words; Y is what arrives, L the number of bits of the word, which Bob is told for free:
    # (1 − ε) log2 V ≤ I(W; Y, L) + h(ε) ≤ H(L) + E[n] C + h(ε), for E[n] uses in the mean.
    settings = resolved(source_code=source, decoder=decoder, **options)
    words = shipped("storybook").words
    messages = [Message([word], [0], "", trial) for trial in range(3) for word in words]
    rows = send_messages(messages, settings)
    steps = [row[1] for row in rows if isinstance(row, list)]
    assert len(steps) == len(messages)
    wrong = float(np.mean([step.received != step.sent for step in steps]))
    _, counts = np.unique([step.source_bits for step in steps], return_counts=True)
    told = -float(np.sum(counts / len(steps) * np.log2(counts / len(steps))))
    uses = float(np.mean([step.symbols for step in steps]))
    slack = 3 * math.sqrt(wrong * (1 - wrong) / len(steps))
    assert (1 - wrong - slack) * math.log2(len(words)) <= told + uses * capacity(settings) + entropy(wrong)


def test_a_source_code_cannot_cost_less_than_the_entropy() -> None:
    # Σ P(w) bits(w) ≥ H(W), and less than two bits more, for words drawn as the model has them.
    code = find_source_code("lm")
    assert isinstance(code, LanguageModel)
    for said in ((), ("a",), ("red", "dog")):
        model = code.given(said)
        shares = np.array([2 ** -model.information(word) for word in shipped("storybook").words])
        shares /= shares.sum()
        bits = sum(
            share * len(model.encode(word))
            for share, word in zip(shares, shipped("storybook").words, strict=True)
        )
        own = -float(np.sum(shares * np.log2(shares)))
        assert own <= bits < own + 2.5
