"""The facts of a report as NumPy columns: transmissions, their steps, what was drawn and scored.

A few plain statements, each one pass over a table, and the joins by sorting in NumPy: 95,000 steps took
0.65 s of processor time, where a join row by row in Python would take minutes.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from lsccli.core.captioners.base import GIVEN
from lsccli.core.methods.base import METHODS
from lsccli.core.report.labels import method_label
from lsccli.core.report.request import ReportRequest, Setups
from lsccli.core.report.sql import fetch_rows, in_list, integers
from lsccli.core.report.stats import Floats, Ints
from lsccli.core.store.selection import Given, in_force
from lsccli.core.store.uses import Used, by_counts


@dataclass(frozen=True)
class Transmissions:
    """The selected transmissions (T of them) and all their steps (S of them).

    Attributes:
        image: (T,) index into the selected images.
        group: (T,) index into `groups`.
        groups: ids of captioner, method and channel, of every combination that occurs.
        length: (T,) words of the caption.
        start: (T,) index of a transmission's step 0; its later steps follow.
        last: (T,) the k of its last step.
        prompt: (S,) id of the prompt received so far.
        bits: (S,) cumulative channel bits.
        owner: (S,) index of the transmission that a step belongs to.
        symbols, source_bits: (T,) in all.
        symbols_so_far: (S,) cumulative symbols.
        delivered: (T,) source bits of words that were read as they were sent.
        number: (T,) the id of each.
    """

    image: Ints
    group: Ints
    groups: list[tuple[int, int, int]]
    length: Ints
    start: Ints
    last: Ints
    prompt: Ints
    bits: Floats
    owner: Ints
    symbols: Floats = field(default_factory=lambda: np.zeros(0))
    source_bits: Floats = field(default_factory=lambda: np.zeros(0))
    delivered: Floats = field(default_factory=lambda: np.zeros(0))
    symbols_so_far: Floats = field(default_factory=lambda: np.zeros(0))
    number: Ints = field(default_factory=lambda: np.zeros(0, np.int64))


def transmissions(
    session: Session, setups: Setups, request: ReportRequest, image_ids: Ints, given: Given | None = None
) -> Transmissions:
    """The transmissions of the selected images by the captioners and methods asked for.

    Of people's captions only those in force, `given`, count.

    They come in the order of their keys: so sums, and with them reports, do not depend on the order in
    which results were made.
    """
    selection = request.selection
    everything = selection.data is None and selection.limit is None and selection.image_ids is None
    people = [n for n, setup in setups.captioners.items() if setup.settings.get("captioner") == GIVEN]
    where = [
        f"c.config_id IN {in_list(setups.captioners)}",
        f"r.config_id IN {in_list(setups.methods)}",
        f"t.config_id IN {in_list(setups.channels)}",
        f"(c.config_id NOT IN {in_list(people)} OR c.id IN (SELECT value FROM json_each(?)))",
    ]
    where += [f"NOT (c.config_id = {by} AND r.config_id = {how})" for by, how in misnamed(session, setups)]
    if request.used is not None:
        where += _of_run(request.used, setups)
    if given is None:
        given = in_force(session, selection, image_ids.tolist())
    values = [json.dumps(given.ids if request.used is None else sorted(request.used.captions))]
    if not everything:
        where.append(f"c.image_id IN {in_list(image_ids)}")
    tables = (
        "transmission t JOIN ranking r ON r.id = t.ranking_id JOIN caption c ON c.id = r.caption_id "
        f"WHERE {' AND '.join(where)}"
    )
    columns = "t.id, c.image_id, c.config_id, r.config_id, t.config_id, json_array_length(c.words)"
    table = integers(session, f"SELECT {columns} FROM {tables} ORDER BY t.key", 6, values)
    whole = (
        everything and len(table) == fetch_rows(session, "SELECT count(*) FROM transmission").fetchone()[0]
    )
    limits = "" if whole else f"WHERE transmission_id IN (SELECT t.id FROM {tables})"
    steps = integers(
        session,
        "SELECT transmission_id, channel_bits, prompt_id, symbols, source_bits, "
        "source_bits * (sent = received) "
        f"FROM step {limits} ORDER BY transmission_id, k",
        6,
        () if whole else values,
    )
    left = np.searchsorted(steps[:, 0], table[:, 0], "left")
    right = np.searchsorted(steps[:, 0], table[:, 0], "right")
    # A transmission's row is written with its steps; one without any would be of no use here.
    kept = right > left
    table, left, right = table[kept], left[kept], right[kept]
    groups, group = np.unique(table[:, 2:5], axis=0, return_inverse=True)
    owner = np.empty(len(steps), np.int64)
    ordered = np.argsort(left)  # transmissions as their steps lie
    owner[:] = np.repeat(ordered, (right - left)[ordered])
    running = np.cumsum(steps[:, 1], dtype=np.float64)
    before = running[left] - steps[left, 1]
    sums = np.concatenate([np.zeros((1, 3)), np.cumsum(steps[:, 3:], axis=0, dtype=np.float64)])
    symbols, source_bits, delivered = (sums[right] - sums[left]).T
    so_far = sums[1:, 0] - sums[left, 0][owner]
    return Transmissions(
        image=np.searchsorted(image_ids, table[:, 1]),
        group=group.reshape(-1).astype(np.int64),
        groups=[(int(a), int(b), int(c)) for a, b, c in groups],
        length=table[:, 5],
        start=left,
        last=right - left - 1,
        prompt=steps[:, 2],
        bits=running - before[owner],
        symbols=symbols,
        source_bits=source_bits,
        delivered=delivered,
        symbols_so_far=so_far,
        number=table[:, 0],
        owner=owner,
    )


def _of_run(used: Used, setups: Setups) -> list[str]:
    """The conditions on transmissions that a run sent, or found sent."""
    numbers = {
        kind: {setup.key: number for number, setup in of.items()}
        for kind, of in (
            ("captioner", setups.captioners),
            ("method", setups.methods),
            ("channel", setups.channels),
        )
    }
    ways = []
    for (seeds, trials), legs in by_counts(used.legs).items():
        ids = [[numbers[kind].get(getattr(leg, kind)) for kind in numbers] for leg in legs]
        rows = ",".join(f"({','.join(map(str, row))})" for row in ids if None not in row)
        if rows:
            own = f"(c.config_id, r.config_id, t.config_id) IN (VALUES {rows})"
            ways.append(f"({own} AND r.seed < {seeds} AND t.trial < {trials})")
    return [f"({' OR '.join(ways) or '0'})", f"c.id IN {in_list(used.captions)}"]


def misnamed(session: Session, setups: Setups) -> dict[tuple[int, int], str]:
    """(captioner, method) of rankings of captions that the method's name does not mean, each with a line.

    An earlier lsc made such, and they are the order of another method.
    """
    bound = {}
    for number, setup in setups.methods.items():
        spec = METHODS.all().get(str(setup.settings.get("method")))
        importance = setup.settings.get("importance")
        if (
            spec is not None
            and (own := spec.bound_to(importance, setup.settings.get("options", {}))) is not None
        ):
            bound[number] = method_label(spec.name, importance), own
    if not bound:
        return {}
    pairs = fetch_rows(
        session,
        "SELECT DISTINCT c.config_id, r.config_id FROM ranking r JOIN caption c ON c.id = r.caption_id "
        f"WHERE r.config_id IN {in_list(bound)} AND c.config_id IN {in_list(setups.captioners)}",
    )
    found = {}
    for by, how in pairs.fetchall():
        (label, own), writer = bound[how], setups.captioners[by].settings.get("captioner")
        if writer != own:
            found[by, how] = f"{label} on the captions of {writer} is left out: it means those of {own}."
    return found


def captions_of(
    session: Session, setups: Setups, writers: Collection[int], image_ids: Collection[int], given: Given
) -> dict[str, list[list[str]]]:
    """Captioner -> the words of its captions of these images; of people's those in force."""
    found: dict[str, list[list[str]]] = {}
    rows = fetch_rows(
        session,
        f"SELECT id, config_id, words FROM caption WHERE config_id IN {in_list(writers)} "
        "AND image_id IN (SELECT value FROM json_each(?)) ORDER BY image_id, id",
        [json.dumps(list(image_ids))],
    )
    in_force = set(given.ids)
    for number, config, words in rows.fetchall():
        by = str(setups.captioners[config].settings.get("captioner"))
        if by != GIVEN or number in in_force:
            found.setdefault(by, []).append(json.loads(words))
    return found


