"""Write `docs/options.md` from what is declared: `python docs/make_options.py`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lsccli.core.channel.codes.base import CHANNEL_CODES
from lsccli.core.channel.link import Link
from lsccli.core.channel.models.base import CHANNEL_MODELS
from lsccli.core.methods.base import METHODS
from lsccli.core.models.models import Compute
from lsccli.core.models.roles import ROLES
from lsccli.core.options import MISSING, Option, Settings, options_of

FILE = Path(__file__).with_name("options.md")
HEAD = """# Every option of what makes a result

Made from the declarations by `python docs/make_options.py`; a test holds it to them. A key names an option
where its value is another than the one that it was born with, and never one that only says how a result is
computed (*runtime*).
"""


def shown(value: object) -> str:
    """A default as it is printed."""
    if value is MISSING:
        return "must be given"
    return "" if value is None else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def row(owner: str, option: Option) -> str:
    """One option as a row."""
    name = f"`{option.flag}`" if option.flag else f"`{option.name}`"
    notes = [] if option.born == option.default else [f"born with {shown(option.born)}"]
    notes += [] if option.identity else ["runtime"]
    text = option.help + (f" ({'; '.join(notes)})" if notes else "")
    # Of an option that counts, the command line has how many values there are.
    default, limits = (1, "from 1") if option.counts else (option.default, option.range)
    cells = (name, owner, option.type.__name__, shown(default), limits, text, option.since)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def table(title: str, owners: Iterable[tuple[str, type[Settings] | None]]) -> str:
    """A table of the options of several classes; one that several have stands once, with all of them."""
    found: dict[tuple[object, ...], tuple[Option, list[str]]] = {}
    for owner, settings in owners:
        for option in options_of(settings) if settings is not None else ():
            found.setdefault((option.name, option.range), (option, []))[1].append(owner)
    rows = [row(", ".join(dict.fromkeys(names)), option) for option, names in found.values()]
    head = "| option | of | type | default | range | what it is | since |\n|---|---|---|---|---|---|---|"
    return "\n".join([f"## {title}", "", head, *rows, ""])


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
        table(f"Profiles: `[{name}]`", [(spec.summary, spec.make)]) for name, spec in ROLES.all().items()
    ]
    return "\n".join([*parts, table("All models", [("every model", Compute)])])


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
