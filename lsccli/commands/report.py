"""`lsc report`: curves, comparisons and files from what is in the store; never computes a result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lsccli.commands import channel_options as link
from lsccli.commands import options as given
from lsccli.core.errors import LscError, UnobtainableError

if TYPE_CHECKING:
    from lsccli.commands.context import Session
    from lsccli.core.metrics.stop import Stop
    from lsccli.core.report.document import ReachJson, ReportJson
    from lsccli.core.report.reach import ReachReport
    from lsccli.core.report.request import ReportRequest, Setup
    from lsccli.core.report.summary import Report
    from lsccli.core.store.selection import Selection
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
    metric_fit: given.MetricFit = None,
    data: given.Data = None,
    captioner: OnlyCaptioner = None,
    limit: given.Limit = None,
    captions: given.Captions = "first",
    run: Annotated[
        int | None,
        typer.Option(
            "--run", metavar="N", min=1, max=2**53, help="What run N made or used; lsc runs lists them."
        ),
    ] = None,
    where: given.Where = None,
    reorder: link.ReorderFilter = None,
    asked: link.ChannelFilter = link.Asked(),
    receiver_seed: Annotated[
        int | None,
        typer.Option(
            "--receiver-seed",
            metavar="N",
            min=0,
            help="Only what Bob drew with this seed. \\[default: the mean over all that he drew with]",
            show_default=False,
        ),
    ] = None,
    strict_images: Annotated[
        bool,
        typer.Option(
            "--strict-images",
            help="Compare all curves, on the images complete in all of them, and leave no curve out.",
        ),
    ] = False,
    by: Annotated[
        str,
        typer.Option("--by", help="What curves are judged over: bits, words or energy (over noisy links)."),
    ] = "bits",
    to_words: Annotated[
        int | None,
        typer.Option(
            "--to-words", metavar="K", min=1, max=1_000_000, help="AUC over 0 to K words. \\[default: all]"
        ),
    ] = None,
    to_bits: Annotated[
        float | None, typer.Option("--to-bits", metavar="B", help="AUC over 0 to B bits. \\[default: all]")
    ] = None,
    to_energy: Annotated[
        float | None,
        typer.Option(
            "--to-energy", metavar="E", help="AUC over an energy of 0 to E times N0. \\[default: all]"
        ),
    ] = None,
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
    from lsccli.core.metrics.base import METRICS
    from lsccli.core.report.axes import Budget
    from lsccli.core.report.formats.base import find_formats, write_report
    from lsccli.core.report.request import ReportRequest
    from lsccli.core.report.where import Condition, conditions

    session: Session = ctx.obj
    methods = tuple(method or ())
    if baseline is not None and methods:
        methods = (*methods, baseline)
    if run is not None and (data is not None or limit is not None or captions != "first"):
        raise LscError("--run N is about the images and captions of that run; leave --data and such out.")
    if stop_at is not None and (compare or baseline is not None):
        raise LscError("--stop-at is a report of its own; leave --compare and --baseline out.")
    if form and out is None:
        raise LscError("--format says which files to write; name their folder with --out.")
    if metric is not None:
        METRICS.find(metric)
    if out is not None:
        find_formats(form or (), stop_at=stop_at is not None)
    selection = given.selection(data, captioner, limit, captions)
    fit = given.metric_fit(metric_fit)
    seen = [Condition("metric.fit", (fit,), f"--metric-fit {fit}", known=True)] if fit is not None else []
    wanted = (*conditions(where or ()), *seen, *link.wanted(asked, reorder, session.profile.name))
    ends = {"words": to_words, "bits": to_bits, "energy": to_energy}
    budget = Budget(by.lower(), {axis: end for axis, end in ends.items() if end is not None})
    more: dict[str, Any] = {
        "where": wanted,
        "strict": strict_images,
        "advise": session.advised,
        "budget": budget,
        "vocabulary": asked.options.get("vocabulary"),
        "seeds": () if receiver_seed is None else (receiver_seed,),
    }
    request = None
    if run is None:
        request = ReportRequest.of(session.profile, selection, metric, methods, **more)
    store = session.open_store()
    try:
        if request is None:  # of a run, which knows its metric
            request = _of_run(store, run, selection, metric, methods, more)
        if stop_at is None and request.stop is not None and not compare and baseline is None:
            stop_at = request.stop.score
        stop = given.stop(stop_at, request.metric)
        formats = find_formats(form or (), stop_at=stop is not None) if out is not None else []
        request = replace(request, stop=None, in_force=in_force(session, store))
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
    if made.set.nothing is not None:
        raise typer.Exit(1)


def _of_run(
    store: Store,
    number: int | None,
    selection: Selection,
    metric: str | None,
    methods: tuple[str, ...],
    more: dict[str, Any],
) -> ReportRequest:
    """A request for what a run made or used, by its own models and, unless one is named, its first metric."""
    from lsccli.core.metrics.base import METRICS
    from lsccli.core.metrics.stop import Stop
    from lsccli.core.report.request import ReportRequest, split_method
    from lsccli.core.run.history import metrics_of, run_of

    for name in methods:
        split_method(name)
    found = run_of(store, number or 0)
    if found.used is None:
        raise UnobtainableError(
            f"Run {found.id} ({found.command}) sent nothing, or was of a time that kept no record of it. "
            "Report on the whole store: lsc report"
        )
    metric = metric or next(iter(metrics_of(store, found.used)), None)
    if metric is None:
        raise UnobtainableError(f"Run {found.id} ({found.command}) scored nothing; name a --metric.")
    images = replace(
        selection, image_ids=tuple(sorted(found.used.images)), all_captions=found.used.all_captions
    )
    name = METRICS.find(metric).name
    stop = None
    if found.used.stop_at is not None and METRICS.find(found.used.stop_at[0]).name == name:
        stop = Stop(*found.used.stop_at)
    return ReportRequest(name, found.profile, images, methods, used=found.used, stop=stop, **more)


def in_force(session: Session, store: Store) -> Callable[[Setup, Setup, Setup], bool]:
    """Whether the models in force give what was sent; asks for them only where something is missing."""

    def told(captioner: Setup, method: Setup, channel: Setup) -> bool:
        from lsccli.core.models.models import Models
        from lsccli.core.run.sent import identities, leg_of
        from lsccli.core.run.workspace import Workspace
        from lsccli.core.store.store import config_key

        if not session.profile.is_here:  # a report asks no hub; who made them has to do
            return all(
                one.profile == session.profile.name
                for one in (captioner, method)
                if one.settings.get("roles") or one.settings.get("reads") or one.settings.get("search")
            )
        leg = leg_of(captioner.settings, method.settings, channel.settings, 1, 1)
        if leg is None:
            return False
        now = identities(Workspace(store, Models(session.profile, session.compute)), leg)
        return {config_key(kind, found) for kind, found in now.items()} == {
            one.key for one in (captioner, method, channel)
        }

    return told


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
