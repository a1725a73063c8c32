"""Channel codes: what they correct, what they cost, against hand-worked cases and Sionna."""

import itertools

import numpy as np
import pytest

from lsccli.core.channel.codes.base import CHANNEL_CODES, ChannelCode
from lsccli.core.channel.codes.hamming import Hamming74
from lsccli.core.channel.codes.repetition import Repetition
from lsccli.core.channel.noise import PacketNoise
from lsccli.core.channel.received import Received
from lsccli.core.channel.settings import resolved
from lsccli.core.errors import LscError
from lsccli.core.options import Settings


def find_code(name: str, rate: float | None) -> ChannelCode:
    return resolved(code=name, rate=rate).channel_coder


def seen(bits: np.ndarray) -> Received:
    """Decisions as they would arrive over a clean channel."""
    return Received(bits, np.zeros(len(bits), np.int64), np.where(bits == 1, 9.0, -9.0))


def test_hamming_corrects_any_one_error() -> None:
    code = Hamming74(Settings())
    words = np.array(list(itertools.product((0, 1), repeat=4)), np.uint8)
    coded = code.encode(words)
    distances = (coded[:, None] != coded[None]).sum(axis=2)
    assert distances[~np.eye(16, dtype=bool)].min() == 3
    for place in range(7):
        broken = coded.copy()
        broken[:, place] ^= 1
        assert (code.decode(seen(broken), 4) == words).all()
    assert (code.decode(seen(coded), 4) == words).all()


def test_hamming_mends_one_error_in_each_block() -> None:
    code = Hamming74(Settings())
    bits = np.random.default_rng(0).integers(0, 2, (30, 41), dtype=np.uint8)
    coded = code.encode(bits)
    assert coded.shape == (30, code.length(41)) == (30, 77)
    coded[:, np.arange(11) * 7 + np.arange(11) % 7] ^= 1
    assert (code.decode(seen(coded), 41) == bits).all()


def test_repetition_adds_what_it_heard() -> None:
    code = Repetition(Settings(), "3")
    assert code.encode(np.array([[0, 1]], np.uint8)).tolist() == [[0, 1, 0, 1, 0, 1]]
    ratios = np.array([[-1.0, 5.0, 0.4, -2.0, 0.5, -2.0]])
    received = Received((ratios > 0).astype(np.uint8), np.zeros(1, np.int64), ratios)
    # A majority would have read 1 and 0.
    assert code.decode(received, 2).tolist() == [[0, 1]]


@pytest.mark.parametrize("name", ["none", "repetition3", "hamming74", "polar5g", "ldpc5g"])
@pytest.mark.parametrize("k", [8, 11, 48, 200])
def test_what_is_sent_without_noise_arrives(name: str, k: int) -> None:
    settings = resolved(code=name)
    code = settings.channel_coder
    bits = np.random.default_rng(k).integers(0, 2, (70, k), dtype=np.uint8)
    coded = code.encode(bits)
    assert coded.shape == (70, code.length(k))
    received = settings.model.send(coded, [PacketNoise(0, "", 0, i) for i in range(70)], soft=True)
    assert (code.decode(received, k) == bits).all()


@pytest.mark.parametrize(
    ("name", "rate", "k", "length"),
    [("ldpc5g", 0.5, 48, 96), ("ldpc5g", 0.5, 8, 24), ("ldpc5g", 0.6, 48, 80), ("polar5g", 0.5, 48, 96),
     ("polar5g", 0.5, 8, 40), ("polar5g", 0.9, 30, 41)],
)  # fmt: skip
def test_padding_counts(name: str, rate: float, k: int, length: int) -> None:
    assert find_code(name, rate).length(k) == length


def test_a_packet_too_long_for_a_code_is_refused() -> None:
    with pytest.raises(LscError, match=r"polar5g of rate 0\.5 cannot carry 1100 bits"):
        find_code("polar5g", 0.5).length(1100)


@pytest.mark.parametrize(("name", "rate"), [("ldpc5g", 0.5), ("polar5g", 0.5), ("repetition3", None)])
def test_a_result_does_not_depend_on_its_company(name: str, rate: float | None) -> None:
    settings = resolved(channel="awgn", ebn0_db=1.0, code=name, modulation="16qam", rate=rate)
    code = find_code(name, rate)
    bits = np.random.default_rng(3).integers(0, 2, (67, 40), dtype=np.uint8)

    def through(rows: range) -> np.ndarray:
        noises = [PacketNoise(0, "", i, 1) for i in rows]
        received = settings.model.send(code.encode(bits[rows]), noises, soft=True)
        return code.decode(received, 40)

    together = through(range(67))
    assert (together != bits).any()
    for some in (range(1), range(5, 6), range(60, 67)):
        assert (through(some) == together[some.start : some.stop]).all()


def test_a_family_is_found_by_the_names_of_its_members() -> None:
    assert [CHANNEL_CODES.find(name).name for name in ("repetition2", "REPETITION99")] == ["repetitionN"] * 2
    assert find_code("Repetition12", None).nominal_rate == 1 / 12
    for name in ("repetition1", "repetition", "repetition100", "repetitionN"):
        with pytest.raises(LscError, match="repetitionN"):
            CHANNEL_CODES.find(name)
