"""The name under which a result is remembered: SHA-256 of all that can change its value.

A key is the SHA-256 of canonical JSON (RFC 8785 in spirit: sorted names, no white space, UTF-8, no NaN).

Keys can grow. What makes a result is an `Identity`: all its settings, as resolved, for people; and of these
the ones that a key contains, from which every setting is left out that has the value it was born with (an
option's first default, version 1, nothing). So a new option with its default changes no key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lsccli.core.options import MISSING, Settings, options_of

KEY_VERSION = 2


@dataclass(frozen=True)
class Identity:
    """What makes a result.

    Attributes:
        settings: all settings that can change it, as resolved; what a report shows.
        named: those of them that a key contains.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    named: Mapping[str, Any] = field(default_factory=dict)

    def __or__(self, other: Identity) -> Identity:
        """Both together."""
        return Identity({**self.settings, **other.settings}, {**self.named, **other.named})

    def without(self, *names: str) -> Identity:
        """All but these settings."""
        settings, named = (
            {name: value for name, value in part.items() if name not in names}
            for part in (self.settings, self.named)
        )
        return Identity(settings, named)


def identity(born: Mapping[str, Any] | None = None, /, **settings: Any) -> Identity:
    """An identity of these settings; those that have the value that `born` gives them are left out of keys.

    A setting may be an `Identity` itself, or a mapping that holds some; what has nothing to name is left out.
    """
    told: dict[str, Any] = {}
    named: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            value = identity(**{str(inner): one for inner, one in value.items()})
        if isinstance(value, Identity):
            told[name] = dict(value.settings)
            if value.named:
                named[name] = dict(value.named)
        else:
            told[name] = value
            if born is None or name not in born or not _same(born[name], value):
                named[name] = value
    return Identity(told, named)


def identity_of(settings: Settings) -> Identity:
    """The identity options of a `Settings` by name; ValueError where one is still "auto"."""
    options = [option for option in options_of(type(settings)) if option.identity]
    values = {option.name: getattr(settings, option.name) for option in options}
    if "auto" in values.values():
        raise ValueError(f"{type(settings).__name__} is not resolved: {values}")
    return identity({o.name: o.born for o in options if o.born is not MISSING}, **values)


def _same(born: Any, value: Any) -> bool:
    # False equals 0, and 1 equals 1.0; only the latter pair means the same.
    return bool(born == value) and isinstance(born, bool) == isinstance(value, bool)


def canonical_json(value: Any) -> str:
    """JSON of `value`, names sorted, no white space; ValueError on NaN, infinity or a non-JSON type."""
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except TypeError as error:
        raise ValueError(f"not canonical JSON: {error}") from error


def key(kind: str, **facts: Any) -> bytes:
    """The 32-byte key of a result: of JSON values, identities and keys (bytes); what is None is left out."""
    plain = {name: _plain(fact) for name, fact in facts.items()}
    named = {name: fact for name, fact in plain.items() if fact is not None and fact != {}}
    text = canonical_json({"kind": kind, "key_version": KEY_VERSION, **named})
    return hashlib.sha256(text.encode()).digest()


def _plain(fact: Any) -> Any:
    if isinstance(fact, bytes):
        return fact.hex()
    return dict(fact.named) if isinstance(fact, Identity) else fact


def digest_of_files(files: Mapping[str, Path]) -> str:
    """Hexadecimal SHA-256 over names and contents of files: the same wherever they lie."""
    total = hashlib.sha256()
    for name in sorted(files):
        with files[name].open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        total.update(f"{name}\0{content}\n".encode())
    return total.hexdigest()
