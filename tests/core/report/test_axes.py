"""What a report may be judged over."""

import pytest

from lsccli.core.errors import LscError
from lsccli.core.report.axes import Budget


@pytest.mark.parametrize(
    ("by", "fixed", "told"),
    [
        ("letters", {}, "choose bits, words or energy"),
        ("bits", {"bits": 0.0}, "--to-bits 0"),
        ("bits", {"bits": float("nan")}, "--to-bits nan"),
    ],
)
def test_what_no_range_is_is_refused(by, fixed, told):
    with pytest.raises(LscError, match=told):
        Budget(by, fixed)
