"""Curves of score and bits against words, per image, for all methods on the same images.

After its last word an image's score (and its bits) is carried forward to K, the longest caption in the
comparison. Ranking seeds, trials, receiver seeds and captions are nested: averaged within the image.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lsccli.core.captioners.base import GIVEN
from lsccli.core.errors import LscError
from lsccli.core.methods.base import METHODS
from lsccli.core.metrics.base import METRICS
from lsccli.core.models.domain import about_captions, about_pictures
from lsccli.core.report import read
from lsccli.core.report.complete import Part, complete_parts, parts_of
from lsccli.core.report.elsewhere import complete_elsewhere
from lsccli.core.report.labels import Labelled, labelled, method_label, tell_apart
from lsccli.core.report.missing import LeftOut, Missing, completing, find_missing, nothing_yet
from lsccli.core.report.request import ReportRequest, Setup, Setups, find_setups
from lsccli.core.report.sent_words import SentWords
from lsccli.core.report.sql import fetch_rows
from lsccli.core.report.stats import Floats, Ints
from lsccli.core.store.selection import in_force, textures
from lsccli.core.store.store import Store

Key = tuple[int, int, int]  # receiver, metric, seed


@dataclass(frozen=True, eq=False)
class Curve(Labelled):
    """One combination of captioner, method, channel, receiver and metric over I images.

    Attributes:
        scores: (I, K + 1) score after k words.
        bits: (I, K + 1) cumulative channel bits after k words.
        words: (I,) words sent in all.
        symbols, source_bits: (I,) in all.
        delivered: (I,) source bits of words that were read as they were sent.
        right: (I,) words that were read as they were sent.
        sent: the words, where the channel has noise.
        replicates: (I,) how many transmissions times receiver seeds were averaged.
    """

    scores: Floats
    bits: Floats
    words: Floats
    symbols: Floats
    source_bits: Floats
    delivered: Floats
    right: Floats
    sent: SentWords
    replicates: Ints


@dataclass(frozen=True, eq=False)
class CurveSet:
    """Curves over the same images, and what is not in them.

    Attributes:
        better: "lower" or "higher", as the metric has it.
        images: ids of the I images that are complete in every curve, in the order of their keys.
        longest: K, words of the longest caption.
        left_out: images that were sent by some method but are not complete in every curve.
        unsent: selected images that no method sent.
        incomplete: curves that are left out, for they lack some of the images.
        nothing: why there is no curve and which command helps; None where there is one.
        notes: what a reader must know of the captions and pictures before believing a figure.
    """

    metric: str
    better: str
    profile: str
    curves: Sequence[Curve] = ()
    images: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    longest: int = 0
    left_out: int = 0
    unsent: int = 0
    missing: Sequence[Missing] = ()
    incomplete: Sequence[LeftOut] = ()
    nothing: str | None = None
    notes: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Material:
    """What reports are made of.

    Attributes:
        scores: (receiver, metric, seed) -> (S,) score of each step.
        parts: the curves that have a complete image.
        places: indices into the selected images of those complete in every curve.
        base: the set that the curves go into.
    """

    setups: Setups
    sent: read.Transmissions
    scores: Mapping[Key, Floats]
    parts: Sequence[Part]
    places: Ints
    base: CurveSet


def load_curves(store: Store, request: ReportRequest) -> CurveSet:
    """Read the curves that `request` names; nothing is computed that is not in the store.

    Raises:
        LscError: for an unknown name, and where no image is selected.
    """
    material = read_material(store, request)
    if material.base.nothing is not None:
        return material.base
    curves = labelled([_curve(material, part) for part in material.parts])
    return replace(material.base, curves=curves)


def read_material(
    store: Store,
    request: ReportRequest,
    fill: Callable[[read.Transmissions, Floats], Floats] | None = None,
) -> Material:
    """Read what `request` names; `fill` may give steps a score that need none of their own.

    Raises:
        LscError: for an unknown name, and where no image is selected.
    """
    spec = METRICS.find(request.metric)
    with store.read() as session:
        setups = find_setups(session, request)
        ids = np.unique(np.array(request.selection.images(store, session), dtype=np.int64))
        if not len(ids):
            raise LscError(f"No images in {store.path} yet. Start with: lsc caption DATA")
        given = in_force(session, request.selection, ids.tolist())
        sent = read.transmissions(session, setups, request, ids, given)
        scores = read.scores(session, setups, sent, ids)
        if request.used is not None and request.used.receiver_seeds:
            scores = {key: own for key, own in scores.items() if key[2] in request.used.receiver_seeds}
        if fill is not None:
            scores = {key: fill(sent, values) for key, values in scores.items()}
        every = parts_of(sent, scores, len(ids))
        parts, others = complete_parts(every, strict=request.strict)
        touched = np.unique(sent.image)
        compared = np.isin(sent.group, [part.group for part in parts]) if others else slice(None)
        wanted = np.isin(np.arange(len(ids)), sent.image[compared])
        missing = find_missing(session, setups, request, sent, scores, every, ids, wanted)
        elsewhere = complete_elsewhere(session, setups, request, sent, ids) if not parts else ()
        keys = dict(fetch_rows(session, "SELECT id, key FROM image"))
        notes = [*(given.notes if _people_in(setups, sent) else ()), *read.misnamed(session, setups).values()]
        shown = _shown(parts, ids)
        writers = {sent.groups[part.group][0] for part in parts}
        notes += about_pictures(request.domain, list(textures(session, shown).values()))
        for by, captions in read.captions_of(session, setups, writers, shown, given).items():
            people = by == GIVEN
            notes += about_captions(request.domain, by, captions, by_people=people)
    common = np.logical_and.reduce([part.any for part in parts]) if parts else np.zeros(len(ids), np.bool_)
    # In the order of their keys, not of their ids: so the bootstrap does not depend on who came first.
    places = np.array(sorted(np.flatnonzero(common), key=lambda place: keys[int(ids[place])]), np.int64)
    base = CurveSet(
        metric=spec.name,
        better=spec.better,
        profile=request.profile,
        images=ids[places],
        left_out=len(touched) - len(places),
        unsent=len(ids) - len(touched),
        missing=missing,
        notes=notes,
    )
    if not len(places):
        counts = [(method_label(*_method(setups, sent, part.group)), int(part.any.sum())) for part in parts]
        why = nothing_yet(request, len(touched), missing, counts, elsewhere, setups.kin)
        return Material(setups, sent, scores, parts, places, replace(base, nothing=why))
    groups = np.isin(sent.group, [part.group for part in parts]) & common[sent.image]
    longest = int(max(sent.length[groups].max(), sent.last[groups].max()))
    made = Material(setups, sent, scores, parts, places, replace(base, longest=longest))
    incomplete = [] if request.strict else _left_out(made, others, missing)
    return replace(made, base=replace(made.base, incomplete=incomplete))


def _left_out(material: Material, others: Sequence[Part], missing: Sequence[Missing]) -> list[LeftOut]:
    """The curves that are not compared, with labels that tell them from those that are."""
    first = material.parts[0]
    # Those that have no image at all are named as well.
    known = {part.group for part in (*material.parts, *others)}
    none = {0: np.zeros_like(first.any)}
    bare = [
        replace(first, group=group, complete=none) for group in dict.fromkeys(gap.group for gap in missing)
    ]
    others = [*others, *(part for part in bare if part.group not in known)]
    labels = tell_apart([unlabelled(material, part) for part in (*material.parts, *others)])
    count = len(material.places)
    found = []
    for part, label in zip(others, labels[len(material.parts) :], strict=True):
        one = unlabelled(material, part)
        has = int(part.any[material.places].sum())
        command = completing([gap for gap in missing if gap.group == part.group])
        found.append(
            LeftOut(one.method, one.importance, one.captioner, label, has, count, command, part.group)
        )
    return found


def _shown(parts: Sequence[Part], ids: Ints) -> list[int]:
    """The ids of the images that are complete in every curve."""
    return ids[np.logical_and.reduce([part.any for part in parts])].tolist() if parts else []


def _people_in(setups: Setups, sent: read.Transmissions) -> bool:
    """Whether any of the captions sent are people's."""
    writers = {setups.captioners[captioner].settings.get("captioner") for captioner, _, _ in sent.groups}
    return GIVEN in writers


