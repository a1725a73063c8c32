"""What a number among results may be."""

import numpy as np
import pytest

from lsccli.core.numbers import LARGEST, is_result


@pytest.mark.parametrize("value", [0, -1.5, 1e100, -1e100, np.float32(2), np.int64(3), np.array(1.5)])
def test_numbers(value):
    assert is_result(value)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 1.01e100, 10**400, "1", b"1", True, None, [1.0, 2.0], 1j, {}]
)
def test_what_is_none(value):
    assert not is_result(value)


def test_many_of_the_largest_can_be_squared_and_added():
    assert np.isfinite(np.full(10**6, LARGEST)[:1000] ** 2).all()
    assert np.isfinite((LARGEST**2) * 1e9)
