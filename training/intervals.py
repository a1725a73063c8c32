"""Figures of the model card with their 95 % intervals over scenes.

Scenes are what is drawn at random, so that all that a scene gives (its words, its subjects) stays together.
Means and shares are judged as `lsc report` judges them; sums over sums and pairs by how much each scene
moves them (the delta method), with Student's t.
"""

from __future__ import annotations

from torch import Tensor

from lsccli.core.report.inference import estimates, wilson
from lsccli.core.report.stats import Estimate


def share(right: Tensor) -> Estimate:
    """The share of scenes that are right, [B] bool, with Wilson's interval."""
    return wilson(right.double().numpy())


def mean(values: Tensor) -> Estimate:
    """The mean over scenes, [B], with Student's interval."""
    return estimates(values.double().numpy()[:, None])[0]


def ratio(above: Tensor, below: Tensor) -> Estimate:
    """The sum of `above` [B] over that of `below` [B], as words right over words; no word at all is an error.

    Each scene moves the ratio r by (above - r · below) / mean(below): Cochran, "Sampling Techniques", 1977,
    section 6.3.
    """
    above, below = above.double(), below.double()
    if not below.sum():
        raise ValueError("nothing to count")
    found = above.sum() / below.sum()
    return mean(found + (above - found * below) / below.mean())


def auc(own: Tensor, other: Tensor) -> Estimate:
    """How often one of `own` [B] is above one of `other` [B], ties by half; both belong to the same B scenes.

    Each scene moves it by its share of wins in both roles: DeLong et al., "Comparing the areas under two or
    more correlated receiver operating characteristic curves", Biometrics 44, 1988.
    """
    wins = (own[:, None] > other[None]).double() + 0.5 * (own[:, None] == other[None]).double()
    return mean(wins.mean(1) + wins.mean(0) - wins.mean())