def counting(material: Material, part: Part) -> Iterator[tuple[int, Ints, Ints]]:
    """By receiver seed the transmissions that count for a curve, and the row of each: its image's place."""
    sent, places = material.sent, material.places
    rows_of = np.full(int(sent.image.max()) + 1, -1, np.int64)
    rows_of[places] = np.arange(len(places))
    for seed, complete in sorted(part.complete.items()):
        use = np.flatnonzero((sent.group == part.group) & complete[sent.image] & (rows_of[sent.image] >= 0))
        yield seed, use, rows_of[sent.image[use]]


def unlabelled(material: Material, part: Part) -> Labelled:
    """What a curve is of; its label is yet to be told apart."""
    method, importance = _method(material.setups, material.sent, part.group)
    settings = {setup.kind: dict(setup.settings) for setup in _setups_of(material, part)}
    known = METHODS.all().get(method)
    return Labelled(
        method=method,
        importance=importance,
        captioner=str(settings["captioner"].get("captioner", "?")),
        oracle=known.oracle if known is not None else False,
        label=method,
        settings=settings,
    )


def _curve(material: Material, part: Part) -> Curve:
    sent, places = material.sent, material.places
    longest = material.base.longest
    total = np.zeros((len(places), longest + 1))
    bits, words = np.zeros_like(total), np.zeros(len(places))
    replicates = np.zeros(len(places), np.int64)
    spent = np.zeros((len(places), 4))
    for seed, use, rows in counting(material, part):
        last = sent.last[use]
        steps = sent.start[use, None] + np.minimum(np.arange(longest + 1), last[:, None])
        total += _sum_rows(material.scores[part.receiver, part.metric, seed][steps], rows, len(places))
        bits += _sum_rows(sent.bits[steps], rows, len(places))
        words += np.bincount(rows, weights=last, minlength=len(places))
        columns = (sent.symbols, sent.source_bits, sent.delivered, sent.right)
        spent += _sum_rows(np.stack([column[use] for column in columns], axis=1), rows, len(places))
        replicates += np.bincount(rows, minlength=len(places))
    return Curve(
        **vars(unlabelled(material, part)),
        scores=total / replicates[:, None],
        bits=bits / replicates[:, None],
        words=words / replicates,
        symbols=spent[:, 0] / replicates,
        source_bits=spent[:, 1] / replicates,
        delivered=spent[:, 2] / replicates,
        right=spent[:, 3] / replicates,
        sent=sent.words.get(sent.groups[part.group], SentWords()),
        replicates=replicates,
    )


def _sum_rows(values: Floats, rows: Ints, count: int) -> Floats:
    """Sum the rows of (R, C) that go to the same of `count` rows."""
    columns = [np.bincount(rows, weights=column, minlength=count) for column in values.T]
    return np.stack(columns, axis=1)


def _setups_of(material: Material, part: Part) -> list[Setup]:
    captioner, method, channel = material.sent.groups[part.group]
    setups = material.setups
    return [
        setups.captioners[captioner],
        setups.methods[method],
        setups.channels[channel],
        setups.receivers[part.receiver],
        setups.metrics[part.metric],
    ]


def _method(setups: Setups, sent: read.Transmissions, group: int) -> tuple[str, str | None]:
    settings = setups.methods[sent.groups[group][1]].settings
    return str(settings.get("method", "?")), settings.get("importance")
