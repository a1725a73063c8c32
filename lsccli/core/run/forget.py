"""Leaving something out of a store for good: its rows, all that follows from them, and their files."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from lsccli.core.data.dataset import folder_of
from lsccli.core.errors import LscError
from lsccli.core.report.request import Setup, every_setup
from lsccli.core.report.sql import in_list
from lsccli.core.report.where import Condition, narrowed
from lsccli.core.run.history import put_right, running
from lsccli.core.run.marks import Marks, marks_of, rows_of
from lsccli.core.store.artifacts import generation_path
from lsccli.core.store.selection import Selection, is_below
from lsccli.core.store.store import Store
from lsccli.core.store.tables import RunDetail
from lsccli.core.store.uses import Used

# What a configuration of each kind makes, in the order in which one follows from another.
_MADE = {
    "captioner": "caption",
    "method": "ranking",
    "channel": "transmission",
    "receiver": "generation",
    "metric": "score",
}
# Settings that say that models were read.
_READING = ("roles", "reads", "search", "scc_reads")


@dataclass(frozen=True)
class What:
    """What is to be forgotten: results that meet all of these.

    Attributes:
        methods: each a name and an importance, "" where any is meant.
        captioner: whose captions.
        channel: conditions on the channel.
        data: only of images from there, or these images themselves where nothing else is said.
        profile: what the models of this profile have made; goes alone.
        plugin: what this edition of a plug-in has made: the beginning of a digest, or a package; goes alone.
    """

    methods: Sequence[tuple[str, str | None]] = ()
    captioner: str | None = None
    channel: Sequence[Condition] = ()
    data: Path | None = None
    profile: str | None = None
    plugin: str | None = None

    def __post_init__(self) -> None:
        alone = [option for option in (self.profile, self.plugin) if option is not None]
        others = bool(self.methods or self.captioner or self.channel or self.data is not None)
        if not alone and not others:
            raise LscError(
                "Say what to forget: --method, --captioner, an option of the channel, --data, --profile or "
                "--plugin. With --dry-run nothing is forgotten yet."
            )
        if len(alone) + others > 1:
            raise LscError("--profile and --plugin mean all that these have made, and go alone.")


@dataclass(frozen=True)
class Forgotten:
    """What was forgotten, or would be.

    Attributes:
        rows: table -> how many rows.
        files: how many of Bob's images.
        others: runs that may go on, on other machines.
    """

    rows: Mapping[str, int]
    files: int = 0
    others: Sequence[tuple[int, str]] = field(default_factory=tuple)


def forget(store: Store, what: What, *, dry: bool) -> Forgotten:
    """Forget what is meant; `dry` only counts.

    Raises:
        LscError: where nothing is meant, where there is nothing of it, and where a run goes on.
    """
    if dry:
        with store.read() as session:
            return _forget(session, store, what, dry=True)[0]
    with store.write() as session:
        put_right(session)
        found, files = _forget(session, store, what, dry=False)
    store.files.remove(files)
    return found


def _forget(session: Session, store: Store, what: What, *, dry: bool) -> tuple[Forgotten, list[str]]:
    others = _running(session, dry)
    with marks_of(session) as mark:
        _begin(session, store, what, mark)
        _follow(session, mark)
        rows = {table: mark.count(table) for table in mark.tables if mark.count(table)}
        keys = rows_of(session, "SELECT g.key FROM generation g JOIN gone_generation USING (id)")
        files = [generation_path(key) for (key,) in keys]
        here = store.files.own(path for path in files if (store.artifacts / path).is_file())
        if not dry:
            _leave_out_of_runs(session, mark)
            mark.delete()
        return Forgotten(rows, len(here), others), here


def _leave_out_of_runs(session: Session, mark: Marks) -> None:
    """Runs used what is gone no more: its ids will be another's."""
    images, captions = mark.gone("image"), mark.gone("caption")
    rows: Any = select(RunDetail).where(RunDetail.used.is_not(None))  # type: ignore[union-attr]
    for row in session.execute(rows).scalars() if images or captions else ():
        try:
            used = Used.of_json(row.used)
        except ValueError:
            continue
        if used.images & images or used.captions & captions:
            used.images -= images
            used.captions -= captions
            row.used = used.as_json()


