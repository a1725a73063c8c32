"""What a report is asked to show, and the configurations of the store that answer to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from lsccli.core.captioners.base import CAPTIONERS
from lsccli.core.errors import LscError
from lsccli.core.methods.base import METHODS
from lsccli.core.metrics.base import METRICS
from lsccli.core.models.profile import Profile
from lsccli.core.models.roles import DomainRole
from lsccli.core.options import MISSING
from lsccli.core.report.sql import fetch_rows
from lsccli.core.scc.coder import settings_of
from lsccli.core.store.selection import Selection

_KINDS = ("captioner", "method", "channel", "receiver", "metric")


@dataclass(frozen=True)
class ReportRequest:
    """What to report on; names in any letter case.

    Attributes:
        metric: the metric whose scores are read.
        profile: the name of the profile whose receivers are read.
        selection: the images and captions.
        methods: only these, each `METHOD` (all its importances) or `METHOD:IMPORTANCE`; empty for all.
        receiver: gives identity settings of the receiver in force; asked only where no receiver of the
            store goes by the profile's name, as another profile may have used the same one first.
        domain: what the profile's models were made for, where it says.
    """

    metric: str
    profile: str
    selection: Selection = field(default_factory=Selection)
    methods: tuple[str, ...] = ()
    receiver: Callable[[], Mapping[str, Any]] | None = None
    domain: DomainRole | None = None

    @classmethod
    def of(
        cls, profile: Profile, selection: Selection, metric: str | None = None, methods: tuple[str, ...] = ()
    ) -> ReportRequest:
        """A request for this profile, by its own metric unless another is named."""
        name = metric if metric is not None else str(profile.need("metric").name)

        def receiver() -> Mapping[str, Any]:
            return profile.identity("receiver").without("seed").settings

        return cls(METRICS.find(name).name, profile.name, selection, methods, receiver, profile.domain)


@dataclass(frozen=True)
class Setup:
    """One row of `config`: the settings of a captioner, method, channel, receiver or metric."""

    id: int
    kind: str
    profile: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Setups:
    """The configurations that a request names, by id."""

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
    spec = METHODS.find(name.strip())
    return spec.name, spec.find_importance(importance.strip()) if colon else None


def find_setups(session: Session, request: ReportRequest) -> Setups:
    """The configurations of the store that `request` names; LscError for a name that is not known."""
    metric = METRICS.find(request.metric).name
    asked = request.selection.captioner
    captioner = CAPTIONERS.find(asked).name if asked else None
    wanted = [split_method(text) for text in request.methods]

    def is_wanted(settings: Mapping[str, Any]) -> bool:
        return not wanted or any(
            settings.get("method") == name and importance in (None, settings.get("importance"))
            for name, importance in wanted
        )

    found: dict[str, dict[int, Setup]] = {kind: {} for kind in _KINDS}
    for number, kind, profile, text in fetch_rows(session, "SELECT id, kind, profile, settings FROM config"):
        settings = json.loads(text)
        keep = {
            "captioner": captioner in (None, settings.get("captioner")),
            "method": is_wanted(settings),
            "channel": True,
            "receiver": True,
            "metric": settings.get("metric") == metric,
        }
        if keep.get(kind, False):
            found[kind][number] = Setup(number, kind, profile, completed(kind, settings))
    found["receiver"] = _receivers(found["receiver"], request)
    return Setups(*(found[kind] for kind in _KINDS))


def completed(kind: str, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """All settings of a channel or a method, in a row that may be older than some of their options.

    Such an option has the value that it was born with. What is not installed is left as it is.
    """
    if kind == "channel":
        try:
            born = settings_of(dict(settings)).facts()
        except LscError:  # another version, or a plug-in that is not in use
            return settings
        return {**settings, **{name: value for name, value in born.items() if name not in settings}}
    if kind == "method" and (spec := METHODS.all().get(settings.get("method", ""))) is not None:
        own = settings.get("options", {})
        born = {
            option.name: option.born
            for option in spec.options_of(settings.get("importance"))
            if option.identity and not option.counts and option.born is not MISSING and option.name not in own
        }
        return {**settings, "options": {**own, **born}} if born else settings
    return settings


def _receivers(known: Mapping[int, Setup], request: ReportRequest) -> dict[int, Setup]:
    by_name = {number: setup for number, setup in known.items() if setup.profile == request.profile}
    if by_name or not known or request.receiver is None:
        return by_name
    try:
        facts = request.receiver()
    except LscError:  # the model is not on this machine, so it cannot be told whether it is the same
        return {}
    return {
        number: setup
        for number, setup in known.items()
        if facts and all(setup.settings.get(fact) == value for fact, value in facts.items())
    }
