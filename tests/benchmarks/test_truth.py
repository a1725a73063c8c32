"""What lsc computes agrees with what others compute."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from benchmarks.truth import CHECKS, Check


@pytest.mark.parametrize("make", CHECKS)
def test_two_ways_agree(make: Callable[[], Iterator[Check]]) -> None:
    checks = list(make())
    assert len(checks) >= 1
    assert [str(check) for check in checks if not check.holds] == []


def test_two_ways_that_do_not_agree_are_told() -> None:
    far = Check("a", "b", 1.0, 1.1, 0.01)
    assert not far.holds
    assert "**no**" in str(far)
    assert "**no**" not in str(Check("a", "b", 1.0, 1.1, 0.11))