def _running(session: Session, dry: bool) -> list[tuple[int, str]]:
    """The runs that may go on elsewhere; LscError where one goes on here."""
    found = running(session)
    here = [number for number, host in found if host == platform.node()]
    if here and not dry:
        raise LscError(f"Run {here[0]} goes on. Wait until it has ended, or stop it; see: lsc runs")
    return [one for one in found if one[0] not in here]


def _begin(session: Session, store: Store, what: What, mark: Marks) -> None:
    """Mark what the filters are about themselves: the last thing in the chain that they speak of."""
    kinds = {kind: every_setup(session, kind) for kind in _MADE}
    if what.profile is not None or what.plugin is not None:
        meant = (
            _of_profile(kinds, what.profile)
            if what.profile is not None
            else _of_plugin(kinds, what.plugin or "")
        )
        for kind, ids in meant.items():
            mark.add(_MADE[kind], f"SELECT id FROM {_MADE[kind]} WHERE config_id IN {in_list(ids)}")
    else:
        chosen = {kind: set(of) for kind, of in kinds.items()}
        if what.captioner is not None:
            names = {str(one.settings.get("captioner")) for one in kinds["captioner"].values()}
            _known("--captioner", what.captioner, names)
            chosen["captioner"] = _with(kinds["captioner"], "captioner", what.captioner)
        if what.methods:
            chosen["method"] = {
                n
                for n, one in kinds["method"].items()
                for name, importance in what.methods
                if one.settings.get("method") == name and importance in ("", one.settings.get("importance"))
            }
        if what.channel:
            links = {n: one.settings for n, one in kinds["channel"].items()}
            chosen["channel"] = narrowed({"channel": links}, what.channel)["channel"]
        images = None if what.data is None else Selection(what.data).images(store, session)
        if what.channel:
            _mark_results("transmission", chosen, images, mark)
        elif what.methods:
            _mark_results("ranking", chosen, images, mark)
        elif what.captioner is not None:
            _mark_results("caption", chosen, images, mark)
        elif what.data is not None and images is not None:
            _mark_images(session, what.data, images, mark)
    if not any(mark.count(table) for table in mark.tables if mark.has_ids(table)):
        raise LscError("There is nothing of that in the store; nothing was forgotten.")


def _with(setups: Mapping[int, Setup], name: str, value: str) -> set[int]:
    return {number for number, one in setups.items() if one.settings.get(name) == value}


def _of_profile(kinds: Mapping[str, Mapping[int, Setup]], profile: str) -> dict[str, set[int]]:
    """What was first used under a profile and reads its models; what reads none is nobody's."""
    _known("--profile", profile, {one.profile for of in kinds.values() for one in of.values()})
    return {
        kind: {
            n
            for n, one in of.items()
            if one.profile == profile and (kind == "receiver" or any(map(one.settings.get, _READING)))
        }
        for kind, of in kinds.items()
    }


def _of_plugin(kinds: Mapping[str, Mapping[int, Setup]], asked: str) -> dict[str, set[int]]:
    editions = {n: set(_editions(one.settings)) for of in kinds.values() for n, one in of.items()}
    every = set().union(*editions.values())
    meant = {edition for edition in every if _is_edition(edition, asked)}
    if not meant:
        _known("--plugin", asked, every)
    return {kind: {n for n in of if meant & editions[n]} for kind, of in kinds.items()}


def _known(option: str, asked: str, known: set[str]) -> None:
    if asked not in known:
        there = f"there is {', '.join(sorted(known))}" if known else "there is none"
        raise LscError(f"{option} {asked}: nothing in the store is of that; {there}.")


def _editions(settings: Any) -> list[str]:
    """The editions of plug-ins that settings name, at any depth."""
    found: list[str] = []
    if isinstance(settings, Mapping):
        for name, value in settings.items():
            found += [value] if name == "plugin" and isinstance(value, str) else _editions(value)
    return found


def _is_edition(edition: str, asked: str) -> bool:
    begun = asked.removeprefix("sha256:").lower()
    return edition == asked or (len(begun) >= 6 and edition.removeprefix("sha256:").startswith(begun))


