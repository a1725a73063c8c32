"""Intervals that cover, tests that do not cry wolf: against closed forms, other libraries and simulation."""

import numpy as np
import pytest
from scipy import stats

from lsccli.core.report.inference import (
    detectable,
    estimates,
    holm,
    least_images,
    sign_flip_p,
    t_intervals,
    wilson,
)


def draws(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape)


def test_the_interval_is_students():
    values = draws(7, 3)
    low, high = t_intervals(values)
    for column in range(3):
        known = stats.ttest_1samp(values[:, column], 0).confidence_interval(0.95)
        assert (low[column], high[column]) == pytest.approx((known.low, known.high))


def test_one_image_leaves_everything_open():
    low, high = t_intervals(np.array([[0.3, 0.1]]))
    assert np.isneginf(low).all()
    assert np.isposinf(high).all()


@pytest.mark.parametrize("count", [2, 5, 8, 24, 100])
def test_intervals_cover_what_they_say(count):
    low, high = t_intervals(draws(count, 20_000, seed=count))
    covered = ((low <= 0) & (high >= 0)).mean()
    assert covered == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize("count", [2, 6, 10])
def test_p_counts_all_changes_of_signs(count):
    gaps = draws(count, 2, seed=count) + 0.4
    p = sign_flip_p(gaps)
    for column in range(2):
        known = stats.permutation_test(
            (gaps[:, column],), np.mean, permutation_type="samples", n_resamples=np.inf
        )
        assert p[column] == pytest.approx(known.pvalue)


def test_p_of_many_images_is_near_that_of_the_t_test_and_never_zero():
    gaps = draws(60, 4) + np.array([0, 0.2, 0.4, 3.0])
    p = sign_flip_p(gaps)
    assert p == pytest.approx(stats.ttest_1samp(gaps, 0).pvalue, abs=0.02)
    assert p[3] == 1e-4


def test_equal_methods_have_p_one():
    assert sign_flip_p(np.zeros((8, 1))).tolist() == [1.0]


def test_the_order_of_images_and_rounding_change_no_exact_p():
    gaps = np.array([[0.1], [0.2], [0.3], [-0.3], [-0.2], [0.4]])
    assert sign_flip_p(gaps) == sign_flip_p(gaps[::-1])
    # Of 64 changes of signs, those whose sum is at least 0.5 from zero, counted by whole numbers.
    whole = np.rint(gaps[:, 0] * 10).astype(int)
    signs = np.array(np.meshgrid(*[[-1, 1]] * 6)).reshape(6, -1).T
    assert sign_flip_p(gaps)[0] == (abs(signs @ whole) >= abs(whole.sum())).mean()


def test_holm_by_hand():
    # 0.01 · 4, 0.02 · 3, then 0.04 · 2 and 0.03 · 2 in their order: never below the one before.
    assert holm(np.array([0.04, 0.01, 0.03, 0.02])) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm(np.array([0.9, 0.8])).tolist() == [1.0, 1.0]
    assert holm(np.array([])).tolist() == []


@pytest.mark.parametrize("count", [8, 12, 20])
def test_equal_methods_are_told_apart_in_no_more_than_one_table_of_twenty(count):
    generator = np.random.default_rng(count)
    tables = 300
    wrong = 0
    for _ in range(tables):
        scores = generator.normal(size=(count, 20))
        wrong += bool((holm(sign_flip_p(scores[:, 1:] - scores[:, :1])) <= 0.05).any())
    # Three standard errors above 5 %.
    assert wrong / tables <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / tables)


def test_so_few_images_can_bring_no_verdict_and_one_more_can():
    for comparisons in (1, 7, 19):
        least = least_images(comparisons)
        for count, possible in ((least - 1, False), (least, True)):
            gaps = np.ones((count, comparisons))
            assert (holm(sign_flip_p(gaps)) <= 0.05).all() == possible


def test_the_detectable_difference_is_detected_four_times_in_five():
    count = 24
    found = 0
    for seed in range(250):
        noise = draws(count, 1, seed=seed)
        effect = (stats.t.ppf(0.975, 23) + stats.t.ppf(0.8, 23)) / np.sqrt(count)
        assert detectable(noise)[0] == pytest.approx(effect * noise.std(ddof=1))
        found += bool(sign_flip_p(noise + effect)[0] <= 0.05)
    assert found / 250 == pytest.approx(0.8, abs=0.08)


@pytest.mark.parametrize(("got", "count"), [(0, 3), (3, 3), (1, 2), (5, 12), (30, 100)])
def test_the_interval_of_a_share_is_wilsons(got, count):
    found = wilson(np.array([1.0] * got + [0.0] * (count - got)))
    known = stats.binomtest(got, count).proportion_ci(0.95, method="wilson")
    assert (found.mean, found.low, found.high) == pytest.approx((got / count, known.low, known.high))
    # Shares within images: the same mean, the same interval.
    within = wilson(np.full(count, got / count))
    assert (within.mean, within.low, within.high) == pytest.approx((found.mean, found.low, found.high))


def test_estimates_are_means_with_their_intervals():
    values = draws(6, 2)
    low, high = t_intervals(values)
    found = estimates(values)
    assert [(one.mean, one.low, one.high) for one in found] == [
        (values[:, column].mean(), low[column], high[column]) for column in range(2)
    ]
    assert all(one.known for one in found)
    assert not estimates(values[:1])[0].known


def test_nothing_to_compare_is_an_error():
    with pytest.raises(ValueError, match=r"^no images to average over$"):
        wilson(np.zeros(0))
    with pytest.raises(ValueError, match="no images"):
        sign_flip_p(np.zeros((0, 1)))
    with pytest.raises(ValueError, match="no images"):
        t_intervals(np.zeros((0, 1)))
