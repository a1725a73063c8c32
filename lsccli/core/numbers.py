"""What a number among results may be: finite, and far from where sums of many would not be."""

from __future__ import annotations

import math
from typing import Any

# Scores are compared, squared and added up; this is beyond all of them, and its square is still a number.
LARGEST = 1e100


def is_result(value: Any) -> bool:
    """Whether this is a number that a metric or a method may give: no text, no truth value, |x| ≤ 1e100."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return False
    return not isinstance(value, str | bytes | bool) and math.isfinite(number) and abs(number) <= LARGEST
