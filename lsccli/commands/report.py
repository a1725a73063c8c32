"""`lsc report`: curves, comparisons and files from what is in the store; never computes a result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lsccli.commands import options as given
from lsccli.core.errors import LscError

if TYPE_CHECKING:
    from lsccli.commands.context import Session
    from lsccli.core.metrics.stop import Stop
    from lsccli.core.report.document import ReachJson, ReportJson
    from lsccli.core.report.reach import ReachReport
    from lsccli.core.report.request import ReportRequest
    from lsccli.core.report.summary import Report
    from lsccli.core.store.store import Store

OnlyCaptioner = Annotated[
    str | None, typer.Option("--captioner", help="Only captions by this captioner.", show_default=False)
]


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
    captioner: OnlyCaptioner = None,
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
    form: Annotated[
        list[str] | None,
        typer.Option("--format", help="With --out: only this format; may be repeated. \\[default: all]"),
    ] = None,
) -> None:
    """Show scores against words and bits per method; says what is missing and which command makes it."""
    from lsccli.core.report.formats.base import find_formats, write_report
    from lsccli.core.report.request import ReportRequest

    session: Session = ctx.obj
    methods = tuple(method or ())
    if baseline is not None and methods:
        methods = (*methods, baseline)
    selection = given.selection(data, captioner, limit, captions)
    request = ReportRequest.of(session.profile, selection, metric, methods)
    stop = given.stop(stop_at, request.metric)
    if stop is not None and (compare or baseline is not None):
        raise LscError("--stop-at is a report of its own; leave --compare and --baseline out.")
    if form and out is None:
        raise LscError("--format says which files to write; name their folder with --out.")
    formats = find_formats(form or (), stop_at=stop is not None) if out is not None else []
    store = session.open_store()
    try:
        made = make_report(store, request, baseline, stop)
    finally:
        store.close()
    files = write_report(made, out, formats) if out is not None else []
    if session.json:
        session.print_json(to_document(made))
    else:
        print_made(session, made, compare)
    if files and not session.quiet:
        session.err.print(f"Written to {out}: {', '.join(path.name for path in files)}")


def make_report(
    store: Store, request: ReportRequest, baseline: str | None = None, stop: Stop | None = None
) -> Report | ReachReport:
    """The report of curves, or that of `--stop-at`."""
    from lsccli.core.report.reach import build_reach
    from lsccli.core.report.summary import build_report

    return build_report(store, request, baseline) if stop is None else build_reach(store, request, stop)


def to_document(made: Report | ReachReport) -> ReportJson | ReachJson:
    """A report as JSON values."""
    from lsccli.core.report.document import reach_document, report_document
    from lsccli.core.report.summary import Report

    return report_document(made) if isinstance(made, Report) else reach_document(made)


def print_made(session: Session, made: Report | ReachReport, compare: bool) -> None:
    """Print a report on the terminal."""
    from lsccli.core.report.reach_table import print_reach
    from lsccli.core.report.summary import Report
    from lsccli.core.report.tables import print_report

    if isinstance(made, Report):
        print_report(session.out, made, compare)
    else:
        print_reach(session.out, made)
