"""Curves of score against words, bits and energy, per image, for all methods on the same images.

After its last word an image's score (and what it has spent) is carried forward to the end of the axis: K, the
longest caption in the comparison, or the most bits that any transmission took. Ranking seeds, trials,
receiver seeds and captions are nested: averaged within the image.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lsccli.core.errors import LscError
from lsccli.core.report import budget
from lsccli.core.report.axes import WORDS
from lsccli.core.report.budget import Spending
from lsccli.core.report.complete import Part
from lsccli.core.report.labels import Labelled, labelled
from lsccli.core.report.material import Basis, Material, counting, read_material, unlabelled
from lsccli.core.report.request import ReportRequest
from lsccli.core.report.sent_words import SentWords
from lsccli.core.report.stats import Floats, Ints
from lsccli.core.store.store import Store


@dataclass(frozen=True, eq=False)
class Curve(Labelled):
    """One combination of captioner, method, channel, receiver and metric over I images.

    Attributes:
        scores: (I, K + 1) score after k words.
        bits: (I, K + 1) cumulative channel bits after k words.
        areas: axis -> (I,) the area under the score, divided by the length of the axis.
        along: axis -> (I, P) score at each point of `CurveSet.grids`, of bits and of energy.
        most: axis -> the most that any of its transmissions spends, of bits and of energy.
        words: (I,) words sent in all.
        symbols, source_bits: (I,) in all.
        delivered: (I,) source bits of words that were read as they were sent.
        sent: the words of these images, where the channel has noise.
        replicates: (I,) how many transmissions times receiver seeds were averaged.
    """

    scores: Floats
    bits: Floats
    areas: Mapping[str, Floats]
    along: Mapping[str, Floats]
    most: Mapping[str, float]
    words: Floats
    symbols: Floats
    source_bits: Floats
    delivered: Floats
    sent: SentWords
    replicates: Ints


@dataclass(frozen=True, eq=False)
class CurveSet(Basis):
    """Curves over the same images, and what is not in them.

    Attributes:
        ends: axis -> where its range ends: words, channel bits, and energy where every channel has noise.
        grids: axis -> (P,) the points of `Curve.along`.
    """

    curves: Sequence[Curve] = ()
    ends: Mapping[str, float] = field(default_factory=dict)
    grids: Mapping[str, Floats] = field(default_factory=dict)


def load_curves(store: Store, request: ReportRequest) -> CurveSet:
    """Read the curves that `request` names; nothing is computed that is not in the store.

    Raises:
        LscError: for an unknown name, where no image is selected, and where there is no energy to judge by.
    """
    material = read_material(store, request)
    if material.base.nothing is not None:
        return CurveSet(**vars(material.base))
    axes = axes_of(material, request)
    if request.budget.by not in (WORDS, *axes):
        raise LscError(
            "--by energy compares curves over channels with an Es/N0, and some here have none; choose with "
            "--channel awgn or --where."
        )
    for axis in request.budget.fixed:
        if axis not in (WORDS, *axes):
            raise LscError(
                f"--to-{axis} ends the axis of {axis}, which there is over channels with an Es/N0, "
                "and some curves here are over others; choose with --channel awgn or --where."
            )
    last = int(request.budget.fixed.get(WORDS, material.base.longest))
    return CurveSet(
        **vars(material.base),
        curves=labelled([_curve(material, part, axes, last) for part in material.parts]),
        ends={WORDS: last, **{axis: one.end for axis, one in axes.items()}},
        grids={axis: one.grid for axis, one in axes.items()},
    )


def axes_of(material: Material, request: ReportRequest) -> dict[str, Spending]:
    """Bits, and energy where every channel has an Es/N0, up to where it is asked for or the most spent."""
    sent = material.sent
    used = [use for part in material.parts for _, use, _ in counting(material, part)]
    use = np.unique(np.concatenate(used))
    ratios = {part.group: _es_n0(unlabelled(material, part)) for part in material.parts}
    return {
        axis: Spending(
            spent, request.budget.fixed.get(axis) or budget.most(spent, sent.start[use], sent.last[use])
        )
        for axis, spent in budget.spendings(sent, ratios, use).items()
    }


def _es_n0(one: Labelled) -> float | None:
    return None if one.link is None or one.link.points_db is None else one.link.es_n0


def _curve(material: Material, part: Part, axes: Mapping[str, Spending], last_word: int) -> Curve:
    sent, count = material.sent, len(material.places)
    longest = material.base.longest
    total = np.zeros((count, longest + 1))
    bits, words = np.zeros_like(total), np.zeros(count)
    areas = {axis: np.zeros((count, 1)) for axis in axes}
    along = {axis: np.zeros((count, budget.POINTS + 1)) for axis in axes}
    most = dict.fromkeys(axes, 0.0)
    replicates = np.zeros(count, np.int64)
    spent = np.zeros((count, 3))
    for seed, use, rows in counting(material, part):
        scores = material.scores[part.receiver, part.metric, seed]
        start, last = sent.start[use], sent.last[use]
        steps = start[:, None] + np.minimum(np.arange(longest + 1), last[:, None])
        total += _sum_rows(scores[steps], rows, count)
        bits += _sum_rows(sent.bits[steps], rows, count)
        words += np.bincount(rows, weights=last, minlength=count)
        for axis, own in axes.items():
            areas[axis] += _sum_rows(own.areas(scores, start, last)[:, None], rows, count)
            along[axis] += _sum_rows(own.along(scores, start, last), rows, count)
            most[axis] = max(most[axis], budget.most(own.spent, start, last))
        columns = (sent.symbols, sent.source_bits, sent.delivered)
        spent += _sum_rows(np.stack([column[use] for column in columns], axis=1), rows, count)
        replicates += np.bincount(rows, minlength=count)
    each = replicates[:, None]
    return Curve(
        **vars(unlabelled(material, part)),
        scores=total / each,
        bits=bits / each,
        areas={
            WORDS: budget.word_areas(total / each, last_word),
            **{axis: (sums / each)[:, 0] for axis, sums in areas.items()},
        },
        along={axis: sums / each for axis, sums in along.items()},
        most=most,
        words=words / replicates,
        symbols=spent[:, 0] / replicates,
        source_bits=spent[:, 1] / replicates,
        delivered=spent[:, 2] / replicates,
        sent=material.words.get(part.group, SentWords()),
        replicates=replicates,
    )


def _sum_rows(values: Floats, rows: Ints, count: int) -> Floats:
    """Sum the rows of (R, C) that go to the same of `count` rows."""
    columns = [np.bincount(rows, weights=column, minlength=count) for column in values.T]
    return np.stack(columns, axis=1)
