"""Capacities against closed forms by hand, and against numerical integration."""

import math

import pytest
from scipy.integrate import quad

from lsccli.core.channel.models.rayleigh import ergodic, scaled_integral
from lsccli.core.channel.settings import ChannelSettings, resolved
from lsccli.core.channel.shannon import capacity


def awgn(es_n0: float, channel: str = "awgn", **options: object) -> ChannelSettings:
    return resolved(channel=channel, esn0_db=10 * math.log10(es_n0), **options)


def test_capacity_of_gaussian_noise_by_hand() -> None:
    assert capacity(awgn(1.0)) == pytest.approx(1.0)
    assert capacity(awgn(15.0, modulation="16qam", code="ldpc5g")) == pytest.approx(4.0)
    assert capacity(resolved(channel="awgn", ebn0_db=0.0, modulation="qpsk")) == pytest.approx(math.log2(3))
    assert capacity(resolved()) is None


def test_capacity_of_flipped_bits_by_hand() -> None:
    assert capacity(resolved(channel="bsc", ber=0.5)) == pytest.approx(0.0)
    assert capacity(resolved(channel="bsc", ber=0.0)) == 1.0
    assert capacity(resolved(channel="bsc", ber=0.25)) == pytest.approx(0.75 * math.log2(3) - 1)


@pytest.mark.parametrize("es_n0_db", [-20, -3, 0, 7, 30])
def test_capacity_of_rayleigh_fading_is_the_mean_over_fades(es_n0_db: float) -> None:
    es_n0 = 10 ** (es_n0_db / 10)
    mean, _ = quad(lambda g: math.log2(1 + g * es_n0) * math.exp(-g), 0, 60, epsabs=1e-12)
    for fading in ("block", "fast"):
        found = capacity(awgn(es_n0, "rayleigh", fading=fading))
        assert found == pytest.approx(mean, rel=1e-7)
    assert found < math.log2(1 + es_n0)


@pytest.mark.parametrize("x", [1e-10, 0.01, 0.5, 0.999999, 1.0, 1.5, 4.0, 50.0, 600.0, 650.0])
def test_the_exponential_integral(x: float) -> None:
    # e^x E1(x) = ∫ e^(−t) / (x + t) dt over t > 0; below 1 by t = x (e^u − 1).
    near, _ = quad(lambda u: math.exp(-x * math.expm1(u)), 0, math.log1p(1 / x), epsabs=0, epsrel=1e-11)
    far, _ = quad(lambda t: math.exp(-t) / (x + t), 1, math.inf, epsabs=0, epsrel=1e-11)
    assert scaled_integral(x) == pytest.approx(near + far, rel=1e-9)


def test_far_from_overflow() -> None:
    assert scaled_integral(1e10) == pytest.approx(1e-10)
    assert scaled_integral(600.0) == pytest.approx(scaled_integral(600.0001) * (1 + 1e-4 / 600), rel=1e-9)


@pytest.mark.parametrize("es_n0_db", [-30.0, -3.0, 0.0, 12.0, 40.0])
def test_the_inverse_of_the_ergodic_capacity(es_n0_db: float) -> None:
    model = resolved(channel="rayleigh", esn0_db=es_n0_db).model
    assert model.least_es_n0(ergodic(model.es_n0)) == pytest.approx(model.es_n0, rel=1e-9)
