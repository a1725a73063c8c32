"""No scheme beats Shannon: (1 − ε) R ≤ C + h(ε)/n, Fano's converse, for n uses of the channel."""

import math

import numpy as np
import pytest

from lsccli.core.channel.codes import code_of
from lsccli.core.channel.link import Link
from lsccli.core.channel.noise import PacketNoise
from lsccli.core.channel.settings import ChannelSettings, resolved


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
    coder, k, count = code_of(settings), 48, 384
    link = Link(settings, soft=coder.soft)
    bits = np.random.default_rng(1).integers(0, 2, (count, k), dtype=np.uint8)
    received = link.send(coder.encode(bits), [PacketNoise(2, "", trial, 1) for trial in range(count)])
    share = float((coder.decode(received, k) != bits).any(axis=1).mean())
    uses = link.symbols(coder.length(k))
    slack = 3 * math.sqrt(share * (1 - share) / count)
    assert (1 - share - slack) * k / uses <= capacity(settings) + entropy(share) / uses
