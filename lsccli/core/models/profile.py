"""A profile names a model for each role (see `lsccli.core.models.roles`); it is read from TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any

from lsccli.core.data.teaching import DataRef
from lsccli.core.errors import LscError, MissingModelError
from lsccli.core.models.reference import ModelRef
from lsccli.core.models.roles import (
    PARSERS,
    ROLES,
    MetricRole,
    ReceiverRole,
    RoleSpec,
    TextEncoderRole,
    data_of,
    models_of,
    setting,
)
from lsccli.core.options import Settings, checked
from lsccli.core.store.keys import Identity, identity, identity_of

PROFILES = ("storybook", "paper", "turbo")


class Head(Settings):
    """What a profile says of itself, above its tables."""

    name: str = setting(help="The name, printed with every result.")
    purpose: str = setting(help="What the models are for.")
    extends: str | None = setting(None, help="Another profile, of which this one changes something.")


@dataclass(frozen=True)
class Profile:
    """The models in force: `profile.receiver` has the role's settings, None where the profile lacks it.

    Attributes:
        roles: the settings of each role that the profile names.
    """

    name: str
    purpose: str
    roles: Mapping[str, Settings] = field(default_factory=dict)

    def __getattr__(self, role: str) -> Any:
        # Only roles: what asks for anything else (copy, pickle) must learn that there is no such thing.
        if not role.startswith("_") and role in ROLES.all():
            return self.roles.get(role)
        raise AttributeError(f"a profile has no role {role!r}")

    def need(self, role: str) -> Any:
        """The role's settings, of the class that the role has; MissingModelError where there are none."""
        settings = self.roles.get(role)
        if settings is None:
            hint = ROLES.find(role).hint
            raise MissingModelError(
                f"Profile {self.name} names no {role}: {hint}add a [{role}] table to its file."
            )
        return settings

    @property
    def is_here(self) -> bool:
        """Whether every model is a directory of this machine, so that no hub is asked for it."""
        refs = [value for role in self.roles.values() for _, value in role if isinstance(value, ModelRef)]
        return all(ref.directory is not None for ref in refs)

    def identity(self, role: str) -> Identity:
        """All of a role that can change a result: its settings, and the digest of each of its models."""
        settings = self.need(role)
        own = identity_of(settings)
        # Named even where it is the default: what a name stands for is told by the digest alone.
        named = [*models_of(type(settings)), *data_of(type(settings))]
        refs = {name: ref for name in named if (ref := getattr(settings, name)) is not None}
        digests = {name: ref.find().digest for name, ref in refs.items()}
        found = Identity({**own.settings, **digests}, {**own.named, **digests})
        spec = ROLES.find(role)
        # Told only of another edition than the first: so roles look as they did before there was one.
        return found if spec.first_edition else found | identity(role=spec.identity())

    def with_settings(self, role: str, settings: Mapping[str, Any], where: str) -> Profile:
        """The same with these settings of a role in place of its own; LscError where they cannot be.

        Args:
            settings: as in a profile's file, without those that stay.
            where: opens the line that says what is wrong.
        """
        spec = ROLES.find(role)
        own = self.roles.get(role)
        known = {name: value for name, value in own if name not in settings} if own is not None else {}
        made = _settings(spec, {**known, **settings}, where)
        return replace(self, roles={**self.roles, role: made})

    def banner(self) -> str:
        """The line that says which models are in force and what they are for."""
        return f"{self.name}: {self.purpose}"


