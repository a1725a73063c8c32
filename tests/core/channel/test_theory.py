"""Simulated error rates against closed forms, and closed forms against integrals and known values."""

import math

import numpy as np
import pytest

from lsccli.core.channel.modulation import MODULATIONS
from lsccli.core.channel.noise import PacketNoise
from lsccli.core.channel.settings import resolved
from lsccli.core.channel.theory import bit_error_rate, symbol_error_rate

BITS, PACKETS = 9600, 105  # 1 008 000 bits
Z99 = 2.5758


def simulated(packets: int = PACKETS, **options: object) -> tuple[np.ndarray, np.ndarray, object]:
    """Bit and symbol error rates of each packet."""
    settings = resolved(**options)
    bits = np.random.default_rng(1).integers(0, 2, (packets, BITS), dtype=np.uint8)
    noises = [PacketNoise(1, "image", trial, 1) for trial in range(packets)]
    received = settings.model.send(bits, noises, soft=False)
    return (
        (received.bits != bits).mean(axis=1),
        received.symbol_errors / settings.model.symbols(BITS),
        settings,
    )


def assert_within_99(rates: np.ndarray, expected: float) -> None:
    margin = Z99 * rates.std(ddof=1) / math.sqrt(len(rates))
    assert abs(rates.mean() - expected) <= margin, (rates.mean(), expected, margin)


POINTS = {
    "bpsk": (0, 4, 7),
    "qpsk": (0, 4, 7),
    "16qam": (2, 6, 10),
    "64qam": (2, 8, 13),
    "256qam": (4, 10, 17),
}


@pytest.mark.parametrize("channel", ["awgn", "rayleigh"])
@pytest.mark.parametrize(("modulation", "ebn0"), [(m, p) for m, points in POINTS.items() for p in points])
def test_simulated_rates_meet_the_closed_forms(channel: str, modulation: str, ebn0: float) -> None:
    fading = {"fading": "fast"} if channel == "rayleigh" else {}
    # Of many intervals of 99 % some miss; with seeds that never change, none does that did not before.
    bits, symbols, settings = simulated(channel=channel, modulation=modulation, ebn0_db=float(ebn0), **fading)
    assert bits.size * BITS >= 10**6
    assert_within_99(bits, bit_error_rate(modulation, settings.es_n0, fading=channel == "rayleigh"))
    assert_within_99(symbols, symbol_error_rate(modulation, settings.es_n0, fading=channel == "rayleigh"))


def test_a_block_fade_has_the_same_mean_and_a_wider_spread() -> None:
    fast, _, settings = simulated(200, channel="rayleigh", modulation="qpsk", ebn0_db=8.0, fading="fast")
    block, _, _ = simulated(200, channel="rayleigh", modulation="qpsk", ebn0_db=8.0, fading="block")
    assert_within_99(block, bit_error_rate("qpsk", settings.es_n0, fading=True))
    assert block.std() > 10 * fast.std()


def test_the_formula_flips_bits_as_often_as_it_says() -> None:
    bits, _, settings = simulated(channel="awgn", modulation="16qam", ebn0_db=6.0, formula=True)
    assert_within_99(bits, bit_error_rate("16qam", settings.es_n0))


def test_known_values() -> None:
    # Q(√(2 Eb/N0)) of BPSK at 9.6 dB is 1e-5 in every textbook; QPSK is the same per Eb/N0.
    point = 10 ** (9.6 / 10)
    assert bit_error_rate("bpsk", point) == pytest.approx(9.7e-6, rel=0.02)
    assert bit_error_rate("qpsk", 2 * point) == pytest.approx(bit_error_rate("bpsk", point), rel=1e-9)
    # Rayleigh, BPSK: (1 − √(γ/(1+γ))) / 2.
    assert bit_error_rate("bpsk", 10.0, fading=True) == pytest.approx((1 - math.sqrt(10 / 11)) / 2)
    assert symbol_error_rate("bpsk", 3.0) == bit_error_rate("bpsk", 3.0)


@pytest.mark.parametrize("modulation", MODULATIONS)
@pytest.mark.parametrize("rate", [bit_error_rate, symbol_error_rate])
def test_rayleigh_is_the_average_over_fades(modulation: str, rate: object) -> None:
    mean = 30.0
    # ∫ P(γ) exp(−γ/γ̄)/γ̄ dγ by the midpoint rule in u = 1 − exp(−γ/γ̄).
    u = (np.arange(6_000) + 0.5) / 6_000
    over = np.mean([rate(modulation, gamma) for gamma in -mean * np.log1p(-u)])
    assert rate(modulation, mean, fading=True) == pytest.approx(over, rel=4e-3)


def test_without_signal_half_the_bits_are_wrong() -> None:
    for modulation, bits in MODULATIONS.items():
        assert bit_error_rate(modulation, 0.0) == pytest.approx(0.5)
        assert bit_error_rate(modulation, 0.0, fading=True) == pytest.approx(0.5)
        assert symbol_error_rate(modulation, 0.0) == pytest.approx(1 - 2.0**-bits)
        assert symbol_error_rate(modulation, 0.0, fading=True) == pytest.approx(1 - 2.0**-bits)


def test_words_of_independent_symbols() -> None:
    assert resolved(channel="bsc", ber=0.1).model.packet_error_rate(3) == pytest.approx(1 - 0.9**3)
    qpsk = resolved(channel="awgn", modulation="qpsk", ebn0_db=3.0)
    symbol = symbol_error_rate("qpsk", qpsk.es_n0)
    assert qpsk.model.packet_error_rate(8) == pytest.approx(1 - (1 - symbol) ** 4)
    assert qpsk.model.packet_error_rate(7) is None
    assert resolved(channel="rayleigh", ebn0_db=3.0).model.packet_error_rate(8) is None


@pytest.mark.parametrize("channel", ["awgn", "rayleigh"])
@pytest.mark.parametrize("modulation", ["qpsk", "16qam"])
def test_a_channel_model_gives_the_rates_of_its_own_fading(channel: str, modulation: str) -> None:
    settings = resolved(channel=channel, modulation=modulation, esn0_db=6.0)
    fading, es_n0 = channel == "rayleigh", 10**0.6
    expected = bit_error_rate(modulation, es_n0, fading=fading)
    assert settings.model.bit_error_rate() == pytest.approx(expected)
    expected = symbol_error_rate(modulation, es_n0, fading=fading)
    assert settings.model.symbol_error_rate() == pytest.approx(expected)
