"""Channel codes and checks: what they correct, what they cost, against hand-worked cases and Sionna."""

import itertools

import numpy as np
import pytest

from lsccli.core.channel import crc
from lsccli.core.channel.codes import Hamming74, Repetition, find_code
from lsccli.core.channel.link import Link, Received
from lsccli.core.channel.modulation import modem
from lsccli.core.channel.noise import PacketNoise
from lsccli.core.channel.settings import MODULATIONS, resolved
from lsccli.core.errors import LscError


def seen(bits: np.ndarray) -> Received:
    """Decisions as they would arrive over a clean channel."""
    return Received(bits, np.zeros(len(bits), np.int64), np.where(bits == 1, 9.0, -9.0))


def test_hamming_corrects_any_one_error() -> None:
    code = Hamming74()
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
    code = Hamming74()
    bits = np.random.default_rng(0).integers(0, 2, (30, 41), dtype=np.uint8)
    coded = code.encode(bits)
    assert coded.shape == (30, code.length(41)) == (30, 77)
    coded[:, np.arange(11) * 7 + np.arange(11) % 7] ^= 1
    assert (code.decode(seen(coded), 41) == bits).all()


def test_repetition_adds_what_it_heard() -> None:
    code = Repetition(3)
    assert code.encode(np.array([[0, 1]], np.uint8)).tolist() == [[0, 1, 0, 1, 0, 1]]
    ratios = np.array([[-1.0, 5.0, 0.4, -2.0, 0.5, -2.0]])
    received = Received((ratios > 0).astype(np.uint8), np.zeros(1, np.int64), ratios)
    # A majority would have read 1 and 0.
    assert code.decode(received, 2).tolist() == [[0, 1]]


@pytest.mark.parametrize("name", ["none", "repetition3", "hamming74", "polar5g", "ldpc5g"])
@pytest.mark.parametrize("k", [8, 11, 48, 200])
def test_what_is_sent_without_noise_arrives(name: str, k: int) -> None:
    settings = resolved(code=name)
    code = find_code(settings.code, settings.rate)
    bits = np.random.default_rng(k).integers(0, 2, (70, k), dtype=np.uint8)
    coded = code.encode(bits)
    assert coded.shape == (70, code.length(k))
    link = Link(settings, soft=True)
    received = link.send(coded, [PacketNoise(0, "", 0, i) for i in range(70)])
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
    code, link = find_code(name, rate), Link(settings, soft=True)
    bits = np.random.default_rng(3).integers(0, 2, (67, 40), dtype=np.uint8)

    def through(rows: range) -> np.ndarray:
        received = link.send(code.encode(bits[rows]), [PacketNoise(0, "", i, 1) for i in rows])
        return code.decode(received, 40)

    together = through(range(67))
    assert (together != bits).any()
    for some in (range(1), range(5, 6), range(60, 67)):
        assert (through(some) == together[some.start : some.stop]).all()


@pytest.mark.parametrize("name", ["crc6", "crc11", "crc16", "crc24a"])
def test_checks_are_those_of_sionna_and_find_errors(name: str) -> None:
    import torch
    from sionna.phy.fec import CRCEncoder

    bits = np.random.default_rng(1).integers(0, 2, (20, 53), dtype=np.uint8)
    checked = crc.attach(bits, name)
    theirs = CRCEncoder(name.upper(), device="cpu")(torch.from_numpy(bits.astype(np.float32))).numpy()
    assert (checked == theirs).all()
    assert crc.holds(checked, name).all()
    for place in range(checked.shape[1]):
        broken = checked.copy()
        broken[:, place] ^= 1
        assert not crc.holds(broken, name).any()


@pytest.mark.parametrize(("modulation", "bits"), MODULATIONS.items())
def test_labels_are_gray_and_energy_is_one(modulation: str, bits: int) -> None:
    labels = np.array(list(itertools.product((0, 1), repeat=bits)), np.uint8)
    points = modem(modulation).symbols(labels)[:, 0]
    assert np.mean(np.abs(points) ** 2) == pytest.approx(1)
    assert (modem(modulation).nearest(points[:, None]) == labels).all()
    distance = np.abs(points[:, None] - points[None])
    neighbours = np.isclose(distance, distance[distance > 0].min())
    assert ((labels[:, None] != labels[None]).sum(axis=2)[neighbours] == 1).all()


@pytest.mark.parametrize("modulation", MODULATIONS)
def test_decisions_are_those_of_sionna(modulation: str) -> None:
    import torch
    from sionna.phy.mapping import Demapper

    bits = MODULATIONS[modulation]
    how = {"hard_out": True, "precision": "double", "device": "cpu"}
    demapper = Demapper("maxlog", "pam" if bits == 1 else "qam", bits, **how)
    rng = np.random.default_rng(2)
    y = rng.standard_normal((3, 500)) + 1j * rng.standard_normal((3, 500))
    theirs = demapper(torch.from_numpy(y), torch.ones(1, dtype=torch.float64)).numpy()
    assert (modem(modulation).nearest(y) == theirs).all()


def test_ratios_of_bpsk_and_qpsk() -> None:
    # ln P(1)/P(0) = −4 a Re(y) / N0 where 0 is +a on that axis: a = 1, and √½ for QPSK.
    y = np.array([[0.3 + 0.1j, -0.7 - 0.2j]])
    noise = np.array([[0.5, 2.0]])
    assert modem("bpsk").ratios(y, noise) == pytest.approx(-4 * y.real / noise)
    expected = -4 * np.sqrt(0.5) * np.stack([y.real, y.imag], axis=2) / noise[..., None]
    assert modem("qpsk").ratios(y, noise) == pytest.approx(expected.reshape(1, 4))
