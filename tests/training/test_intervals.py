"""Intervals of the model card: against SciPy, against counts by hand, and how often they hold the truth."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scipy.stats import binomtest, t  # noqa: E402

from training import evaluate  # noqa: E402
from training.intervals import auc, mean, ratio, share  # noqa: E402


def test_shares_and_means_are_those_of_scipy() -> None:
    right = torch.tensor([True] * 37 + [False] * 3)
    asked = binomtest(37, 40).proportion_ci(method="wilson")
    found = share(right)
    assert (found.mean, found.low, found.high) == pytest.approx((37 / 40, asked.low, asked.high))
    values = torch.tensor([0.1, 0.4, 0.35, 0.9])
    low, high = t.interval(0.95, 3, values.mean(), values.std() / 2)
    assert (mean(values).low, mean(values).high) == pytest.approx((low, high))


def test_a_ratio_counts_words_and_not_scenes() -> None:
    right, words = torch.tensor([1, 2, 0]), torch.tensor([1, 4, 1])
    assert ratio(right, words).mean == pytest.approx(3 / 6)
    same = ratio(words, words)
    assert same.low == same.mean == same.high == 1
    with pytest.raises(ValueError, match="nothing to count"):
        ratio(torch.zeros(3), torch.zeros(3))


def test_the_area_is_the_share_of_pairs_in_order() -> None:
    own, other = torch.tensor([3.0, 1.0, 2.0]), torch.tensor([2.0, 0.0, 1.0])
    # 3 beats all; 1 beats one and ties one; 2 beats two and ties one.
    assert auc(own, other).mean == pytest.approx((3 + 1.5 + 2.5) / 9)


def test_ratios_and_areas_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    held = np.zeros(2)
    for _ in range(400):
        # Scenes differ in how many words they have, and in how many of these are right.
        words = rng.integers(1, 6, 200)
        right = rng.binomial(words, rng.beta(8, 2, 200))
        found = ratio(torch.from_numpy(right), torch.from_numpy(words))
        held[0] += found.low <= 0.8 <= found.high
        shared, noise = rng.normal(size=200), rng.normal(size=(2, 200))
        own, other = shared + noise[0] + 1, shared + noise[1]
        found = auc(torch.from_numpy(own), torch.from_numpy(other))
        held[1] += found.low <= 0.6914625 <= found.high  # P(N(1, 2²) > 0), two scenes
    assert ((held / 400 > 0.92) & (held / 400 < 0.98)).all()


def test_the_table_has_an_interval_for_each_figure() -> None:
    rows = [evaluate.Row("judge", "place", share(torch.ones(8, dtype=torch.bool)), ">= 0.98")]
    assert "| judge | place | 1.000 [0.676, 1.000] | >= 0.98 |" in evaluate.table(rows, 8, [])
