"""What a report is asked to show, and the configurations of the store that answer to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from lsccli.core.captioners.base import CAPTIONERS
from lsccli.core.errors import LscError
from lsccli.core.methods.base import METHODS
from lsccli.core.metrics.base import FITS, METRICS
from lsccli.core.metrics.stop import Stop
from lsccli.core.models.profile import Profile
from lsccli.core.models.roles import DomainRole
from lsccli.core.options import MISSING
from lsccli.core.report.axes import Budget
from lsccli.core.report.labels import method_label
from lsccli.core.report.sql import fetch_rows
from lsccli.core.report.where import KINDS, Condition, narrowed
from lsccli.core.scc.coder import settings_of
from lsccli.core.store.selection import Selection
from lsccli.core.store.uses import Used


@dataclass(frozen=True)
class ReportRequest:
    """What to report on; names in any letter case.

    Attributes:
        metric: the metric whose scores are read.
        profile: the name of the profile whose receivers are read.
        selection: the images and captions.
        methods: only these, each `METHOD` (its default importance) or `METHOD:IMPORTANCE`; empty for all.
        where: conditions that settings have to meet.
        strict: whether every curve is kept, and only images count that are complete in all of them.
        stop: where drawing stops, for a report on that.
        used: what the run used that is reported on; None for a report on the whole store.
        in_force: tells of captioner, method and channel whether the models in force give
            these; without, they do.
        advise: makes a command as it has to be typed of one that is advised.
        receiver: gives identity settings of the receiver in force; asked only where no receiver of the
            store goes by the profile's name, as another profile may have used the same one first.
        domain: what the profile's models were made for, where it says.
        budget: what curves are judged over, and up to where.
        fit: how metrics see pictures that are not square, where no command says otherwise.
        seeds: only what Bob drew with these seeds; empty for all.
        vocabulary: the file of Bob's words that the command names.
    """

    metric: str
    profile: str
    selection: Selection = field(default_factory=Selection)
    methods: tuple[str, ...] = ()
    receiver: Callable[[], Mapping[str, Any]] | None = None
    where: tuple[Condition, ...] = ()
    strict: bool = False
    used: Used | None = None
    stop: Stop | None = None
    in_force: Callable[[Setup, Setup, Setup], bool] | None = None
    advise: Callable[[str], str] = str
    domain: DomainRole | None = None
    budget: Budget = field(default_factory=Budget)
    fit: str = FITS[0]
    seeds: tuple[int, ...] = ()
    vocabulary: str | None = None

    @classmethod
    def of(
        cls,
        profile: Profile,
        selection: Selection,
        metric: str | None = None,
        methods: tuple[str, ...] = (),
        **more: Any,
    ) -> ReportRequest:
        """A request for this profile, by its own metric unless another is named.

        Raises:
            LscError: for an unknown name.
        """
        for method in methods:
            split_method(method)
        name = metric if metric is not None else str(profile.need("metric").name)

        def receiver() -> Mapping[str, Any]:
            return profile.identity("receiver").without("seed").settings

        more.setdefault("domain", profile.domain)
        more.setdefault("fit", str(getattr(profile.roles.get("metric"), "fit", FITS[0])))
        return cls(METRICS.find(name).name, profile.name, selection, methods, receiver, **more)


@dataclass(frozen=True)
class Setup:
    """One row of `config`: the settings of a captioner, method, channel, receiver or metric."""

    id: int
    kind: str
    profile: str
    settings: Mapping[str, Any]
    key: bytes = b""


@dataclass(frozen=True)
class Setups:
    """The configurations that a request names, by id.

    `kin` are methods of the store that are asked for, with an importance that is not.
    """

    captioners: Mapping[int, Setup] = field(default_factory=dict)
    methods: Mapping[int, Setup] = field(default_factory=dict)
    channels: Mapping[int, Setup] = field(default_factory=dict)
    receivers: Mapping[int, Setup] = field(default_factory=dict)
    metrics: Mapping[int, Setup] = field(default_factory=dict)
    kin: Sequence[str] = ()


def split_method(text: str) -> tuple[str, str | None]:
    """`METHOD[:IMPORTANCE]` as it is printed; left out, the importance is the default, as in `run`.

    Raises:
        LscError: where there is no such method, or the method has no such importance.
    """
    name, colon, importance = text.partition(":")
    spec = METHODS.find(name.strip())
    return spec.name, spec.find_importance(importance.strip() if colon else None)


def find_setups(session: Session, request: ReportRequest) -> Setups:
    """The configurations of the store that `request` names; LscError for a name that is not known."""
    asked = request.selection.captioner
    captioner = CAPTIONERS.find(asked).name if asked else None
    wanted = [split_method(text) for text in request.methods]
    found = {kind: every_setup(session, kind, request.used) for kind in KINDS}
    named = {n: _method(one.settings) for n, one in found["method"].items()}
    kin = {
        method_label(*each)
        for each in named.values()
        if each not in wanted and each[0] in {name for name, _ in wanted}
    }
    if wanted:
        found["method"] = {n: one for n, one in found["method"].items() if named[n] in wanted}
    if captioner is not None:
        found["captioner"] = {
            n: one for n, one in found["captioner"].items() if one.settings.get("captioner") == captioner
        }
    if request.used is None:
        found["receiver"] = _receivers(found["receiver"], request)
    found["metric"] = _metrics(found["metric"], request)
    if request.where:
        kept = narrowed(
            {kind: {n: one.settings for n, one in of.items()} for kind, of in found.items()}, request.where
        )
        found = {kind: {n: one for n, one in of.items() if n in kept[kind]} for kind, of in found.items()}
    own, how, over, by, metric = (found[kind] for kind in KINDS)
    return Setups(own, how, over, by, metric, sorted(kin))


def _method(settings: Mapping[str, Any]) -> tuple[str, str | None]:
    return str(settings.get("method", "?")), settings.get("importance")


def every_setup(session: Session, kind: str, used: Used | None = None) -> dict[int, Setup]:
    """All configurations of a kind, by id; with `used` those that a run used."""
    query = "SELECT id, key, profile, settings FROM config WHERE kind = ? ORDER BY id"
    return {
        number: Setup(number, kind, profile, completed(kind, json.loads(text)), key)
        for number, key, profile, text in fetch_rows(session, query, [kind]).fetchall()
        if used is None or used.has(kind, key)
    }


def _metrics(known: Mapping[int, Setup], request: ReportRequest) -> dict[int, Setup]:
    """The metric asked for, of the edition that is in use: another one measures something else.

    An edition is asked for by a condition on `metric.plugin` or `metric.version`.
    """
    spec = METRICS.find(request.metric)
    named = {number: setup for number, setup in known.items() if setup.settings.get("metric") == spec.name}
    if any(one.key.rpartition(".")[2] in ("plugin", "version") for one in request.where) or request.used:
        return named
    own = spec.identity()
    edition = own.get("version", 1), own.get("plugin")
    # As with the metric's name: how it sees pictures is the profile's, unless asked otherwise.
    if not any(one.key.rpartition(".")[2] == "fit" for one in request.where):
        seen = {n: one for n, one in named.items() if one.settings.get("fit", FITS[0]) == request.fit}
        named = seen or named
    return {
        number: setup
        for number, setup in named.items()
        if (setup.settings.get("version", 1), setup.settings.get("plugin")) == edition
    }


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
    if kind == "metric":
        return {"fit": FITS[0], **settings}
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
