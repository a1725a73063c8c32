"""`--stop-at`: the score at which a transmission is good enough; the same for drawing and for reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lsccli.core.errors import LscError
from lsccli.core.metrics.base import METRICS


@dataclass(frozen=True)
class Stop:
    """Where drawing stops: at the first score by `metric` that is at least as good as `score`."""

    metric: str
    score: float

    def __post_init__(self) -> None:
        spec = METRICS.find(self.metric)
        object.__setattr__(self, "metric", spec.name)
        # NaN is neither; an infinite score would stop nothing, or all at once.
        if not abs(self.score) < float("inf"):
            raise LscError(f"--stop-at {self.score}: give a score by {spec.name}, a finite number.")
        if spec.best is not None and not self.reached(spec.best):
            raise LscError(
                f"--stop-at {self.typed} is out of reach: {spec.name}, {spec.better} is better, "
                f"never gets past {spec.best:g}."
            )

    @property
    def typed(self) -> str:
        """The score in the fewest digits that mean it: a command with fewer would stop elsewhere."""
        return repr(float(self.score)).removesuffix(".0")

    def reached(self, score: Any) -> Any:
        """Whether a score is at least as good; also for an array of scores, where NaN never is."""
        lower = METRICS.find(self.metric).better == "lower"
        return score <= self.score if lower else score >= self.score
