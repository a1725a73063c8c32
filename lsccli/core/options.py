"""An option is declared once, as a field of a `Settings` class; all else is made from that.

    class Bsc(Settings):
        ber: float = option(help="Probability of a flipped bit.", ge=0, le=0.5)

From it come the option on the command line, what a key contains, the label of a curve, `--json` and the
tables of the docs. pydantic checks values; `checked` turns what it says into one line.

A value at which an option was *born* is left out of keys (see `lsccli.core.store.keys`): so a new option with
its default changes no key. Whoever changes a default later keeps `born` as it was.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import annotated_types
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from lsccli.core.errors import LscError

# Where an option has no default, or was born with none: it is always in the key.
MISSING: Any = PydanticUndefined
_SAME: Any = object()


class Settings(BaseModel):
    """Options that belong together; immutable, strictly typed (only a whole number may stand for a float)."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, arbitrary_types_allowed=True
    )


S = TypeVar("S", bound=Settings)


@dataclass(frozen=True)
class Option:
    """One declared option.

    Attributes:
        name: as keys and `--json` have it.
        type: bool, int, float, str, or another class that the command line does not know.
        optional: whether it may be None.
        default: `MISSING` where one must be given.
        born: the value that keys leave out.
        identity: whether it can change a result; device, batch size, workers cannot.
        low, high: the least and the greatest value, both allowed unless `open_low`.
        choices: the values allowed, of a text.
        flag: as typed; empty for what only a profile's file has.
        counts: on the command line it is a number of values, 0, 1, …, to average over.
        sweeps: the command line also takes LOW:HIGH:STEP, several values.
        since: the version of lsc that brought it.
    """

    name: str
    type: type
    optional: bool
    default: Any
    born: Any
    identity: bool
    help: str
    flag: str
    low: float | None = None
    high: float | None = None
    open_low: bool = False
    choices: tuple[str, ...] = ()
    counts: bool = False
    sweeps: bool = False
    since: str = "0.2.0"

    @property
    def range(self) -> str:
        """The values allowed, in words; empty where any of the type are."""
        if self.choices:
            return ", ".join(self.choices)
        if self.low is None and self.high is None:
            return ""
        if self.high is None:
            return f"{'above' if self.open_low else 'from'} {self.low:g}"
        return f"at most {self.high:g}" if self.low is None else f"from {self.low:g} to {self.high:g}"


def option(
    default: Any = MISSING,
    *,
    help: str,
    born: Any = _SAME,
    runtime: bool = False,
    flag: str | None = None,
    choices: Sequence[str] = (),
    counts: bool = False,
    sweeps: bool = False,
    since: str = "0.2.0",
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
) -> Any:
    """A field of a `Settings` class.

    Args:
        default: leave it out where a value must be given.
        help: one sentence, with the unit of a quantity.
        born: the default when the option came to be, where that has changed since.
        runtime: it only says how a result is computed, and is in no key.
        flag: as typed, where that is not `--` and the name; "" for no option of the command line.
        choices: the values of a text.
        counts: the command line takes a number of values to average over.
        sweeps: the command line also takes LOW:HIGH:STEP.
        since: the version of lsc that brought it.
        ge, gt, le: bounds.
    """
    told = {
        "help": help,
        "born": default if born is _SAME else born,
        "identity": not runtime,
        "flag": flag,
        "choices": tuple(choices),
        "counts": counts,
        "sweeps": sweeps,
        "since": since,
    }
    pattern = f"^({'|'.join(map(re.escape, choices))})$" if choices else None
    extra: Any = {"lsc": told}
    return Field(default, description=help, json_schema_extra=extra, ge=ge, gt=gt, le=le, pattern=pattern)


def options_of(settings: type[Settings]) -> list[Option]:
    """The options of a class in the order in which they are declared; ValueError for a field that is none."""
    found = []
    for name, field in settings.model_fields.items():
        extra = field.json_schema_extra
        told: Any = extra.get("lsc") if isinstance(extra, dict) else None
        if told is None:
            raise ValueError(f"{settings.__name__}.{name} is not declared with option(…)")
        kind, optional = _type_of(field)
        low, high, opened = _bounds(field)
        found.append(
            Option(
                name=name,
                type=kind,
                optional=optional,
                default=field.default,
                born=told["born"],
                identity=told["identity"],
                help=told["help"],
                flag="--" + name.replace("_", "-") if told["flag"] is None else told["flag"],
                low=low,
                high=high,
                open_low=opened,
                choices=told["choices"],
                counts=told["counts"],
                sweeps=told["sweeps"],
                since=told["since"],
            )
        )
    return found


def checked(settings: type[S], values: Mapping[str, Any], where: str, *, typed: bool = False) -> S:
    """The settings with these values; LscError in one line for the first that is wrong.

    Args:
        where: what opens the line, such as "Profile mine: [receiver]".
        typed: name options as they are typed on the command line.
    """
    try:
        return settings(**values)
    except ValidationError as error:
        raise LscError(_line(settings, error, where, typed)) from error


def _line(settings: type[Settings], error: ValidationError, where: str, typed: bool) -> str:
    first = error.errors(include_url=False)[0]
    known = {option.name: option for option in options_of(settings)}
    name = str(first["loc"][0]) if first["loc"] else ""
    start = f"{where} " if where else ""
    option = known.get(name)
    shown = option.flag if typed and option is not None and option.flag else name
    if first["type"] == "extra_forbidden":
        return f"{start}has no setting {name!r}; it has {', '.join(known)}."
    if first["type"] == "missing":
        return f"{start}lacks {shown}."
    if not name or first["type"] in ("value_error", "assertion_error"):  # a check of the class itself
        said = first["msg"].removeprefix("Value error, ").rstrip(".")
        return f"{start}{shown + ': ' if name else ''}{said}."
    value = first["input"]
    if option is None:
        return f"{start}{shown}: {first['msg']}."
    if option.choices:
        return f"{start}{shown} {value!r}: choose {option.range}."
    wanted = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
    what = wanted.get(option.type, f"a {option.type.__name__}")
    return f"{start}{shown} {value!r}: give {what}{' ' + option.range if option.range else ''}."


def _type_of(field: FieldInfo) -> tuple[type, bool]:
    annotation: Any = field.annotation
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        inner = [part for part in typing.get_args(annotation) if part is not type(None)]
        return inner[0], len(inner) < len(typing.get_args(annotation))
    return annotation, False


def _bounds(field: FieldInfo) -> tuple[float | None, float | None, bool]:
    low: Any = None
    high: Any = None
    opened = False
    for part in field.metadata:
        if isinstance(part, annotated_types.Ge):
            low = part.ge
        elif isinstance(part, annotated_types.Gt):
            low, opened = part.gt, True
        elif isinstance(part, annotated_types.Le):
            high = part.le
    return low, high, opened
