"""Words and bits until a transmission is good enough, and how often it never is (`--stop-at`).

A transmission is decided once it has scores up to the first step that reaches X, or at all of its steps; what
comes after that step does not matter, drawn or not. So figures are the same whether drawing stopped or not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lsccli.core.errors import LscError
from lsccli.core.metrics.stop import Stop
from lsccli.core.report import read
from lsccli.core.report.axes import BITS, ENERGY, WORDS
from lsccli.core.report.complete import Part
from lsccli.core.report.inference import estimates, wilson
from lsccli.core.report.labels import Labelled, labelled
from lsccli.core.report.material import Basis, Material, counting, read_material, unlabelled
from lsccli.core.report.request import ReportRequest
from lsccli.core.report.stats import Estimate, Floats, Ints
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
        restricted_bits: mean bits over all images, the most that any transmission takes for such a one.
    """

    replicates: float
    reached: int
    words: Estimate | None
    bits: Estimate | None
    never: Estimate
    restricted: Estimate
    restricted_bits: Estimate


@dataclass(frozen=True, eq=False)
class ReachReport:
    """All methods' ways to X on the same images; `set` says which, and what is missing.

    Attributes:
        by: "words" or "bits", by which methods are sorted.
        most: the most channel bits that any transmission takes.
    """

    stop: Stop
    set: Basis
    methods: Sequence[Reach]
    by: str = BITS
    most: float = 0.0

    @property
    def ranked(self) -> list[Reach]:
        """The methods, the one that needs the least first."""
        return sorted(
            self.methods,
            key=lambda one: (one.restricted if self.by == WORDS else one.restricted_bits).mean,
        )


def build_reach(store: Store, request: ReportRequest, stop: Stop) -> ReachReport:
    """Read what it took to reach `stop`; nothing is computed that is not in the store.

    Raises:
        LscError: for an unknown name, and where no image is selected.
    """
    asked = replace(request, stop=stop)
    material = read_material(store, asked, lambda sent, values: carried(sent, values, stop))
    by = request.budget.by
    if by == ENERGY or request.budget.fixed:
        raise LscError(
            "A report of --stop-at is over bits or words, as far as they go; leave --by energy, --to-… out."
        )
    if material.base.nothing is not None:
        return ReachReport(stop, material.base, [], by)
    sent = material.sent
    use = np.concatenate([use for part in material.parts for _, use, _ in counting(material, part)])
    most = float(sent.bits[sent.start[use] + sent.last[use]].max(initial=0))
    methods = labelled([_reach(material, part, stop, most) for part in material.parts])
    return ReachReport(stop, material.base, methods, by, most)


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


def _reach(material: Material, part: Part, stop: Stop, most: float) -> Reach:
    sent, count = material.sent, len(material.places)
    # Transmissions, those that got there, their words, their bits; words or K, bits or the most there are.
    table = np.zeros((6, count))
    for seed, use, rows in counting(material, part):
        values = material.scores[part.receiver, part.metric, seed]
        first = first_reached(sent, values, stop)[use]
        there = first >= 0
        bits = sent.bits[sent.start[use] + np.maximum(first, 0)]
        columns = (
            np.ones(len(use)),
            there,
            np.where(there, first, 0),
            np.where(there, bits, 0),
            np.where(there, first, material.base.longest),
            np.where(there, bits, most),
        )
        table += [np.bincount(rows, weights=column, minlength=count) for column in columns]
    tried, got, words, bits_of, or_all, or_most = table
    some = got > 0
    return Reach(
        **vars(unlabelled(material, part)),
        replicates=float(tried.mean()),
        reached=int(some.sum()),
        words=_estimate(words[some] / got[some]),
        bits=_estimate(bits_of[some] / got[some]),
        never=wilson(1 - got / tried),
        restricted=estimates((or_all / tried)[:, None])[0].within(0, material.base.longest),
        restricted_bits=estimates((or_most / tried)[:, None])[0].within(0, most),
    )


def _estimate(values: Floats) -> Estimate | None:
    return estimates(values[:, None])[0].within(0, math.inf) if len(values) else None
