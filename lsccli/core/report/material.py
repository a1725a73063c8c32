"""What a report is made of: which images are complete in which curves, and what is left out."""

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
from lsccli.core.report.complete import Part, complete_parts, parts_of, same_seeds
from lsccli.core.report.elsewhere import complete_elsewhere
from lsccli.core.report.labels import Labelled, method_label, tell_apart
from lsccli.core.report.missing import LeftOut, Missing, completing, find_missing, nothing_yet
from lsccli.core.report.request import ReportRequest, Setup, Setups, find_setups
from lsccli.core.report.sent_words import SentWords, sent_words
from lsccli.core.report.sql import fetch_rows
from lsccli.core.report.stats import Floats, Ints
from lsccli.core.report.vocabularies import named_files
from lsccli.core.report.wording import counted
from lsccli.core.store.selection import in_force, textures
from lsccli.core.store.store import Store

Key = tuple[int, int, int]  # receiver, metric, seed
_SEEN = {
    "squash": "squashed to a square",
    "crop": "cropped to the square in the middle",
    "pad": "padded to a square",
}


@dataclass(frozen=True, eq=False)
class Basis:
    """The images that curves are compared on, and what is not in them.

    Attributes:
        better: "lower" or "higher", as the metric has it.
        images: ids of the I images that are complete in every curve, in the order of their keys.
        longest: K, words of the longest caption.
        left_out: images that were sent by some method but are not complete in every curve.
        unsent: selected images that no method sent.
        incomplete: curves that are left out, for they lack some of the images.
        nothing: why there is no curve and which command helps; None where there is one.
        notes: what a reader must know of the captions and pictures before believing a figure.
        receiver_seeds: the seeds that Bob drew with, over which scores are means.
        vocabularies: files that may be Bob's words.
    """

    metric: str
    better: str
    profile: str
    images: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    longest: int = 0
    left_out: int = 0
    unsent: int = 0
    missing: Sequence[Missing] = ()
    incomplete: Sequence[LeftOut] = ()
    nothing: str | None = None
    notes: Sequence[str] = ()
    receiver_seeds: Sequence[int] = ()
    vocabularies: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Material:
    """What reports are made of.

    Attributes:
        scores: (receiver, metric, seed) -> (S,) score of each step.
        parts: the curves that have a complete image.
        places: indices into the selected images of those complete in every curve.
        base: what all curves share.
        words: by group, what was sent of these images over channels with noise.
    """

    setups: Setups
    sent: read.Transmissions
    scores: Mapping[Key, Floats]
    parts: Sequence[Part]
    places: Ints
    base: Basis
    words: Mapping[int, SentWords] = field(default_factory=dict)


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
        if request.seeds:
            scores = {key: own for key, own in scores.items() if key[2] in request.seeds}
        if fill is not None:
            scores = {key: fill(sent, values) for key, values in scores.items()}
        every = parts_of(sent, scores, len(ids))
        parts, others = complete_parts(every, strict=request.strict)
        parts = same_seeds(parts)
        touched = np.unique(sent.image)
        compared = np.isin(sent.group, [part.group for part in parts]) if others else slice(None)
        wanted = np.isin(np.arange(len(ids)), sent.image[compared])
        missing = find_missing(session, setups, request, sent, scores, every, ids, wanted)
        elsewhere = complete_elsewhere(session, setups, request, sent, ids) if not parts else ()
        common = np.logical_and.reduce([part.any for part in parts] or [np.zeros(len(ids), np.bool_)])
        words = {
            group: sent_words(session, sent.number[(sent.group == group) & common[sent.image]])
            for group in {part.group for part in parts}
            if setups.channels[sent.groups[group][2]].settings.get("channel") != "ideal"
        }
        vocabularies = named_files(session, request.vocabulary) if words else []
        keys = dict(fetch_rows(session, "SELECT id, key FROM image"))
        sizes = fetch_rows(session, "SELECT id, width, height FROM image").fetchall()
        notes = [*(given.notes if _people_in(setups, sent) else ()), *read.misnamed(session, setups).values()]
        shown = _shown(parts, ids)
        writers = {sent.groups[part.group][0] for part in parts}
        notes += _about_shapes(setups, parts, {number: size for number, *size in sizes}, shown)
        notes += about_pictures(request.domain, list(textures(session, shown).values()))
        for by, captions in read.captions_of(session, setups, writers, shown, given).items():
            people = by == GIVEN
            notes += about_captions(request.domain, by, captions, by_people=people)
    # In the order of their keys, not of their ids: so sums do not depend on who came first.
    places = np.array(sorted(np.flatnonzero(common), key=lambda place: keys[int(ids[place])]), np.int64)
    base = Basis(
        metric=spec.name,
        better=spec.better,
        profile=request.profile,
        images=ids[places],
        left_out=len(touched) - len(places),
        unsent=len(ids) - len(touched),
        missing=missing,
        notes=notes,
        receiver_seeds=_seeds(parts),
        vocabularies=vocabularies,
    )
    if not len(places):
        counts = [(method_label(*_method(setups, sent, part.group)), int(part.any.sum())) for part in parts]
        why = nothing_yet(request, len(touched), missing, counts, elsewhere, setups.kin)
        return Material(setups, sent, scores, parts, places, replace(base, nothing=why))
    groups = np.isin(sent.group, [part.group for part in parts]) & common[sent.image]
    longest = int(max(sent.length[groups].max(), sent.last[groups].max()))
    made = Material(setups, sent, scores, parts, places, replace(base, longest=longest), words)
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


def _seeds(parts: Sequence[Part]) -> list[int]:
    """The receiver seeds at which a curve has complete images."""
    return sorted({seed for part in parts for seed, complete in part.complete.items() if complete.any()})


def _about_shapes(
    setups: Setups, parts: Sequence[Part], sizes: Mapping[int, Sequence[int]], shown: Sequence[int]
) -> list[str]:
    """What becomes of pictures that are not square, where there are some."""
    other = sum(sizes[number][0] != sizes[number][1] for number in shown)
    fits = {str(setups.metrics[part.metric].settings.get("fit")): None for part in parts}
    if not other:
        return []
    return [
        f"{other} of {counted(len(shown), 'picture')} {'is' if other == 1 else 'are'} not square; the metric "
        f"sees {'it' if other == 1 else 'them'} {' or '.join(_SEEN[fit] for fit in fits)} (--metric-fit)."
    ]


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
        simulates_bob=known.simulates_bob if known is not None else False,
        label=method,
        settings=settings,
    )


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
