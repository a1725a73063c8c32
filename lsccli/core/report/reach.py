"""Words and bits until a transmission is good enough, and how often it never is (`--stop-at`).

A transmission is decided once it has scores up to the first step that reaches X, or at all of its steps; what
comes after that step does not matter, drawn or not. So figures are the same whether drawing stopped or not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lsccli.core.metrics.stop import Stop
from lsccli.core.report import read
from lsccli.core.report.curves import CurveSet, Material, gather, identify, transmissions
from lsccli.core.report.labels import labelled
from lsccli.core.report.missing import Missing, Part
from lsccli.core.report.selection import Ints, Selection
from lsccli.core.report.stats import Floats, resampled_means
from lsccli.core.report.summary import Estimate
from lsccli.core.store.store import Store


@dataclass(frozen=True, eq=False)
class Reach:
    """What it took one method to get to X, over I images.

    Within an image its transmissions (times receiver seeds) are averaged first.

    Attributes:
        words, bits: means over the images that reached X; None where none did.
        never: share of transmissions that never reached X, mean over all images.
        restricted: mean words over all images, K for a transmission that never reached X.
    """

    method: str
    importance: str | None
    captioner: str
    oracle: bool
    label: str
    settings: dict[str, dict[str, Any]]
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


def build_reach(store: Store, selection: Selection, stop: Stop) -> ReachReport:
    """Read what it took to reach `stop`; nothing is computed that is not in the store.

    Raises:
        LscError: for an unknown name, and where no image is selected.
    """
    stuff = gather(store, selection, lambda sent, values: carried(sent, values, stop))
    base = replace(stuff.base, missing=[_made_by(gap, stop) for gap in stuff.base.missing])
    if base.nothing is not None:
        again = re.sub(r"lsc (generate|score --metric \S+)$", _command(stop), base.nothing)
        return ReachReport(stop, replace(base, nothing=again), [])
    return ReachReport(stop, base, labelled([_reach(stuff, part, stop) for part in stuff.parts]))


def first_reached(sent: read.Sent, values: Floats, stop: Stop) -> Ints:
    """(T,) the first k of each transmission whose score reaches `stop`, or -1; (S,) scores, NaN for none."""
    hits = np.flatnonzero(stop.reached(values))  # a comparison with NaN is false
    # Steps of a transmission lie together, in the order of k: its first hit is the next one from its start.
    after = np.searchsorted(hits, sent.start)
    known = after < len(hits)
    first = np.full(len(sent.start), -1, np.int64)
    first[known] = hits[after[known]] - sent.start[known]
    return np.where(first <= sent.last, first, -1)


def carried(sent: read.Sent, values: Floats, stop: Stop) -> Floats:
    """(S,) the scores, each transmission's carried forward from where it reached `stop`."""
    first = first_reached(sent, values, stop)
    reached = first >= 0
    place = np.arange(len(values)) - sent.start[sent.owner]
    beyond = reached[sent.owner] & (place > first[sent.owner])
    held = values[np.minimum(sent.start + np.maximum(first, 0), len(values) - 1)]
    return np.where(beyond, held[sent.owner], values)


def _reach(stuff: Material, part: Part, stop: Stop) -> Reach:
    count = len(stuff.places)
    table = np.zeros((5, count))  # transmissions, those that got there, their words, their bits; words or K
    for seed, use, rows in transmissions(stuff, part):
        values = stuff.found[part.receiver, part.metric, seed]
        first = first_reached(stuff.sent, values, stop)[use]
        there = first >= 0
        bits = stuff.sent.bits[stuff.sent.start[use] + np.maximum(first, 0)]
        columns = (
            np.ones(len(use)),
            there,
            np.where(there, first, 0),
            np.where(there, bits, 0),
            np.where(there, first, stuff.base.longest),
        )
        table += [np.bincount(rows, weights=column, minlength=count) for column in columns]
    sent, got, words, bits_of, restricted = table
    some = got > 0
    means = [np.where(some, column / np.maximum(got, 1), 0) for column in (words, bits_of)]
    # One bootstrap for all: a mean over images that got there is a ratio of two means over all images.
    drawn = resampled_means(np.stack([*means, some, 1 - got / sent, restricted / sent], axis=1))
    known = drawn[drawn[:, 2] > 0]
    return Reach(
        **identify(stuff, part),
        replicates=float(sent.mean()),
        reached=int(some.sum()),
        words=_estimate(means[0][some], known[:, 0] / known[:, 2]),
        bits=_estimate(means[1][some], known[:, 1] / known[:, 2]),
        never=_sure(1 - got / sent, drawn[:, 3]),
        restricted=_sure(restricted / sent, drawn[:, 4]),
    )


def _estimate(values: Floats, resampled: Floats) -> Estimate | None:
    return _sure(values, resampled) if len(values) else None


def _sure(values: Floats, resampled: Floats) -> Estimate:
    low, high = np.quantile(resampled, [0.025, 0.975])
    return Estimate(float(values.mean()), float(low), float(high))


def _command(stop: Stop) -> str:
    return f"lsc generate --stop-at {stop.typed} --metric {stop.metric}"


def _made_by(gap: Missing, stop: Stop) -> Missing:
    return gap if gap.what == "transmission" else replace(gap, command=_command(stop))


def as_dict(report: ReachReport) -> dict[str, Any]:
    """The report as JSON values; nothing is rounded."""
    base = report.set
    return {
        "metric": base.metric,
        "better": base.better,
        "stop_at": report.stop.score,
        "profile": base.profile,
        "images": len(base.images),
        "longest": base.longest,
        "methods": [_as_dict(one, len(base.images)) for one in report.methods],
        "left_out": base.left_out,
        "unsent": base.unsent,
        "missing": [vars(gap) for gap in base.missing],
        "nothing": base.nothing,
    }


def _as_dict(one: Reach, images: int) -> dict[str, Any]:
    facts = {name: value for name, value in vars(one).items() if not isinstance(value, Estimate)}
    estimates = {name: getattr(one, name) for name in ("words", "bits", "never", "restricted")}
    return {
        **facts,
        "images": images,
        **{name: vars(value) if value is not None else None for name, value in estimates.items()},
    }
