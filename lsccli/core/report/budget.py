"""What a transmission has spent after each step, and the area under its score over that.

Words count one each. Bits are those on the channel. Energy is that of the symbols sent, over the noise
density: `E = symbols · Es/N0`; where an operating point is a sweep's, the better one costs more of it.

A word is of use once it is there: over bits and energy a score is constant from one step to the next, and an
area is a sum of rectangles. Over words it is the trapezoid of `lsccli.core.report.stats.area`, as published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lsccli.core.report import read
from lsccli.core.report.axes import BITS, ENERGY
from lsccli.core.report.stats import Floats, Ints, area

# A curve over bits or energy is drawn at so many equal steps.
POINTS = 64


@dataclass(frozen=True, eq=False)
class Spending:
    """One axis of a report: (S,) what each step has spent so far, and where the axis ends."""

    spent: Floats
    end: float

    def areas(self, scores: Floats, start: Ints, last: Ints) -> Floats:
        """The area under each of R transmissions over 0…end, divided by end: (R,).

        `1/E · Σ_k v_k (min(x_{k+1}, E) − min(x_k, E))`, with E for what follows the last step; v_0 for E = 0.

        Args:
            scores: (S,) v, the score of every step.
            start, last: (R,) the place of a transmission's step 0, and the k of its last step.
        """
        if self.end <= 0:
            return scores[start]
        rows, places = _steps(start, last)
        reached = np.minimum(self.spent[places], self.end)
        until = np.append(reached[1:], self.end)
        until[np.cumsum(last + 1) - 1] = self.end
        return np.bincount(rows, scores[places] * (until - reached), len(start)) / self.end

    def along(self, scores: Floats, start: Ints, last: Ints) -> Floats:
        """The score of each of R transmissions at 0…end, in equal steps: (R, POINTS + 1)."""
        rows, places = _steps(start, last)
        # Transmissions one after another on one line, so that one search serves all.
        span = max(float(self.spent[places].max(initial=0)), self.end) + 1
        line = rows * span + self.spent[places]
        wanted = np.arange(len(start))[:, None] * span + self.grid
        found = np.searchsorted(line, wanted.ravel() + span * 1e-9, "right") - 1
        return scores[places[found]].reshape(wanted.shape)

    @property
    def grid(self) -> Floats:
        """(POINTS + 1,) 0…end in equal steps."""
        return np.linspace(0, self.end, POINTS + 1)


def spendings(sent: read.Transmissions, es_n0: Mapping[int, float | None], use: Ints) -> dict[str, Floats]:
    """Axis -> (S,) what each step has spent: bits, and energy where all that is compared has a noise density.

    Args:
        es_n0: group -> Es/N0 as a ratio of its channel; None where that has none.
        use: (R,) the transmissions that are compared.
    """
    found = {BITS: sent.bits}
    ratios = {int(group): es_n0[int(group)] for group in np.unique(sent.group[use])}
    if ratios and None not in ratios.values():
        per_symbol = np.array([ratios.get(group) or 0.0 for group in range(len(sent.groups))])
        found[ENERGY] = sent.symbols_so_far * per_symbol[sent.group[sent.owner]]
    return found


def most(spent: Floats, start: Ints, last: Ints) -> float:
    """The most that any of these transmissions has spent in the end."""
    return float(spent[start + last].max(initial=0))


def word_areas(scores: Floats, end: int) -> Floats:
    """Areas over 0…end words of (I, K + 1) scores, carried forward beyond K: (I,)."""
    longest = scores.shape[1] - 1
    if end <= longest:
        return area(scores[:, : end + 1])
    held = scores[:, -1]
    return np.asarray((area(scores) * longest + held * (end - longest)) / end, dtype=np.float64)


def _steps(start: Ints, last: Ints) -> tuple[Ints, Ints]:
    """The row of each step of these transmissions, and its place: both (sum of last + 1,)."""
    counts = last + 1
    rows = np.repeat(np.arange(len(start)), counts)
    inner = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    return rows, start[rows] + inner
