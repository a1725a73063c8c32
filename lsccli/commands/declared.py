"""Options that are declared in core, as parameters of Typer commands.

A command takes a group of them by one parameter, whose annotation says which: `Annotated[T, Group(…)]`.
`widened` puts the options of the group in its place. It is called when the app is made, after the plug-ins
are known, so that their options appear too.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from lsccli.commands.terminal import help_text
from lsccli.core.errors import LscError
from lsccli.core.options import MISSING, Option


@dataclass(frozen=True)
class Group:
    """A group of options: what gives them when the app is made, and what becomes of their values.

    Attributes:
        parameters: the parameters in the order in which `--help` lists them.
        gather: what the command gets, from the values by parameter name.
    """

    parameters: Callable[[], list[inspect.Parameter]]
    gather: Callable[[Mapping[str, Any]], Any]


def parameter_name(option: Option) -> str:
    """What the parameter of an option is called, in Python and in `lsc.toml`."""
    return option.flag.lstrip("-").replace("-", "_")


def parameter(
    option: Option, *, panel: str | None = None, default: Any = None, text: str | None = None
) -> inspect.Parameter:
    """An option as a parameter; None (or off) is not given, and core fills its default in.

    Args:
        default: what the command has in place of the option's own default.
        text: the help, where it is another than the option's.
    """
    kind: Any = option.type if option.type in (bool, int, float, str, Path) else str
    how: dict[str, Any] = {"min": 1, "max": 10_000} if option.counts else {}
    if option.sweeps:
        kind = str
    flags = [option.flag]
    if kind is bool and option.default is True:
        flags = [f"{option.flag}/--no-{option.flag[2:]}"]
    off_by_default = kind is bool and option.default is not True
    return inspect.Parameter(
        parameter_name(option),
        inspect.Parameter.KEYWORD_ONLY,
        default=False if off_by_default else default,
        annotation=Annotated[
            kind if off_by_default else kind | None,
            typer.Option(
                *flags,
                help=described(option, text or option.help, shown=default is None),
                rich_help_panel=panel,
                **how,
            ),
        ],
    )


def described(option: Option, text: str, *, shown: bool = True) -> str:
    """The help of an option: what it is, its choices, and its range and default where `shown`."""
    if option.choices and not all(choice in text for choice in option.choices):
        text = f"{text.rstrip('.')}: {', '.join(option.choices[:-1])} or {option.choices[-1]}."
    if option.sweeps:
        text = f"{text.rstrip('.')}; LOW:HIGH:STEP sweeps."
    default = 1 if option.counts else option.default
    notes = []
    if shown and default is not MISSING and default is not None and default is not False:
        notes.append(f"default: {default}")
    if option.range and not option.choices and not option.counts:
        notes.append(option.range)
    told = f"{text} [{'; '.join(notes)}]" if notes else text
    return help_text(told)


def widened(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the options of its groups in place of the parameters that stand for them.

    Raises:
        LscError: where two of its options have one name.
    """
    hints = typing.get_type_hints(command, include_extras=True)
    groups: dict[str, Group] = {}
    own: dict[str, list[inspect.Parameter]] = {}
    parameters: list[inspect.Parameter] = []
    for each in inspect.signature(command).parameters.values():
        annotation = hints.get(each.name, each.annotation)
        group = next((one for one in getattr(annotation, "__metadata__", ()) if isinstance(one, Group)), None)
        if group is None:
            parameters.append(each.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=annotation))
        else:
            groups[each.name], own[each.name] = group, group.parameters()
            parameters += own[each.name]
    names = [each.name for each in parameters]
    if twice := next((name for name in names if names.count(name) > 1), None):
        flag = "--" + twice.replace("_", "-")
        raise LscError(f"A plugin declares the option {flag}, which lsc has already; it needs another name.")

    @wraps(command)
    def called(**values: Any) -> None:
        for name, group in groups.items():
            taken = {each.name: values.pop(each.name) for each in own[name]}
            values[name] = group.gather(given(taken))
        command(**values)

    # Typer reads both: the parameters and their defaults here, their types there.
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {each.name: each.annotation for each in parameters}
    return called


def bare(command: Callable[..., None]) -> Callable[[], None]:
    """The command's name and what it is for, without its options."""

    def called() -> None:
        raise RuntimeError(f"{command.__name__} was made without its options")

    called.__doc__ = command.__doc__
    return called


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the values that were given."""
    return {name: value for name, value in values.items() if value is not None}


def distinct(options: Sequence[Option]) -> list[Option]:
    """Those with a flag, each flag once: the first that is declared."""
    found: dict[str, Option] = {}
    for option in options:
        if option.flag:
            first = found.setdefault(option.flag, option)
            if (first.name, first.type) != (option.name, option.type):
                told = " and ".join(f"{one.name} ({one.type.__name__})" for one in (first, option))
                raise LscError(f"Two options are typed {option.flag}: {told}; a plugin's needs another name.")
    return list(found.values())
