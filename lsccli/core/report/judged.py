"""Verdicts over the differences of a table, and what so many images allow to be said at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lsccli.core.report.inference import LEVEL, detectable, estimates, holm, least_images, sign_flip_p
from lsccli.core.report.stats import FEWEST, Estimate, Floats
from lsccli.core.report.wording import counted

BETTER, WORSE, UNCLEAR, TOO_FEW = "better", "worse", "", "too few"


@dataclass(frozen=True)
class Difference:
    """AUC minus the baseline's, paired by image.

    Attributes:
        p: two-sided, of changes of signs.
        adjusted: the same by Holm over all differences of the table.
        verdict: "better" or "worse" where `adjusted` is at most 5 %, "" where it is not, and "too few" where
            so few images can give neither.
    """

    baseline: str
    auc: Estimate
    p: float
    adjusted: float
    verdict: str

    @property
    def clear(self) -> bool:
        """Whether it is called better or worse."""
        return self.verdict in (BETTER, WORSE)


@dataclass(frozen=True)
class Family:
    """All differences of a table together.

    Attributes:
        comparisons, images: how many.
        needed: with how many images there could be a verdict at all.
        detectable: the true differences of which four in five tables with so many images would show one:
            least, median and most over the comparisons.
    """

    comparisons: int
    images: int
    needed: int
    detectable: tuple[float, float, float]

    def lines(self, places: int) -> list[str]:
        """What is said of it under a table."""
        if self.images < self.needed:
            each = counted(self.comparisons, "difference")
            lines = [
                f"{counted(self.images, 'image')}: too few for a verdict on {each}, which takes at least "
                f"{self.needed}."
            ]
        else:
            lines = []
            low, middle, high = (f"{value:.{places}f}" for value in self.detectable)
            lines.append(
                f"So many images show a difference of {middle} (over the rows: {low} to {high}) "
                "four times in five, beside the others."
                if self.comparisons > 1
                else f"So many images show a difference of {middle} four times in five."
            )
        return lines


def judge(gaps: Floats, baselines: Sequence[str], better: str) -> tuple[list[Difference], Family]:
    """Judge the differences of a table: (images, comparisons) of scores less the baseline's.

    p of each is that of changes of signs, then Holm's over all; there is no verdict below 8 images, nor where
    the smallest p that so many images can have, 2 · 2^-n, is too large for so many comparisons.

    Args:
        baselines: what each is compared with, in words.
        better: which sign is the better one: "lower" or "higher".
    """
    count, comparisons = gaps.shape
    raw = sign_flip_p(gaps)
    adjusted = holm(raw)
    needed = max(FEWEST, least_images(comparisons))
    found = []
    for each, baseline, p, after in zip(estimates(gaps), baselines, raw, adjusted, strict=True):
        verdict = UNCLEAR if count >= needed else TOO_FEW
        if count >= needed and after <= 1 - LEVEL + 1e-12:
            verdict = BETTER if (each.mean < 0) == (better == "lower") else WORSE
        found.append(Difference(baseline, each, float(p), float(after), verdict))
    shown = detectable(gaps, comparisons)
    spread = (float(shown.min()), float(np.median(shown)), float(shown.max()))
    return found, Family(comparisons, count, needed, spread)
