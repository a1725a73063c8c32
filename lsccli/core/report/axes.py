"""What a report is judged over: words, bits on the channel, or energy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lsccli.core.errors import LscError

BITS, WORDS, ENERGY = AXES = ("bits", "words", "energy")


@dataclass(frozen=True)
class Budget:
    """What curves are judged over.

    Attributes:
        by: the axis over which verdicts are made.
        fixed: axis -> the end of its range, where it is fixed; else the most that any transmission spends.
    """

    by: str = BITS
    fixed: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.by not in AXES:
            raise LscError(f"--by {self.by!r}: choose {', '.join(AXES[:-1])} or {AXES[-1]}.")
        for axis, end in self.fixed.items():
            if not 0 < end < float("inf"):
                raise LscError(f"--to-{axis} {end:g}: give a number above 0.")
