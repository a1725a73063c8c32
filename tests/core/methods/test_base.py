"""What a method may give back."""

import pytest

from lsccli.core.methods.base import ranking


def test_a_score_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match=r"^the score nan is no finite number of at most 1e\+"):
        ranking([1, 0], 2, [1.0, float("nan")])
