"""Write `docs/options.md` from what is declared: `python docs/make_options.py`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer

from lsccli.cli import make_app
from lsccli.core.channel.codes.base import CHANNEL_CODES
from lsccli.core.channel.link import Link
from lsccli.core.channel.models.base import CHANNEL_MODELS
from lsccli.core.methods.base import METHODS
from lsccli.core.models.models import Compute
from lsccli.core.models.roles import ROLES
from lsccli.core.options import MISSING, Option, Settings, options_of

FILE = Path(__file__).with_name("options.md")
HEAD = """# Every option

Made from the declarations by `python docs/make_options.py`; a test holds it to them. First the options of
what makes a result: a key names one where its value is another than the one that it was born with, and never
one that only says how a result is computed (*runtime*). Then those of the commands, which are in no key.
"""


def shown(value: object) -> str:
    """A default as it is printed."""
    if value is MISSING:
        return "must be given"
    return "" if value is None else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def row(owner: str, option: Option, *, of_file: bool = False) -> str:
    """One option as a row, called as the command line or a profile's file calls it."""
    name = f"`{option.flag}`" if option.flag and not of_file else f"`{option.name}`"
    notes = [] if option.born == option.default else [f"born with {shown(option.born)}"]
    notes += [] if option.identity else ["runtime"]
    text = option.help + (f" ({'; '.join(notes)})" if notes else "")
    # Of an option that counts, the command line has how many values there are.
    default, limits = (1, "from 1") if option.counts else (option.default, option.range)
    cells = (name, owner, option.type.__name__, shown(default), limits, text, option.since)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def table(title: str, owners: Iterable[tuple[str, type[Settings] | None]], *, of_file: bool = False) -> str:
    """A table of the options of several classes; one that several have stands once, with all of them."""
    found: dict[tuple[object, ...], tuple[Option, list[str]]] = {}
    for owner, settings in owners:
        for option in options_of(settings) if settings is not None else ():
            found.setdefault((option.name, option.range), (option, []))[1].append(owner)
    rows = [row(", ".join(dict.fromkeys(names)), option, of_file=of_file) for option, names in found.values()]
    head = "| option | of | type | default | range | what it is | since |\n|---|---|---|---|---|---|---|"
    return "\n".join([f"## {title}", "", head, *rows, ""])


def commands(elsewhere: set[str]) -> str:
    """The tables of what each command has of its own, beside options that stand `elsewhere` on the page."""
    app = typer.main.get_group(make_app())
    parts = []
    for name, command in (("lsc", app), *app.commands.items()):
        own = [one for one in command.params if one.name != "help" and not elsewhere & set(one.opts)]
        if own:
            head = "| option | value | default | what it is |\n|---|---|---|---|"
            title = f"## `{name if command is app else f'lsc {name}'}`"
            parts += [title, "", head, *map(command_row, own), ""]
    return "\n".join(parts)


def command_row(one: Any) -> str:
    """An option or argument of a command, as Typer has it, as a row."""
    argument = one.param_type_name == "argument"
    flags = ", ".join(f"`{flag}`" for flag in (*one.opts, *one.secondary_opts))
    name = one.name.upper() if argument else flags
    many = getattr(one, "multiple", False) or one.nargs != 1
    value = "a flag" if getattr(one, "is_flag", False) else "one or more" if many else "one"
    default = "must be given" if one.required else shown(one.default or None)
    help = (one.help or "").replace("\\[", "[")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in (name, value, default, help)) + " |"


def page() -> str:
    """The whole page."""
    methods = [
        (f"{spec.name}:{importance}" if importance else spec.name, settings)
        for spec in METHODS.all().values()
        for importance, settings in spec.settings.items()
    ]
    link = [("every link", Link)]
    link += [(f"`{spec.name}`", spec.options) for spec in CHANNEL_MODELS.all().values()]
    link += [(f"`{spec.name}`", spec.options) for spec in CHANNEL_CODES.all().values()]
    parts = [HEAD, table("Ranking", methods), table("The channel", link)]
    parts += [
        table(f"Profiles: `[{name}]`", [(spec.summary, spec.make)], of_file=True)
        for name, spec in ROLES.all().items()
    ]
    parts.append(table("All models", [("every model", Compute)]))
    above = {f"--{flag}" for flag in re.findall(r"^\| `--([a-z0-9-]+)`", "\n".join(parts), re.MULTILINE)}
    return "\n".join([*parts, commands(above)])


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
