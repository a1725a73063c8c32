"""`lsc.toml`: defaults for the global options and, in a table for each, for the commands."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from lsccli.commands.context import GLOBALS
from lsccli.core.errors import LscError

CONFIG_FILE = "lsc.toml"


def read_config_file(path: Path, commands: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults of the global options that a file gives; a command is handed those of its own table.

    A command's defaults go to the command itself, because both are looked up under one name: there is a
    global option `models` and a command.

    Raises:
        LscError: in one line, for what is no TOML, an unknown name, or a value that none can have.
    """
    found: dict[str, Any] = {}
    tables: dict[str, dict[str, Any]] = {}
    for entry, value in _read(path).items():
        name = entry.replace("-", "_")
        if isinstance(value, dict) and entry in commands:
            known = {parameter.name for parameter in commands[entry].params}
            tables[entry] = {
                _known(path, option, known): _command_value(path, f"[{entry}] {option}", given)
                for option, given in value.items()
            }
        elif isinstance(value, dict):
            raise _unknown(path, entry)
        else:
            found[_known(path, entry, GLOBALS)] = _global_value(path, entry, value, many=name == "plugins")
    for name, command in commands.items():
        command.context_settings = {**command.context_settings, "default_map": tables.get(name, {})}
    return found


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LscError(f"{path} is not a TOML file: {error}.") from error


def _known(path: Path, entry: str, known: Collection[str]) -> str:
    name = entry.replace("-", "_")
    if name not in known:
        raise _unknown(path, entry)
    return name


def _unknown(path: Path, entry: str) -> LscError:
    return LscError(f"{path}: unknown name {entry!r}; lsc config lists what can be set.")


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _global_value(path: Path, entry: str, value: Any, *, many: bool) -> Any:
    """A global option's value as the command line would have it."""
    texts = value if many and isinstance(value, list) else [value]
    if not all(map(_plain, texts)):
        raise LscError(f"{path}: {entry} must be text, a number or true or false, not {value!r}.")
    if many:
        return [str(text) for text in texts]
    return value if isinstance(value, bool) else str(value)


def _command_value(path: Path, entry: str, value: Any) -> Any:
    if not all(map(_plain, value if isinstance(value, list) else [value])):
        raise LscError(f"{path}: {entry} must be text, a number, true or false, or a list, not {value!r}.")
    return value