def _mark_images(session: Session, data: Path, images: Sequence[int], mark: Marks) -> None:
    """A data set: its places go, and the images that lie nowhere else."""
    folder = folder_of(data)
    rows = rows_of(
        session, f"SELECT id, image_id, root, path FROM source WHERE image_id IN {in_list(images)}"
    )
    there = {number: image for number, image, root, path in rows if is_below(root, path, folder)}
    left = {image for number, image, *_ in rows if number not in there}
    mark.add("source", f"SELECT id FROM source WHERE id IN {in_list(there)}")
    mark.add("image", f"SELECT id FROM image WHERE id IN {in_list(set(there.values()) - left)}")


def _mark_results(
    table: str, chosen: Mapping[str, set[int]], images: Sequence[int] | None, mark: Marks
) -> None:
    """The captions, rankings or transmissions of which all of the way to them is meant."""
    way = {
        "caption": ("caption c", "c"),
        "ranking": ("ranking r JOIN caption c ON c.id = r.caption_id", "r"),
        "transmission": (
            "transmission t JOIN ranking r ON r.id = t.ranking_id JOIN caption c ON c.id = r.caption_id",
            "t",
        ),
    }
    tables, own = way[table]
    of = (("captioner", "c"), ("method", "r"), ("channel", "t"))
    where = [
        f"{alias}.config_id IN {in_list(chosen[kind])}" for kind, alias in of if f" {alias} " in f"{tables} "
    ]
    where += [] if images is None else [f"c.image_id IN {in_list(images)}"]
    mark.add(table, f"SELECT {own}.id FROM {tables} WHERE {' AND '.join(where)}")


def _follow(session: Session, mark: Marks) -> None:
    """Mark all that follows: what refers to it, and drawings and scores that nothing else has led to."""
    for table in mark.tables:  # sorted: what is referred to comes first
        if not mark.has_ids(table) or table == "prompt":
            continue
        for child, column in mark.children[table]:
            if mark.has_ids(child):
                mark.add(child, f"SELECT id FROM {child} WHERE {column} IN (SELECT id FROM gone_{table})")
    steps = "step s JOIN transmission t ON t.id = s.transmission_id JOIN ranking r ON r.id = t.ranking_id"
    sent = f"{steps} JOIN caption c ON c.id = r.caption_id"
    gone = "t.id IN (SELECT id FROM gone_transmission)"
    # Scores of an image with a prompt that no other transmission of the image has reached.
    reached = f"SELECT c.image_id, s.prompt_id FROM {sent} WHERE"
    mark.add(
        "score",
        "SELECT v.id FROM score v JOIN generation g ON g.id = v.generation_id "
        f"WHERE (v.image_id, g.prompt_id) IN ({reached} {gone} EXCEPT {reached} NOT ({gone}))",
    )
    # Drawings of prompts that no other transmission has reached, and that no score is left of.
    prompts = f"SELECT s.prompt_id FROM {steps} WHERE"
    mark.add(
        "generation",
        "SELECT g.id FROM generation g "
        f"WHERE g.prompt_id IN ({prompts} {gone} EXCEPT {prompts} NOT ({gone})) "
        "AND NOT EXISTS (SELECT 1 FROM score v WHERE v.generation_id = g.id "
        "AND v.id NOT IN (SELECT id FROM gone_score))",
    )
    mark.add("score", "SELECT id FROM score WHERE generation_id IN (SELECT id FROM gone_generation)")
    mark.add(
        "prompt",
        "SELECT p.id FROM prompt p WHERE p.id IN "
        f"({prompts} {gone} UNION SELECT prompt_id FROM generation JOIN gone_generation USING (id)) "
        f"AND NOT EXISTS (SELECT 1 FROM step s WHERE s.prompt_id = p.id "
        "AND s.transmission_id NOT IN (SELECT id FROM gone_transmission)) "
        "AND NOT EXISTS (SELECT 1 FROM generation g WHERE g.prompt_id = p.id "
        "AND g.id NOT IN (SELECT id FROM gone_generation))",
    )
