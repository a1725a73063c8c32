"""What was sent so far: the legs that the store holds transmissions of, by the models in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from lsccli.core.errors import LscError
from lsccli.core.methods.base import METHODS
from lsccli.core.run.plan import Choice, Leg, method_identity
from lsccli.core.run.workspace import Workspace
from lsccli.core.scc.coder import settings_of
from lsccli.core.scc.link import link_identity
from lsccli.core.store.keys import Identity
from lsccli.core.store.selection import Selection
from lsccli.core.store.store import config_key
from lsccli.core.store.tables import Caption, Config, RankingRow, Transmission

_Told = Mapping[str, Any]


def sent_so_far(workspace: Workspace, selection: Selection) -> list[Leg]:
    """The legs that the store holds transmissions of, by the models in force.

    Raises:
        LscError: where there are none, with the command that makes some.
    """
    selection.images(workspace.store)  # says so where there are none
    with workspace.store.read() as session:
        configs = {row.id: row for row in session.execute(select(Config.id, Config.key, Config.settings))}  # type: ignore[call-overload]
        rows = session.execute(
            select(  # type: ignore[call-overload]
                Caption.config_id,
                RankingRow.config_id,
                Transmission.config_id,
                RankingRow.seed,
                Transmission.trial,
            )
            .join(RankingRow, RankingRow.caption_id == Caption.id)
            .join(Transmission, Transmission.ranking_id == RankingRow.id)
            .distinct()
        ).all()
    counts: dict[tuple[int, int, int], tuple[int, int]] = {}
    for own, method, channel, seed, trial in rows:
        seeds, trials = counts.get((own, method, channel), (0, 0))
        counts[own, method, channel] = max(seeds, seed + 1), max(trials, trial + 1)
    legs = [
        leg
        for ids, (seeds, trials) in sorted(counts.items())
        if (leg := _leg(workspace, selection, [configs[number] for number in ids], seeds, trials))
    ]
    if not legs:
        raise LscError(
            f"Nothing was sent yet with the models of {workspace.profile.name}. "
            "Run: lsc transmit --method METHOD (lsc methods lists them)"
        )
    return legs


def _leg(
    workspace: Workspace, selection: Selection, configs: list[Any], seeds: int, trials: int
) -> Leg | None:
    """The leg of a captioner, method and channel, where these are in force as they were."""
    captioner, method, channel = (row.settings for row in configs)
    if selection.captioner not in (None, captioner["captioner"]):
        return None
    leg = leg_of(captioner, method, channel, seeds, trials)
    now = identities(workspace, leg) if leg is not None else {}
    in_force = [config_key(kind, found) for kind, found in now.items()] == [row.key for row in configs]
    return leg if in_force else None


def leg_of(captioner: _Told, method: _Told, channel: _Told, seeds: int, trials: int) -> Leg | None:
    """The leg of these settings; None where its method or its channel is not known here."""
    try:
        link, choice = settings_of(dict(channel)), _choice(method, seeds)
        choice.check_captioner(captioner["captioner"])
        return Leg(choice, link, trials, captioner=captioner["captioner"])
    except LscError:
        return None


def identities(workspace: Workspace, leg: Leg) -> dict[str, Identity]:
    """What makes the captioner, the method and the channel of a leg now; empty where one cannot be had."""
    try:
        return {
            "captioner": workspace.models.captioner_identity(leg.speaker),
            "method": method_identity(workspace, leg.choice),
            "channel": link_identity(workspace.models, leg.channel),
        }
    except LscError:  # made by a method or a model that is not here any more
        return {}


def _choice(settings: Mapping[str, Any], seeds: int) -> Choice:
    spec = METHODS.find(settings["method"])
    importance = spec.find_importance(settings["importance"])
    defaults = {option.name: option.default for option in spec.options_of(importance)}
    # An option that came later is missing in what was stored: it had the value that it was born with.
    born = {option.name: option.born for option in spec.options_of(importance) if not option.counts}
    options = {**born, **settings["options"]}
    return Choice(spec, importance, {n: v for n, v in options.items() if v != defaults.get(n)}, seeds)
