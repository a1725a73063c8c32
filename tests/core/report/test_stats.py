import numpy as np
import pytest

from lsccli.core.report.stats import area, intervals, resampled_means


def test_the_area_is_the_trapezoid_over_k_divided_by_k():
    # (1/2 + 0.5 + 0.25 + 0.25/2) / 3
    assert area(np.array([1.0, 0.5, 0.25, 0.25])) == pytest.approx((0.5 + 0.5 + 0.25 + 0.125) / 3)
    curves = np.random.default_rng(1).random((5, 7))
    np.testing.assert_allclose(area(curves), np.trapezoid(curves, axis=1) / 6)


def test_the_area_of_a_constant_is_the_constant():
    for points in (1, 2, 3, 9):
        assert area(np.full(points, 0.7)) == pytest.approx(0.7)


def test_a_curve_without_points_is_refused():
    with pytest.raises(ValueError, match="no area"):
        area(np.zeros((2, 0)))


def test_the_interval_is_scipys():
    stats = pytest.importorskip("scipy.stats")
    values = np.random.default_rng(2).gamma(2.0, size=40)
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=20000, method="percentile", rng=np.random.default_rng(3)
    )
    low, high = intervals(values[:, None], resamples=20000)
    spread = theirs.confidence_interval.high - theirs.confidence_interval.low
    assert low[0] == pytest.approx(theirs.confidence_interval.low, abs=0.03 * spread)
    assert high[0] == pytest.approx(theirs.confidence_interval.high, abs=0.03 * spread)


def test_the_interval_covers_the_mean_about_95_times_in_100():
    values = np.random.default_rng(4).normal(size=(60, 400))
    low, high = intervals(values, resamples=1000)
    assert 0.90 <= np.mean((low <= 0) & (high >= 0)) <= 0.98


def test_the_same_draws_serve_all_columns_in_whatever_chunks(monkeypatch):
    values = np.random.default_rng(5).random((9, 3))
    whole = resampled_means(values)
    np.testing.assert_array_equal(whole, resampled_means(values))
    # Column by column: the same draws.
    np.testing.assert_allclose(whole[:, 1:2], resampled_means(values[:, 1:2]), atol=1e-12)
    monkeypatch.setattr("lsccli.core.report.stats._CHUNK", 100)
    np.testing.assert_allclose(whole, resampled_means(values), atol=1e-12)


def test_a_single_image_has_no_spread():
    low, high = intervals(np.array([[0.3, 0.4]]))
    np.testing.assert_array_equal(low, [0.3, 0.4])
    np.testing.assert_array_equal(high, [0.3, 0.4])


def test_no_images_are_refused():
    with pytest.raises(ValueError, match="no images"):
        resampled_means(np.zeros((0, 3)))
