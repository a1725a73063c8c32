"""What a report is asked to show, and the configurations and images of the store that answer to it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from lsccli.core.data.dataset import folder_of
from lsccli.core.errors import LscError
from lsccli.core.models.profile import Profile
from lsccli.core.registry import base as registry

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Selection:
    """What to report on; names in any letter case.

    Attributes:
        metric: the metric whose scores are read.
        profile: the name of the profile whose receivers are read.
        data: only images registered from this folder or file, or from below it.
        captioner: only captions by this captioner.
        methods: only these, each `METHOD` (all its importances) or `METHOD:IMPORTANCE`; empty for all.
        captions: "first" takes an image's first caption of a data set, "all" takes all of them.
        limit: only the first so many images, in the order in which they were registered.
        image_ids: these very images instead of `data` and `limit`.
        receiver: gives identity settings of the receiver in force; asked only where no receiver of the
            store goes by the profile's name, as another profile may have used the same one first.
    """

    metric: str
    profile: str
    data: Path | None = None
    captioner: str | None = None
    methods: tuple[str, ...] = ()
    captions: str = "first"
    limit: int | None = None
    image_ids: tuple[int, ...] | None = None
    receiver: Callable[[], Mapping[str, Any]] | None = None

    @classmethod
    def of(cls, profile: Profile, metric: str | None = None, **options: Any) -> Selection:
        """A selection for this profile, by its own metric unless another is named."""
        name = metric if metric is not None else str(profile.need("metric").name)

        def receiver() -> Mapping[str, Any]:
            facts = profile.identity("receiver") if profile.receiver is not None else {}
            return {fact: value for fact, value in facts.items() if fact != "seed"}

        return cls(metric=registry.find_metric(name).name, profile=profile.name, receiver=receiver, **options)

    def __post_init__(self) -> None:
        if self.captions not in ("first", "all"):
            raise LscError(f"--captions {self.captions!r}: choose first or all.")
        if self.limit is not None and self.limit < 1:
            raise LscError(f"--limit {self.limit}: give a number of images, at least 1.")


@dataclass(frozen=True)
class Setup:
    """One row of `config`: the identity settings of a captioner, method, channel, receiver or metric."""

    id: int
    kind: str
    profile: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Chosen:
    """The configurations that a selection names, by id."""

    captioners: Mapping[int, Setup] = field(default_factory=dict)
    methods: Mapping[int, Setup] = field(default_factory=dict)
    channels: Mapping[int, Setup] = field(default_factory=dict)
    receivers: Mapping[int, Setup] = field(default_factory=dict)
    metrics: Mapping[int, Setup] = field(default_factory=dict)


def split_method(text: str) -> tuple[str, str | None]:
    """`METHOD[:IMPORTANCE]` as it is printed; the importance is None where it is left out.

    Raises:
        LscError: where there is no such method, or the method has no such importance.
    """
    name, colon, importance = text.partition(":")
    spec = registry.find_method(name.strip())
    return spec.name, registry.find_importance(spec, importance.strip()) if colon else None


def choose(session: Session, selection: Selection) -> Chosen:
    """The configurations of the store that `selection` names; LscError for a name that is not known."""
    metric = registry.find_metric(selection.metric).name
    captioner = registry.find_captioner(selection.captioner).name if selection.captioner else None
    wanted = [split_method(text) for text in selection.methods]

    def is_wanted(settings: Mapping[str, Any]) -> bool:
        return not wanted or any(
            settings.get("method") == name and importance in (None, settings.get("importance"))
            for name, importance in wanted
        )

    found: dict[str, dict[int, Setup]] = {}
    for number, kind, profile, text in fetch(session, "SELECT id, kind, profile, settings FROM config"):
        setup = Setup(number, kind, profile, json.loads(text))
        keep = {
            "captioner": captioner in (None, setup.settings.get("captioner")),
            "method": is_wanted(setup.settings),
            "channel": True,
            "receiver": True,
            "metric": setup.settings.get("metric") == metric,
        }
        if keep.get(kind, False):
            found.setdefault(kind, {})[number] = setup
    found["receiver"] = _receivers(found.get("receiver", {}), selection)
    kinds = ("captioner", "method", "channel", "receiver", "metric")
    return Chosen(*(found.get(kind, {}) for kind in kinds))


def _receivers(known: Mapping[int, Setup], selection: Selection) -> dict[int, Setup]:
    by_name = {number: setup for number, setup in known.items() if setup.profile == selection.profile}
    if by_name or not known or selection.receiver is None:
        return by_name
    try:
        facts = selection.receiver()
    except LscError:  # the model is not on this machine, so it cannot be told whether it is the same
        return {}
    return {
        number: setup
        for number, setup in known.items()
        if facts and all(setup.settings.get(fact) == value for fact, value in facts.items())
    }


def images(session: Session, selection: Selection) -> Ints:
    """Ids of the selected images, ascending."""
    if selection.image_ids is not None:
        return np.unique(np.array(selection.image_ids, dtype=np.int64))
    if selection.data is None:
        ids = {row[0] for row in fetch(session, "SELECT id FROM image")}
    else:
        place = str(folder_of(selection.data))
        below = place.rstrip(os.sep) + os.sep
        rows = fetch(session, "SELECT image_id, root, path FROM source")
        named = ((number, os.path.normpath(os.path.join(root, path))) for number, root, path in rows)
        ids = {number for number, path in named if path == place or path.startswith(below)}
    return np.array(sorted(ids)[: selection.limit], dtype=np.int64)


def in_list(ids: Iterable[int]) -> str:
    """`(1,2,3)` for SQL: integers only, and not bound to the limit on variables."""
    return "(" + ",".join(str(int(number)) for number in ids) + ")"


def fetch(session: Session, sql: str, values: Sequence[Any] = ()) -> Any:
    """Rows as plain tuples from the driver's own cursor: row objects would cost more than the query."""
    connection = session.connection().connection.driver_connection
    if connection is None:
        raise LscError("The connection to the store is lost.")
    return connection.execute(sql, tuple(values))
