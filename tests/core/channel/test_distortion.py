"""Rate-distortion of words against closed forms and against Blahut and Arimoto's algorithm."""

import math

import numpy as np
import pytest

from lsccli.core.channel.distortion import of_groups


def entropy(p: float) -> float:
    return -p * math.log2(p) - (1 - p) * math.log2(1 - p)


@pytest.mark.parametrize("wrong", [0.01, 0.1, 0.19])
def test_rate_distortion_by_hand(wrong: float) -> None:
    # A bit: h(p) − h(D). Four words alike: 2 − h(D) − D log2 3.
    assert of_groups([[0.2, 0.8]]).rate(wrong) == pytest.approx(entropy(0.2) - entropy(wrong), abs=2e-4)
    alike = of_groups([[0.25] * 4])
    assert alike.rate(wrong) == pytest.approx(2 - entropy(wrong) - wrong * math.log2(3), abs=2e-4)
    assert alike.wrong(np.array([alike.rate(wrong)]))[0] == pytest.approx(wrong, abs=1e-9)
    # Told which half: one bit of the two is free, and guessing reads half.
    halves = of_groups([[0.25, 0.25], [0.25, 0.25]])
    assert halves.rate(wrong) == pytest.approx(1 - entropy(wrong), abs=2e-4)
    assert (halves.floor, halves.information) == (0.5, 1.0)
    assert halves.rate(0.5) == halves.rate(0.9) == 0


def test_rate_distortion_by_blahut_and_arimoto() -> None:
    p = np.array([0.5, 0.3, 0.1, 0.06, 0.04])
    known = of_groups([list(p)])
    cost = 1 - np.eye(len(p))
    for slope in (0.8, 1.5, 3.0, 6.0):
        q = np.full(len(p), 0.2)
        for _ in range(20000):
            joint = q * np.exp(-slope * cost)
            joint *= (p / joint.sum(axis=1))[:, None]
            q = joint.sum(axis=0)
        positive = joint > 1e-30
        ratio = joint[positive] / (p[:, None] * q)[positive]
        rate = float((joint[positive] * np.log2(ratio)).sum())
        assert known.rate(float((joint * cost).sum())) == pytest.approx(rate, abs=1e-3)
