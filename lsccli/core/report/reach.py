"""Words and bits until a transmission is good enough, and how often it never is (`--stop-at`).

A transmission is decided once it has scores up to the first step that reaches X, or at all of its steps; what
comes after that step does not matter, drawn or not. So figures are the same whether drawing stopped or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lsccli.core.metrics.stop import Stop
from lsccli.core.report import read
from lsccli.core.report.complete import Part
from lsccli.core.report.curves import CurveSet, Material, counting, read_material, unlabelled
from lsccli.core.report.labels import Labelled, labelled
from lsccli.core.report.request import ReportRequest
from lsccli.core.report.stats import Estimate, Floats, Ints, resampled_means
from lsccli.core.store.store import Store


@dataclass(frozen=True, eq=False)
class Reach(Labelled):
    """What it took one method to get to X, over I images.

    Within an image its transmissions (times receiver seeds) are averaged first.

    Attributes:
        replicates: transmissions of an image times receiver seeds, in the mean.
        reached: how many images got to X in some of them.
        words, bits: means over the images that reached X; None where none did.
        never: share of transmissions that never reached X, mean over all images.
        restricted: mean words over all images, K for a transmission that never reached X.
    """

    replicates: float
    reached: int
    words: Estimate | None
    bits: Estimate | None
    never: Estimate
    restricted: Estimate


@dataclass(frozen=True, eq=False)
class ReachReport:
    """All methods' ways to X on the same images; `set` says which, and what is missing."""

    stop: Stop
    set: CurveSet
    methods: Sequence[Reach]


def build_reach(store: Store, request: ReportRequest, stop: Stop) -> ReachReport:
    """Read what it took to reach `stop`; nothing is computed that is not in the store.

    Raises:
        LscError: for an unknown name, and where no image is selected.
    """
    asked = replace(request, stop=stop)
    material = read_material(store, asked, lambda sent, values: carried(sent, values, stop))
    if material.base.nothing is not None:
        return ReachReport(stop, material.base, [])
    return ReachReport(
        stop, material.base, labelled([_reach(material, part, stop) for part in material.parts])
    )


def first_reached(sent: read.Transmissions, values: Floats, stop: Stop) -> Ints:
    """(T,) the first k of each transmission whose score reaches `stop`, or -1; (S,) scores, NaN for none."""
    hits = np.flatnonzero(stop.reached(values))  # a comparison with NaN is false
    # Steps of a transmission lie together, in the order of k: its first hit is the next one from its start.
    after = np.searchsorted(hits, sent.start)
    known = after < len(hits)
    first = np.full(len(sent.start), -1, np.int64)
    first[known] = hits[after[known]] - sent.start[known]
    return np.where(first <= sent.last, first, -1)


def carried(sent: read.Transmissions, values: Floats, stop: Stop) -> Floats:
    """(S,) the scores, each transmission's carried forward from where it reached `stop`."""
    first = first_reached(sent, values, stop)
    reached = first >= 0
    place = np.arange(len(values)) - sent.start[sent.owner]
    beyond = reached[sent.owner] & (place > first[sent.owner])
    held = values[np.minimum(sent.start + np.maximum(first, 0), len(values) - 1)]
    return np.where(beyond, held[sent.owner], values)


def _reach(material: Material, part: Part, stop: Stop) -> Reach:
    count = len(material.places)
    table = np.zeros((5, count))  # transmissions, those that got there, their words, their bits; words or K
    for seed, use, rows in counting(material, part):
        values = material.scores[part.receiver, part.metric, seed]
        first = first_reached(material.sent, values, stop)[use]
        there = first >= 0
        bits = material.sent.bits[material.sent.start[use] + np.maximum(first, 0)]
        columns = (
            np.ones(len(use)),
            there,
            np.where(there, first, 0),
            np.where(there, bits, 0),
            np.where(there, first, material.base.longest),
        )
        table += [np.bincount(rows, weights=column, minlength=count) for column in columns]
    sent, got, words, bits_of, restricted = table
    some = got > 0
    means = [np.where(some, column / np.maximum(got, 1), 0) for column in (words, bits_of)]
    # One bootstrap for all: a mean over images that got there is a ratio of two means over all images.
    drawn = resampled_means(np.stack([*means, some, 1 - got / sent, restricted / sent], axis=1))
    known = drawn[drawn[:, 2] > 0]
    return Reach(
        **vars(unlabelled(material, part)),
        replicates=float(sent.mean()),
        reached=int(some.sum()),
        words=_estimate(means[0][some], known[:, 0] / known[:, 2]),
        bits=_estimate(means[1][some], known[:, 1] / known[:, 2]),
        never=_interval(1 - got / sent, drawn[:, 3]),
        restricted=_interval(restricted / sent, drawn[:, 4]),
    )


def _estimate(values: Floats, resampled: Floats) -> Estimate | None:
    return _interval(values, resampled) if len(values) else None


def _interval(values: Floats, resampled: Floats) -> Estimate:
    low, high = np.quantile(resampled, [0.025, 0.975])
    return Estimate(float(values.mean()), float(low), float(high))
