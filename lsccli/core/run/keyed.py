"""What the key of a configuration in a store names of its settings; and whether they are those at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from lsccli.core.channel.codes.base import CHANNEL_CODES
from lsccli.core.channel.link import Link
from lsccli.core.channel.models.base import CHANNEL_MODELS
from lsccli.core.methods.base import METHODS
from lsccli.core.models.models import Compute
from lsccli.core.models.roles import ROLES
from lsccli.core.options import MISSING, options_of
from lsccli.core.store.keys import Identity
from lsccli.core.store.store import config_key

# Where so many settings may be out of the key, not all ways are tried, and nothing is said.
_MOST = 12
# What these hold another program may know; see `Entry.identity`.
_OF_OTHERS = ("plugin", "entries", "facts")
Way = tuple[str, ...]


class SpoiledError(ValueError):
    """No key of these settings is this one."""


def named_by(key: bytes, kind: str, settings: Mapping[str, Any]) -> Identity | None:
    """What a key names of these settings, of which results' keys are made; None where that cannot be told.

    A key leaves out what has the value it was born with, and a setting that is not known here may be one of
    those: all ways are tried, where there are not too many.

    Raises:
        SpoiledError: where the settings are others than those that the key names.
    """
    leaves = dict(_leaves(settings, ()))
    born = _born()
    free = [way for way, value in leaves.items() if way[-1] not in born or value in born[way[-1]]]
    # Of a parser that lies in a directory only its content is named.
    free += [way for way in leaves if way not in free and (*way[:-1], "installed") in leaves]
    # What options of a plug-in were born with is known to it alone.
    foreign = any(name in _OF_OTHERS for way in leaves for name in way)
    ways = [free, [*free, *(way for way in leaves if way not in free)]] if foreign else [free]
    for own in ways:
        if len(own) > _MOST:
            return None
        for count in range(len(own), -1, -1):
            for out in combinations(own, count):
                found = Identity({}, _without(settings, (), set(out)))
                try:
                    if config_key(kind, found) == key:
                        return found
                except ValueError:  # no JSON of UTF-8: half a character, from another's hand
                    break
    raise SpoiledError(key.hex())


def _leaves(settings: Mapping[str, Any], way: Way) -> Iterator[tuple[Way, Any]]:
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*way, name))
        else:
            yield (*way, name), value


def _without(settings: Mapping[str, Any], way: Way, out: set[Way]) -> dict[str, Any]:
    """The settings without these; what holds nothing then is left out too."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        own = (*way, name)
        if isinstance(value, Mapping):
            if inner := _without(value, own, out):
                found[name] = inner
        elif own not in out:
            found[name] = value
    return found


def _born() -> dict[str, Sequence[Any]]:
    """What options were born with, by their names; none where they are in every key."""
    classes: list[Any] = [Compute, Link, *(spec.make for spec in ROLES.all().values())]
    classes += [made for spec in METHODS.all().values() for made in spec.settings.values() if made]
    classes += [spec.options for spec in CHANNEL_MODELS.all().values() if spec.options]
    classes += [spec.options for spec in CHANNEL_CODES.all().values() if spec.options]
    found: dict[str, list[Any]] = {"version": [1], "importance": [None]}
    for option in (one for made in classes for one in options_of(made)):
        found.setdefault(option.name, []).extend([] if option.born is MISSING else [option.born])
    return dict(found)
