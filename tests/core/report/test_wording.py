"""Numbers as reports tell them."""

import pytest

from lsccli.core.report.stats import Estimate
from lsccli.core.report.wording import counted, estimate_text

VALUE = Estimate(0.12345, -0.1, 0.3)


@pytest.mark.parametrize(("count", "text"), [(0, "0 images"), (1, "1 image"), (2, "2 images")])
def test_one_is_singular(count: int, text: str) -> None:
    assert counted(count, "image") == text


def test_a_mean_with_its_interval() -> None:
    assert estimate_text(VALUE, 3) == "0.123 [-0.100, 0.300]"
    assert estimate_text(VALUE, 2, interval=False) == "0.12"
    assert estimate_text(VALUE, 1, sign="+") == "+0.1 [-0.1, +0.3]"
    assert estimate_text(VALUE, 1, math="$") == "$0.1$ [$-0.1$, $0.3$]"
    assert estimate_text(None, 3, none="--") == "--"
