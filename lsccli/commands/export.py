"""`lsc export`: the store's facts as plain tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lsccli.commands import options as given
from lsccli.commands import terminal
from lsccli.commands.context import Session
from lsccli.commands.report import OnlyCaptioner
from lsccli.core.errors import LscError


def export(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(help="captions, rankings, steps or scores.", metavar="WHAT")],
    form: Annotated[
        str | None,
        typer.Option("--format", help="csv, json or parquet. \\[default: from --out, or csv]"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The file to write. \\[default: standard output]")
    ] = None,
    data: given.Data = None,
    captioner: OnlyCaptioner = None,
    limit: given.Limit = None,
) -> None:
    """Hand out captions, rankings, steps or scores with all their settings."""
    from lsccli.core.report import export as core
    from lsccli.core.store.files import whole_file
    from lsccli.core.store.selection import in_force

    session: Session = ctx.obj
    if what not in core.TABLES:
        raise LscError(f"Nothing is called {what!r}: choose {', '.join(core.TABLES)}.")
    table = core.TABLES[what]
    form = form or (out.suffix[1:].lower() if out and out.suffix else "json" if session.json else "csv")
    if form not in core.FILE_TYPES:
        raise LscError(f"--format {form!r}: choose {', '.join(core.FILE_TYPES)}.")
    if form == "parquet":
        core.need_pyarrow()
        if out is None:
            raise LscError("A parquet file is no text: name it with --out.")
    if session.json and out is None and form != "json":
        raise LscError(f"--json prints JSON; name a file for the {form} with --out.")
    if captioner is not None and not table.has_captioner:
        raise LscError("Scores are of images and prompts, whoever wrote these; leave --captioner out.")
    chosen = given.selection(data, captioner, limit, "all")
    store = session.open_store()
    images = chosen.images(store)  # says so where there are none
    with store.read() as reading:
        people = in_force(reading, chosen, images)
    for note in people.notes if table.has_captioner else ():
        session.err.print(note)
    chunks = core.table_rows(store, table, images if data or limit else None, chosen.captioner, people)
    if out is None:
        with terminal.text_output() as stream:
            core.write_table(stream, form, what, chunks)
        return
    with whole_file(out, binary=form == "parquet") as stream:
        count = core.write_table(stream, form, what, chunks)
    if session.json:
        session.print_json({"file": str(out), "rows": count})
    else:
        session.out.print(f"wrote {count} {what} to {out}", soft_wrap=True)
