"""Which settings a report is narrowed down to: `--where KEY=VALUE`, and the options of the channel."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from lsccli.core.channel.link import known_options
from lsccli.core.errors import LscError, UnobtainableError
from lsccli.core.methods.base import METHODS
from lsccli.core.report.labels import flattened, told_short
from lsccli.core.scc.coder import settings_of

KINDS = ("captioner", "method", "channel", "receiver", "metric")
# The parts of a setting's name, the kind being the first.
Path = tuple[str, ...]
# Options of a channel that settings leave out where they have these values.
_SILENT = {**dict.fromkeys(("code", "crc", "scc", "arq"), "none"), "framing": "ideal"}
_SHOWN = 12


@dataclass(frozen=True)
class Condition:
    """A setting, and the values of which it must have one.

    Attributes:
        key: the last parts of the setting's name, perhaps with its kind before them: `steps`,
            `channel.seed`, `options.penalty`.
        values: as typed.
        typed: what was typed, for messages.
        known: whether the setting is known to be one though no curve may have it.
    """

    key: str
    values: tuple[str, ...]
    typed: str
    known: bool = False


def conditions(texts: Sequence[str]) -> list[Condition]:
    """The conditions of `--where KEY=VALUE`; several values of one key are alternatives.

    Raises:
        LscError: for what is no KEY=VALUE.
    """
    found: dict[str, list[str]] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        name = key.strip().lstrip("-").replace("-", "_").lower()
        if not equals or not name:
            raise LscError(f"--where {text!r}: write KEY=VALUE, such as steps=4.")
        found.setdefault(name, []).append(value.strip())
    return [Condition(name, tuple(values), f"--where {name}={values[-1]}") for name, values in found.items()]


def narrowed(
    settings: Mapping[str, Mapping[int, Mapping[str, Any]]], wanted: Sequence[Condition]
) -> dict[str, set[int]]:
    """Of each kind the ids of the configurations that meet all conditions.

    Args:
        settings: kind -> id -> settings.

    Raises:
        LscError: for a setting that nothing has, or that is one of several kinds.
        UnobtainableError: where no configuration has a value asked for.
    """
    flat = {kind: {n: _flat(kind, one) for n, one in of.items()} for kind, of in settings.items()}
    kept = {kind: set(of) for kind, of in flat.items()}
    for one in wanted:
        kind, paths = _place(flat, one)
        values = {number: [own[path] for path in paths if path in own] for number, own in flat[kind].items()}
        fit = {
            number
            for number, stored in values.items()
            if any(_is(value, text) for value in stored for text in one.values)
        }
        if not fit:
            there = [value for stored in values.values() for value in stored]
            raise UnobtainableError(f"No curve has {one.typed}{_there(there, one.values[-1])}.")
        kept[kind] &= fit
    return kept


def _flat(kind: str, settings: Mapping[str, Any]) -> dict[Path, Any]:
    """Settings by the parts of their names, the kind being the first."""
    own = {tuple(name.lower().split(".")): value for name, value in flattened(settings).items()}
    found = {(kind, *name): value for name, value in own.items()}
    if kind == "channel":
        found = {**{(kind, name): value for name, value in _SILENT.items()}, **found}
        try:
            heeds = settings_of(dict(settings)).uses_vocabulary
        except LscError:  # another version, or a plug-in that is not in use
            heeds = False
        if heeds and found.get((kind, "vocabulary")) is None:
            found[kind, "vocabulary"] = "storybook"
    return found


def _place(flat: Mapping[str, Mapping[int, Mapping[Path, Any]]], one: Condition) -> tuple[str, set[Path]]:
    """The kind of a setting, and its full names: of all that end so, those nearest to the top."""
    every = {path for of in flat.values() for own in of.values() for path in own}
    ways = [tuple(way.split(".")) for way in dict.fromkeys((one.key, _aliases().get(one.key, one.key)))]
    found = {path for path in every for way in ways if _ends(path, way)}
    if not found:
        if one.known:
            raise UnobtainableError(f"No curve has {one.typed}.")
        names = sorted({path[-1] for path in every} | {".".join(path) for path in every})
        near = get_close_matches(one.key, names, n=3, cutoff=0.5)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        shown = ", ".join(sorted({path[-1] for path in every if len(path) == 2}))
        raise LscError(f"{one.typed}: no curve has a setting {one.key!r}.{hint} There are {shown}.")
    top = min(map(len, found))
    found = {path for path in found if len(path) == top}
    kinds = sorted({path[0] for path in found})
    if len(kinds) > 1:
        raise LscError(
            f"{one.typed}: {one.key} is a setting of {' and '.join(kinds)}; write "
            f"{' or '.join(f'{kind}.{one.key}' for kind in kinds)}."
        )
    return kinds[0], found


def _ends(path: Path, way: Path) -> bool:
    """Whether a setting is meant: by the end of its name, with or without the kind before that."""
    if path[-len(way) :] == way:
        return True
    return len(way) > 1 and path[0] == way[0] and path[-len(way) + 1 :] == way[1:] and len(path) > len(way)


def _aliases() -> dict[str, str]:
    """The names of options as typed, where settings call them otherwise."""
    options = [*known_options().values()]
    options += [option for spec in METHODS.all().values() for option in spec.options]
    typed = ((option.flag.lstrip("-").replace("-", "_"), option.name) for option in options if option.flag)
    return {flag: name for flag, name in typed if flag != name}


def _is(stored: Any, text: str) -> bool:
    """Whether a value is meant by a text: a number, a word in any letter case, a digest's beginning."""
    if stored is None or isinstance(stored, bool):
        return text.lower() in {None: ("none", "null", ""), True: ("true",), False: ("false",)}[stored]
    if isinstance(stored, int | float):
        try:
            return math.isclose(float(text), stored, rel_tol=1e-9, abs_tol=1e-12)
        except ValueError:
            return False
    if str(stored).lower() == text.lower():
        return True
    digest, begun = str(stored).partition(":")[2], text.lower().removeprefix("sha256:")
    return (len(begun) >= 6 and digest.startswith(begun)) or told_short(stored).lower() == text.lower()


def _there(stored: Sequence[Any], wanted: str) -> str:
    """The values that there are instead, the nearest first, as part of a sentence."""
    told = list(dict.fromkeys(told_short(value) for value in _sorted(stored)))
    words = [word for word in told if not word.replace(".", "").isdecimal()]
    near = get_close_matches(wanted, words, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    more = ", …" if len(told) > _SHOWN else ""
    return f"{hint or ';'} there is {', '.join(told[:_SHOWN])}{more}" if told else ""


def _sorted(values: Sequence[Any]) -> Iterator[Any]:
    numbers = sorted(v for v in values if isinstance(v, int | float) and not isinstance(v, bool))
    yield from numbers
    yield from sorted((v for v in values if not isinstance(v, int | float) or isinstance(v, bool)), key=str)
