"""`lsc.toml`: defaults for the global options and, in a table for each, for the commands.

It lies in the working directory, which may be of somebody else: it cannot have files of the user overwritten,
nor say yes in the user's place.
"""

from __future__ import annotations

import inspect
import tomllib
import types
import typing
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from lsccli.commands.context import GLOBALS
from lsccli.core.errors import LscError, of_system
from lsccli.core.report.escape import visible

CONFIG_FILE = "lsc.toml"
# What only the command line may say.
_ASKED = ("trust", "yes", "version", "help")
_SWITCHES = ("json", "quiet")


def read_globals(path: Path, commands: Collection[str]) -> dict[str, Any]:
    """The defaults of the global options that a file gives, as the command line would have them.

    `commands` are the names of tables: a name may be a global option's and a command's, as `models` is.

    Raises:
        LscError: in one line, for what is no TOML, an unknown name, or a value that none can have.
    """
    found: dict[str, Any] = {}
    for entry, value in _read(path).items():
        name = entry.replace("-", "_")
        if isinstance(value, dict) and entry in commands:
            continue
        if name not in GLOBALS or name in _ASKED:
            raise _unknown(path, entry)
        found[name] = _global_value(path, entry, value)
    return found


def set_command_defaults(path: Path, commands: Mapping[str, Any]) -> None:
    """Hand each command the defaults of its own table in the file.

    They go to the command itself, because a global option and a command are looked up under one name.

    Raises:
        LscError: in one line that names the key, for what a command does not have or cannot take.
    """
    tables = {entry: table for entry, table in _read(path).items() if isinstance(table, dict)}
    for entry, command in commands.items():
        known = {parameter.name for parameter in command.params}
        annotations = _annotations(command) if entry in tables else {}
        values: dict[str, Any] = {}
        for option, value in tables.get(entry, {}).items():
            name = option.replace("-", "_")
            if name not in known or name in _ASKED:
                raise _unknown(path, option, f" in [{entry}]")
            values[name] = _command_value(path, f"[{entry}] {option}", value, annotations[name])
            if name == "out":
                _inside(path, f"[{entry}] {option}", values[name])
        command.context_settings = {**command.context_settings, "default_map": values}


def tables_of(path: Path) -> list[str]:
    """The names of the tables in the file."""
    return [entry for entry, value in _read(path).items() if isinstance(value, dict)]


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LscError(f"{path} is not a TOML file: {error}.") from error
    except OSError as error:
        raise of_system(f"{path} cannot be read", error) from error
    except RecursionError as error:
        raise LscError(f"{path} is nested too deep.") from error


def _unknown(path: Path, entry: str, where: str = "") -> LscError:
    return LscError(f"{path}: unknown name {entry!r}{where}; lsc config lists what can be set.")


def _wrong(path: Path, entry: str, needed: str, value: Any) -> LscError:
    return LscError(f"{path}: {entry} must be {needed}, not {_told(value)}.")


def _told(value: Any) -> str:
    """A value as TOML has it, as far as one line shows it."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, str | int | float | list) else str(value)


def _is_text(value: Any) -> bool:
    # Nobody sees what else is set by it.
    return isinstance(value, str) and visible(value) == value


def _global_value(path: Path, entry: str, value: Any) -> Any:
    name = entry.replace("-", "_")
    if name in _SWITCHES:
        if not isinstance(value, bool):
            raise _wrong(path, entry, "true or false", value)
        return value
    if name == "plugins":
        texts = value if isinstance(value, list) else [value]
        if not all(map(_is_text, texts)):
            raise _wrong(path, entry, "the name of a file, or a list of them", value)
        return texts
    if name == "batch_size" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not _is_text(value):
        raise _wrong(path, entry, "a number or text" if name == "batch_size" else "text", value)
    return value


def _command_value(path: Path, entry: str, value: Any, annotation: Any) -> Any:
    """An option's value as its command takes it: a list for one that may be repeated."""
    many, kind = _kind(annotation)
    if isinstance(value, list) and not many:
        raise _wrong(path, entry, "one value", value)
    values = value if isinstance(value, list) else [value]
    needed, fits = _KINDS.get(kind, ("text", lambda one: _is_text(one) or type(one) in (int, float)))
    if not all(map(fits, values)):
        raise _wrong(path, entry, f"{needed}, or a list of such" if many else needed, value)
    values = [one if kind in _KINDS else str(one) for one in values]
    return values if many else values[0]


_KINDS: dict[Any, tuple[str, Callable[[Any], bool]]] = {
    bool: ("true or false", lambda one: isinstance(one, bool)),
    int: ("a whole number", lambda one: type(one) is int),
    float: ("a number", lambda one: type(one) in (int, float)),
}


def _annotations(command: Any) -> Mapping[str, Any]:
    """The types of a command's parameters, as its function declares them."""
    function = inspect.unwrap(command.callback, stop=lambda one: hasattr(one, "__signature__"))
    return typing.get_type_hints(function)


def _kind(annotation: Any) -> tuple[bool, Any]:
    """Whether a parameter may be repeated, and the type of one value."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        annotation = next(part for part in typing.get_args(annotation) if part is not type(None))
    if typing.get_origin(annotation) is list:
        return True, typing.get_args(annotation)[0]
    return False, annotation


def _inside(path: Path, entry: str, value: str) -> None:
    """LscError where a file would be written outside of the folder of lsc.toml, be it through a link."""
    folder = path.parent.resolve()
    place = (folder / value).resolve()
    written = [place, *(file.resolve() for file in _files_in(place) if file.is_symlink())]
    if not all(file.is_relative_to(folder) for file in written):
        raise LscError(f"{path}: {entry} {value!r} lies outside of this folder; name it on the command line.")


def _files_in(place: Path) -> list[Path]:
    try:
        return list(place.iterdir())
    except OSError:
        return []
