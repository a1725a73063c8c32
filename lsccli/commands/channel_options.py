"""Options of the channel, and the settings that they become; a sweep becomes several.

What there is to choose, and which options models and codes bring along, is asked of the registries.
"""

from __future__ import annotations

import inspect
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lsccli.commands.declared import Group, distinct, parameter, parameter_name
from lsccli.core.errors import LscError

if TYPE_CHECKING:
    from lsccli.core.channel.settings import ChannelSettings
    from lsccli.core.options import Option
    from lsccli.core.report.where import Condition

_PANEL = "The channel"
# More points than this in a sweep are a slip of the pen.
_MOST_POINTS = 1000
_TRIALS = inspect.Parameter(
    "trials",
    inspect.Parameter.KEYWORD_ONLY,
    default=1,
    annotation=Annotated[
        int,
        typer.Option(
            "--trials",
            min=1,
            max=1_000_000,
            help="Send so many times, each with noise of its own.",
            rich_help_panel=_PANEL,
        ),
    ],
)


@dataclass(frozen=True)
class Asked:
    """The options of the channel that were given, by name, as typed; and how often each word is sent."""

    options: Mapping[str, Any] = field(default_factory=dict)
    trials: int = 1


def options(*, without: Sequence[str] = (), filters: bool = False, **defaults: Any) -> Group:
    """The options of the channel but those of `without`; `defaults` are other than declared.

    `filters`: they say which links are meant, so that none has a default.
    """

    def parameters() -> list[inspect.Parameter]:
        found = [
            parameter(
                _bare(one) if filters else one,
                panel=_PANEL,
                default=defaults.get(parameter_name(one)),
                text=_explained(one),
            )
            for one in _typed()
            if parameter_name(one) not in without
        ]
        return found if "trials" in without else [*found, _TRIALS]

    def gather(values: Mapping[str, Any]) -> Asked:
        names = {parameter_name(one): one.name for one in _typed()}
        asked = {names[name]: value for name, value in values.items() if name != "trials"}
        return Asked(asked, values.get("trials", 1))

    return Group(parameters, gather)


def _bare(option: Option) -> Option:
    """The option without a default, but for one that is on or off."""
    return option if isinstance(option.default, bool) else replace(option, default=None)


def _reorder() -> list[inspect.Parameter]:
    from lsccli.core.channel.link import known_options

    return [parameter(_bare(known_options()["reorder"]), panel=_PANEL)]


Channel = Annotated[Asked, options()]
# Which links are meant, of those that there are.
ChannelFilter = Annotated[Asked, options(without=("trials",), filters=True)]
ReorderFilter = Annotated[str | None, Group(_reorder, lambda values: values.get("reorder"))]


def _typed() -> list[Option]:
    """Every option of some link; the order of words has a place of its own on the command line."""
    from lsccli.core.channel.link import known_options

    return [one for one in distinct(list(known_options().values())) if one.name != "reorder"]


def _explained(option: Option) -> str:
    """The help of an option: with the entries that it names, or before it those that it goes with."""
    from lsccli.core.channel.link import ENTRIES, listed, names_of, own_options

    if option.name in ENTRIES:
        entries = ENTRIES[option.name].all()
        if option.name == "decoder":
            each = [f"{name}, {entries[name].summary}" for name in names_of(option.name)]
            return f"{option.help.rstrip('.')}: {'; '.join(each)}."
        return f"{option.help.rstrip('.')}: {listed(names_of(option.name), 'or')}."
    having = [
        name
        for kind in ("channel", "code")
        for name in names_of(kind)
        if option.name in {one.name for one in own_options(kind, name)}
    ]
    return f"{', '.join(having)}: {option.help[:1].lower()}{option.help[1:]}" if having else option.help


def channels(asked: Asked, *, reorder: str = "none", profile: str = "storybook") -> list[ChannelSettings]:
    """The channel at each operating point; LscError for options that do not go together.

    `profile` is the name of the models in force, which Bob's vocabulary follows.
    """
    from lsccli.core.channel.link import known_options, listed, takers
    from lsccli.core.channel.settings import resolved
    from lsccli.core.channel.vocabulary import chosen, digest_told

    known = known_options()
    given = {n: v for n, v in {**asked.options, "reorder": reorder}.items() if v is not None}
    vocabulary = given.get("vocabulary")
    swept: dict[str, list[float]] = {}
    for name, value in list(given.items()):
        option = known[name]
        if option.sweeps and isinstance(value, str):
            numbers = sweep(option.flag, value)
            whole = option.type is int and all(number.is_integer() for number in numbers)
            swept[name] = [int(number) for number in numbers] if whole else list(numbers)
        elif isinstance(value, str) and option.choices:
            given[name] = _as_declared(value, option)
    found = [
        resolved(**{**given, **dict(zip(swept, point, strict=True))})
        for point in itertools.product(*swept.values())
    ]
    if found[0].uses_vocabulary:
        words, file = chosen(vocabulary, profile)
        found = [point.knowing(digest_told(words), file) for point in found]
    if asked.trials > 1 and not found[0].noisy:
        noisy, name = listed(takers("seed")["channel"]), found[0].link.channel
        raise LscError(f"--trials goes with --channel {noisy}; the {name} channel never differs.")
    return found


def wanted(asked: Asked, reorder: str | None, profile: str) -> list[Condition]:
    """What the options say of links that are there already: which of them are meant.

    Raises:
        LscError: for a value that the option cannot have.
    """
    from lsccli.core.channel.link import ENTRIES, find_entry, known_options
    from lsccli.core.channel.vocabulary import chosen, digest_told
    from lsccli.core.report.where import Condition

    found = []
    for name, value in {**asked.options, "reorder": reorder}.items():
        option = known_options()[name]
        if value is None or value is False:
            continue
        texts = [str(value)]
        if name in ENTRIES:
            find_entry(name, value)
        elif name == "vocabulary":
            texts = [digest_told(chosen(value, profile)[0]) or "storybook"]
        elif option.sweeps:
            texts = [str(number) for number in sweep(option.flag, str(value))]
        elif option.choices and _as_declared(str(value), option) not in option.choices:
            raise LscError(f"{option.flag} {value!r}: choose {option.range}.")
        flag = option.flag if value is True else f"{option.flag} {value}"
        found.append(Condition(f"channel.{name}", tuple(texts), flag, known=True))
    return found


def _as_declared(value: str, option: Option) -> str:
    """Names are taken in any letter case."""
    return next((choice for choice in option.choices if choice.lower() == value.lower()), value)


def sweep(option: str, text: str) -> list[float]:
    """`4` is one point; `0:20:2` are 0, 2, … 20, each as if it were typed alone."""
    parts = text.split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = [math.nan]
    if len(numbers) not in (1, 3) or not all(map(math.isfinite, numbers)):
        raise LscError(f"{option} {text!r}: give a number, or LOW:HIGH:STEP.")
    if len(numbers) == 1:
        return numbers
    low, high, step = numbers
    if step <= 0 or high < low or (high - low) / step > _MOST_POINTS:
        raise LscError(f"{option} {text!r}: HIGH from LOW, STEP above 0, at most {_MOST_POINTS} points.")
    # Rounded, for 0.1 + 2 · 0.1 is not 0.3; the last point may miss HIGH by a rounding error.
    return [round(low + i * step, 9) for i in range(math.floor((high - low) / step + 1e-9) + 1)]
