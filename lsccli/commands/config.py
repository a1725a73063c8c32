"""`lsc config`: what is in force, and where each value came from."""

from __future__ import annotations

import os
from typing import Any

import typer

from lsccli.commands.config_file import CONFIG_FILE
from lsccli.commands.context import GLOBALS, Session


def config(ctx: typer.Context) -> None:
    """Show the global options in force and where each came from."""
    from rich import box
    from rich.table import Table

    session: Session = ctx.obj
    rows = _rows(ctx, session)
    if session.json:
        session.print_json({"config": rows})
        return
    table = Table("option", "value", "from", box=box.SIMPLE)
    for row in rows:
        value = row["value"]
        shown = ", ".join(value) if isinstance(value, list) else str(value)
        flag = {"plugins": "--plugin"}.get(row["option"], "--" + row["option"].replace("_", "-"))
        table.add_row(flag, shown, row["source"])
    session.out.print(table)


def _rows(ctx: typer.Context, session: Session) -> list[dict[str, Any]]:
    from lsccli.core.store.connection import path_of

    if ctx.parent is None:
        raise RuntimeError("config runs below lsc")
    from_word = {
        "COMMANDLINE": "command line",
        "DEFAULT_MAP": CONFIG_FILE,
        "DEFAULT": "default",
    }
    rows = []
    for option in GLOBALS:
        value = getattr(session, option)
        if option == "plugins":
            value = [str(file) for file in value]
        source = ctx.parent.get_parameter_source(option)
        name = source.name if source is not None else "DEFAULT"
        word = f"environment (LSC_{option.upper()})" if name == "ENVIRONMENT" else from_word.get(name, name)
        if option == "artifacts" and value is None:
            value = str(path_of(session.db).parent / "artifacts").replace(os.sep, "/")
        rows.append({"option": option, "value": value, "source": word})
    return rows
