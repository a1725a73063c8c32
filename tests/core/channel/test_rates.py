"""Error rates that were counted: how sure they are."""

from __future__ import annotations

import numpy as np
import pytest

from lsccli.core.channel.rates import _rate


def test_the_interval_of_a_rate_is_that_of_its_packets() -> None:
    # By hand: 3 of 20 bits; deviations 1 - .15·4, 0 - .15·8, 2 - .15·8 = .4, -1.2, .8; s = 1.0583.
    found = _rate(np.array([1.0, 0.0, 2.0]), np.array([4.0, 8.0, 8.0]), 0.1)
    assert found.simulated == pytest.approx(0.15)
    assert found.margin == pytest.approx(1.959964 * 1.0583005 / np.sqrt(3) / (20 / 3), rel=1e-5)
    assert found.closed_form == 0.1


def test_the_interval_holds_the_true_rate_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    sizes = rng.integers(8, 80, (400, 300)).astype(float)
    held = [abs((one := _rate(rng.binomial(row.astype(int), 0.1), row, None)).simulated - 0.1) <= one.margin
            for row in sizes]  # fmt: skip
    assert 0.92 < np.mean(held) < 0.98