def scores(
    session: Session, setups: Setups, steps: Transmissions, image_ids: Ints
) -> dict[tuple[int, int, int], Floats]:
    """(receiver, metric, seed) -> (S,) the score of each step, NaN where there is none."""
    if not setups.receivers or not setups.metrics or not len(steps.prompt):
        return {}
    kinds = [(n, np.int64) for n in ("prompt", "receiver", "seed", "image", "metric")]
    rows = np.fromiter(
        fetch_rows(
            session,
            "SELECT g.prompt_id, g.config_id, g.seed, s.image_id, s.config_id, s.value "
            "FROM score s JOIN generation g ON g.id = s.generation_id "
            f"WHERE s.config_id IN {in_list(setups.metrics)} AND g.config_id IN {in_list(setups.receivers)}",
        ),
        np.dtype([*kinds, ("value", np.float64)]),
    )
    span = int(image_ids.max(initial=0)) + 1
    rows = rows[rows["image"] < span]
    wanted = steps.prompt * span + image_ids[steps.image[steps.owner]]
    found: dict[tuple[int, int, int], Floats] = {}
    if not len(rows):
        return found
    pairs = fetch_rows(session, "SELECT DISTINCT config_id, seed FROM generation ORDER BY config_id, seed")
    for (receiver, seed), metric in product(pairs.fetchall(), sorted(setups.metrics)):
        of = (rows["receiver"] == receiver) & (rows["metric"] == metric) & (rows["seed"] == seed)
        if not of.any():
            continue
        names = rows["prompt"][of] * span + rows["image"][of]
        values = rows["value"][of]
        rank = np.argsort(names)
        found[receiver, metric, seed] = _look_up(wanted, names[rank], values[rank])
    return found


def drawn(session: Session, receivers: Mapping[int, object]) -> dict[tuple[int, int], Ints]:
    """(receiver, seed) -> ids of the prompts that were drawn, ascending."""
    if not receivers:
        return {}
    table = integers(
        session,
        "SELECT config_id, seed, prompt_id FROM generation "
        f"WHERE config_id IN {in_list(receivers)} ORDER BY config_id, seed, prompt_id",
        3,
    )
    pairs, first = np.unique(table[:, :2], axis=0, return_index=True)
    parts = np.split(table[:, 2], np.sort(first)[1:])
    return {(int(a), int(b)): part for (a, b), part in zip(pairs, parts, strict=bool(len(pairs)))}


def is_in(values: Ints, ascending: Ints) -> NDArray[np.bool_]:
    """Whether each of `values` is among `ascending`."""
    if not len(ascending):
        return np.zeros(len(values), np.bool_)
    place = np.minimum(np.searchsorted(ascending, values), len(ascending) - 1)
    return np.asarray(ascending[place] == values)


def _look_up(wanted: Ints, names: Ints, values: Floats) -> Floats:
    place = np.minimum(np.searchsorted(names, wanted), len(names) - 1)
    return np.where(names[place] == wanted, values[place], np.nan)
