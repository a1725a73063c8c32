"""`lsc report`: curves, comparisons and files from what is in the store; never computes a result."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lsccli.commands.context import Session


class Captions(StrEnum):
    """Which of an image's captions in a data set count."""

    first = "first"
    all = "all"


def report(
    ctx: typer.Context,
    compare: Annotated[
        bool, typer.Option("--compare", help="Methods side by side, with intervals and differences.")
    ] = False,
    baseline: Annotated[
        str | None,
        typer.Option(
            metavar="METHOD[:IMPORTANCE]", help="Differences are against this one. [default: order]"
        ),
    ] = None,
    method: Annotated[
        list[str] | None,
        typer.Option(metavar="METHOD[:IMPORTANCE]", help="Only this method; may be repeated."),
    ] = None,
    metric: Annotated[
        str | None, typer.Option(metavar="NAME", help="The metric to show. [default: the profile's]")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="DATA", help="Only images registered from here, or from below.")
    ] = None,
    captioner: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only captions by this captioner.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many images.")] = None,
    captions: Annotated[
        Captions, typer.Option(help="Of a data set's captions of an image: the first, or all.")
    ] = Captions.first,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write CSV, JSON, figures (PNG, PDF) and a LaTeX table there."),
    ] = None,
) -> None:
    """Show scores against words and bits per method; says what is missing and which command makes it."""
    from lsccli.core.report.files import write_files
    from lsccli.core.report.selection import Selection
    from lsccli.core.report.summary import as_dict, build_report
    from lsccli.core.report.tables import print_report

    session: Session = ctx.obj
    methods = tuple(method or ())
    if baseline is not None and methods:
        methods = (*methods, baseline)
    selection = Selection.of(
        session.profile,
        metric,
        data=data,
        captioner=captioner,
        methods=methods,
        captions=captions.value,
        limit=limit,
    )
    made = build_report(session.open_store(), selection, baseline)
    files = write_files(made, out) if out is not None else []
    if session.json:
        typer.echo(json.dumps(as_dict(made), ensure_ascii=False, allow_nan=False))
    else:
        print_report(session.out, made, compare)
    if files and not session.quiet:
        session.err.print(f"Written to {out}: {', '.join(path.name for path in files)}", markup=False)
