"""Modulations: labels, decisions and ratios, by hand and against Sionna."""

import itertools

import numpy as np
import pytest

from lsccli.core.channel.modulation import MODULATIONS, modem


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