def load_profile(name: str) -> Profile:
    """The profile of this name, or in this TOML file; LscError in one line where it cannot be read."""
    head, tables = _read(name, ())
    roles: dict[str, Settings] = {
        role: _settings(ROLES.find(role), table, f"Profile {name}: [{role}]")
        for role, table in tables.items()
    }
    measured = roles.get("metric")
    if isinstance(measured, MetricRole):
        from lsccli.core.metrics.base import METRICS  # which import NumPy

        known = {spec.name.lower(): spec for spec in METRICS.all().values()}
        if (spec := known.get(measured.name.lower())) is not None:  # else whoever needs it says so
            spec.check_size(measured.size, f"Profile {name}: [metric]")
    receiver = roles.get("receiver")
    if isinstance(receiver, ReceiverRole):
        roles.setdefault("text_encoder", TextEncoderRole(model=receiver.model))
    return Profile(head.name, head.purpose, roles)


def _read(name: str, above: tuple[str, ...]) -> tuple[Head, dict[str, dict[str, Any]]]:
    """The head and the tables of a profile, those of the one that it extends below its own.

    `above` are the profiles that extend this one.
    """
    place, content = _content(name)
    if place in above:
        raise LscError(f"Profile {above[0]} extends itself: {' → '.join([*above, place])}.")
    told = {entry: content.pop(entry) for entry in Head.model_fields if entry in content}
    head = checked(Head, told, f"Profile {name}:")
    known = ROLES.all()
    for role, table in content.items():
        if role not in known:
            raise LscError(f"Profile {name}: unknown entry {role!r}; roles are {', '.join(known)}.")
        if not isinstance(table, dict):
            raise LscError(f"Profile {name}: {role} {table!r}: give a table, [{role}].")
        if name not in PROFILES:
            _from_file(known[role], table, Path(name).parent)
    if head.extends is None:
        return head, content
    beside = Path(name).parent / head.extends
    base = str(beside) if name not in PROFILES and beside.is_file() else head.extends
    _, tables = _read(base, (*above, place))
    return head, {**tables, **{role: {**tables.get(role, {}), **table} for role, table in content.items()}}


def _content(name: str) -> tuple[str, dict[str, Any]]:
    """Where a profile lies, and what its TOML says; a file has a name and a purpose though it tells none."""
    if name in PROFILES:
        return name, tomllib.loads(
            resources.files("lsccli").joinpath("profiles", f"{name}.toml").read_text(encoding="utf-8")
        )
    path = Path(name)
    if not path.is_file():
        known = ", ".join(PROFILES)
        raise LscError(f"No profile {name!r}: choose one of {known}, or give the path of a TOML file.")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LscError(f"{path} is not a TOML file: {error}.") from error
    return str(path.resolve()), {"name": path.stem, "purpose": f"models of {path}", **content}


def _from_file(spec: RoleSpec, table: dict[str, Any], folder: Path) -> None:
    """Directories in a file are meant from where the file lies, not from where the command is typed."""
    for entry in data_of(spec.make):
        if isinstance(value := table.get(entry), str):
            table[entry] = str(folder.resolve() / Path(value).expanduser())
    for entry in {"model", *models_of(spec.make)}:
        value = table.get(entry)
        if not isinstance(value, str):
            continue
        # A parser's family stands before its directory.
        family = next((one for one in PARSERS if value.startswith(f"{one}:")), None)
        lead = f"{family}:" if family else ""
        place = value.removeprefix(lead)
        if place and value != "stanza:en" and (folder / place).is_dir():
            table[entry] = lead + str((folder / place).resolve())


def _settings(spec: RoleSpec, table: Mapping[str, Any], where: str) -> Settings:
    values = dict(table)
    for entry in models_of(spec.make):
        if entry not in values:
            continue
        other = "revision" if entry == "model" else f"{entry}_revision"
        name, revision = values[entry], values.pop(other, None)
        if not isinstance(name, str) or not name:
            raise LscError(f"{where} {entry} {name!r}: give the name of a model.")
        if revision is not None and not isinstance(revision, str):
            raise LscError(f"{where} {other} {revision!r}: give a text.")
        values[entry] = ModelRef(name, revision)
    for entry in data_of(spec.make):
        if isinstance(values.get(entry), str):
            values[entry] = DataRef(values[entry])
    return checked(spec.make, values, where)
