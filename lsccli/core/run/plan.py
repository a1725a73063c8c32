"""What a command is to do: methods with their options, channels, and each one's identity, resolved once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.errors import LscError, MissingModelError
from lsccli.core.facts.base import FACTS, FactSpec
from lsccli.core.methods.base import METHODS, MethodSpec
from lsccli.core.options import checked
from lsccli.core.registry.base import at_work
from lsccli.core.run.workspace import Workspace
from lsccli.core.store.keys import Identity, canonical_json, identity, identity_of


@dataclass(frozen=True)
class Choice:
    """A method with its importance, its options where they differ from the default, and how many seeds."""

    spec: MethodSpec
    importance: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    seeds: int = 1

    @property
    def label(self) -> str:
        """`METHOD` or `METHOD:IMPORTANCE`."""
        return self.spec.name + (f":{self.importance}" if self.importance else "")

    @property
    def name(self) -> tuple[str, str | None, tuple[tuple[str, Any], ...], int]:
        """What tells it from other choices."""
        return self.spec.name, self.importance, tuple(sorted(self.options.items())), self.seeds

    @property
    def bound(self) -> str | None:
        """The captioner whose captions belong to what the name means, where there is one."""
        return self.spec.bound_to(self.importance, self.options)

    @property
    def twin(self) -> Choice | None:
        """What orders the same way on any captions, where the captioner is all that sets this one apart."""
        if self.importance not in self.spec.twins:
            return None
        name, importance = self.spec.twins[self.importance]
        return replace(self, spec=METHODS.find(name), importance=importance)

    def check_captioner(self, asked: str | None) -> None:
        """LscError where the captions asked for are not those that the method's name means."""
        if asked is not None and self.bound not in (None, asked):
            twin = f", or take {self.twin.label}, the same on any captions" if self.twin else ""
            raise LscError(
                f"{self.label} means the captions of {self.bound}, not of {asked}: leave --captioner {asked} "
                f"out{twin}."
            )

    def captioner(self, asked: str | None) -> str:
        """The captioner whose captions are ranked: the one asked for, or the method's own."""
        return asked or self.spec.captioner_of(self.importance, self.options)

    def facts(self) -> list[FactSpec]:
        """The facts that the method reads with this importance."""
        return [FACTS.find(name) for name in self.spec.reads_of(self.importance, self.options)]

    def replicates(self) -> list[int]:
        """The seeds to rank with: 0, 1, … where the method has one."""
        counted = any(option.counts for option in self.spec.options_of(self.importance))
        return list(range(self.seeds)) if counted else [0]

    def settled(self) -> Identity:
        """Every option of the method but the seed, which each ranking keeps itself."""
        settings = self.spec.settings.get(self.importance)
        if settings is None:
            return identity()
        made = checked(settings, self.options, f"Method {self.label}:", typed=True)
        counted = [option.name for option in self.spec.options_of(self.importance) if option.counts]
        return identity_of(made).without(*counted)

    def options_for(self, seed: int) -> dict[str, Any]:
        """The options of one ranking."""
        counted = {option.name: seed for option in self.spec.options_of(self.importance) if option.counts}
        return {**self.settled().settings, **counted}


def every_choice() -> list[Choice]:
    """Every method with every importance."""
    return [
        Choice(spec, importance)
        for spec in METHODS.all().values()
        for importance in (spec.importances or (None,))
    ]


@dataclass(frozen=True)
class Leg:
    """One method over one channel; `captioner` is the one asked for, where it is not the method's own."""

    choice: Choice
    channel: ChannelSettings
    trials: int = 1
    captioner: str | None = None

    @property
    def name(self) -> tuple[object, ...]:
        """What tells it from other legs."""
        return *self.choice.name, self.speaker, self.trials, canonical_json(self.channel.facts())

    @property
    def speaker(self) -> str:
        """The captioner whose captions are sent."""
        return self.choice.captioner(self.captioner)


def baselines(legs: Sequence[Leg], method: str) -> list[Leg]:
    """The legs by this method that the others lack for a comparison on the same captions and channel.

    None where the method is not among those of the legs.
    """
    own = next((leg.choice for leg in legs if leg.choice.spec.name == method), None)
    if own is None:
        return []
    there = {leg.name for leg in legs}
    wanted = [replace(leg, choice=own, captioner=leg.speaker) for leg in legs]
    return list({leg.name: leg for leg in wanted if leg.name not in there}.values())


def method_identity(workspace: Workspace, choice: Choice) -> Identity:
    """Identity of a method: name, version, importance, options, and every fact and model that it reads.

    Raises:
        MissingModelError: where a model is not here, or cannot give a fact.
    """
    models, spec, facts = workspace.models, choice.spec, choice.facts()
    for fact in facts:
        if fact.check is not None:
            with at_work(fact, f"The fact {fact.name} failed"):
                fact.check(models)
    found = identity(
        {"version": 1, "importance": None},
        method=spec.name,
        importance=choice.importance,
        version=spec.version_of(choice.importance),
        options=choice.settled(),
        reads={role: models.role_identity(role) for fact in facts for role in fact.roles},
    )
    if spec.origin.outside:
        found |= identity(plugin=spec.origin.digest)
    changed = {fact.name: fact.identity() for fact in facts if not fact.first_edition}
    if changed:
        found |= identity(facts=changed)
    if any(fact.origin.outside and fact.roles for fact in facts):
        # Facts of this package read models in float32, whatever --dtype says; who knows what others do?
        found |= identity_of(models.compute)
    if spec.search:
        found |= identity(
            search={
                "receiver": models.receiver_identity(),
                "seed": workspace.search_seed,
                "metric": models.metric_identity(workspace.profile.need("metric").name),
            }
        )
    return found


def served(
    workspace: Workspace, choices: Sequence[Choice], captioner: str | None, *, named: bool = False
) -> list[Choice]:
    """Those of the choices whose models are here; the others are named with the reason.

    Left out is also what would be the same order under another name: a method that means the captions of one
    captioner where `captioner` asks for another's, or beside the one that ranks any.

    Args:
        named: the choices were named one by one, so that captions which they do not mean are a mistake.

    Raises:
        LscError: where none is left, or for a mistake.
    """
    here: list[Choice] = []
    for choice in choices:
        if named:
            choice.check_captioner(captioner)
        twin = choice.twin
        if captioner is not None and choice.bound not in (None, captioner):
            workspace.watcher.say(
                f"skipped {choice.label}: it means the captions of {choice.bound}, not of {captioner}"
            )
            continue
        if captioner is not None and twin is not None and twin.name in [other.name for other in choices]:
            workspace.watcher.say(
                f"skipped {choice.label}: on the captions of {captioner} it is {twin.label}"
            )
            continue
        try:
            method_identity(workspace, choice)
            workspace.models.captioner_identity(choice.captioner(captioner))
        except MissingModelError as error:
            workspace.watcher.say(f"skipped {choice.label}: {error}")
        else:
            here.append(choice)
    if not here:
        raise LscError(f"Profile {workspace.profile.name} has the models of none of these methods.")
    return here
