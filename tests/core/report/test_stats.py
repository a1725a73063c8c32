import numpy as np
import pytest

from lsccli.core.report.stats import area


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
