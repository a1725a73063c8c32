"""`lsc report`: curves, comparisons and files from what is in the store; never computes a result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lsccli.commands import options as given

if TYPE_CHECKING:
    from lsccli.commands.context import Session


def report(
    ctx: typer.Context,
    compare: Annotated[
        bool, typer.Option("--compare", help="Methods side by side, with intervals and differences.")
    ] = False,
    baseline: Annotated[
        str | None,
        typer.Option("--baseline", help="METHOD or METHOD:IMPORTANCE to compare with. \\[default: order]"),
    ] = None,
    method: given.Methods = None,
    metric: Annotated[
        str | None, typer.Option("--metric", help="Scores by this metric. \\[default: the profile's]")
    ] = None,
    data: given.Data = None,
    captioner: Annotated[
        str | None, typer.Option("--captioner", help="Only captions by this captioner.")
    ] = None,
    limit: given.Limit = None,
    captions: given.Captions = "first",
    stop_at: Annotated[
        float | None,
        typer.Option(
            "--stop-at",
            metavar="X",
            help="Instead: words and bits until the score is at least as good as X, and how often never.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="A folder: write CSV, JSON, figures (PNG, PDF) and a LaTeX table there "
            "(with --stop-at: CSV and JSON).",
        ),
    ] = None,
) -> None:
    """Show scores against words and bits per method; says what is missing and which command makes it."""
    from lsccli.core.errors import LscError
    from lsccli.core.report import reach, reach_output
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
        captions=captions,
        limit=limit,
    )
    stop = given.stop(stop_at, selection.metric)
    if stop is not None and (compare or baseline is not None):
        raise LscError("--stop-at is a report of its own; leave --compare and --baseline out.")
    store = session.open_store()
    try:
        made: Any = (
            build_report(store, selection, baseline)
            if stop is None
            else reach.build_reach(store, selection, stop)
        )
    finally:
        store.close()
    if stop is None:
        files = write_files(made, out) if out is not None else []
        facts = as_dict(made)
    else:
        files = reach_output.write_files(made, out) if out is not None else []
        facts = reach.as_dict(made)
    if session.json:
        session.print_json(facts)
    elif stop is None:
        print_report(session.out, made, compare)
    else:
        reach_output.print_reach(session.out, made)
    if files and not session.quiet:
        session.err.print(f"Written to {out}: {', '.join(path.name for path in files)}", markup=False)
