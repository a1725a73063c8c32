"""`lsc run`: the whole experiment, and its report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lsccli.commands import channel_options as link
from lsccli.commands import options as given
from lsccli.commands.context import Session, record

if TYPE_CHECKING:
    from lsccli.core.metrics.stop import Stop
    from lsccli.core.report.document import ReachJson, ReportJson
    from lsccli.core.run.plan import Choice
    from lsccli.core.store.selection import Selection
    from lsccli.core.store.store import Store
    from lsccli.core.store.uses import Used


def run(
    ctx: typer.Context,
    data: Annotated[Path, typer.Argument(help="An image, a folder, or a caption file.", metavar="DATA")],
    method: given.Methods = None,
    metric: given.Metrics = None,
    metric_fit: given.MetricFit = None,
    limit: given.Limit = None,
    ranking: given.RankOptions = given.NO_OPTIONS,
    reorder: given.Reorder = "none",
    asked: link.Channel = link.Asked(),
    stop_at: given.StopAt = None,
    receiver_seeds: given.ReceiverSeeds = 1,
    receiver_seed: given.ReceiverSeed = None,
    keep_images: given.KeepImages = "received",
    captioner: given.Captioner = None,
    pairs: given.Pairs = given.NO_OPTIONS,
    captions: given.Captions = "first",
    images: Annotated[
        Path | None, typer.Option(help="Folder of the images that a COCO captions file names.")
    ] = None,
) -> None:
    """Caption, rank, transmit, generate, score and report, for each method; prints its estimate first."""
    from lsccli.core.data.dataset import read_dataset
    from lsccli.core.report.summary import DEFAULT_BASELINE
    from lsccli.core.run.experiment import experiment, forecast
    from lsccli.core.run.pipeline import Pipeline
    from lsccli.core.run.plan import Leg, baselines, served
    from lsccli.core.scc.link import link_identity

    session: Session = ctx.obj
    session.teach(pairs)
    channels = link.channels(asked, reorder=reorder, profile=session.profile.name)
    choices = given.choices(method, ranking, reorder)
    names = given.metric_names(metric, session.profile)
    stop = given.stop(stop_at, names[0])
    dataset = read_dataset(data, images)
    selection = given.selection(data, captioner, None, captions)
    fit, keep = given.metric_fit(metric_fit), given.keeps_all(keep_images)
    seeds: dict[str, Any] = {"receiver_seeds": receiver_seeds, "receiver_seed": receiver_seed}
    with session.workspace("run", create=True, **seeds, metric_fit=fit, keep_all_images=keep) as workspace:
        for note in dataset.notes:
            workspace.watcher.say(note)
        workspace.models.check_receiver()
        link_identity(workspace.models, channels[0])  # says first of all where a model is missing
        choices = served(workspace, choices, selection.captioner, named=bool(method))
        legs = [Leg(choice, at, asked.trials, selection.captioner) for choice in choices for at in channels]
        # Methods that were named one by one are all that was asked for.
        legs += [] if method else baselines(legs, DEFAULT_BASELINE)
        pipeline = Pipeline(workspace, selection, separate=True)
        results = [pipeline.register(dataset, limit, [leg.speaker for leg in legs])]
        session.show(results[0])
        made = None
        if pipeline.images:  # not where every file was damaged
            ahead = forecast(pipeline, legs)
            workspace.forecast = ahead.drawings
            workspace.watcher.say(str(ahead))
            for result in experiment(pipeline, legs, names, stop):
                session.show(result)
                results.append(result)
        record(workspace, results)
        if pipeline.images:
            drawn = tuple(workspace.seeds()) if receiver_seed is not None else ()
            file = channels[0].link.vocabulary_file
            used = workspace.used
            made = _report(
                session, workspace.store, pipeline.selection, choices, names[0], stop, used, drawn, file
            )
    if session.json:
        session.print_json({"stages": [result.as_json() for result in results], "report": made})
    session.leave(results)
    if made is not None and made["nothing"] is not None:
        raise typer.Exit(1)


def _report(
    session: Session,
    store: Store,
    selection: Selection,
    choices: Sequence[Choice],
    metric: str,
    stop: Stop | None,
    used: Used,
    seeds: tuple[int, ...] = (),
    vocabulary: str | None = None,
) -> ReportJson | ReachJson:
    from lsccli.commands.report import in_force, make_report, print_made, to_document
    from lsccli.core.report.request import ReportRequest

    methods = tuple(choice.label for choice in choices)
    request = ReportRequest.of(
        session.profile,
        selection,
        metric,
        methods,
        advise=session.advised,
        seeds=seeds,
        in_force=in_force(session, store),
        used=used,
        vocabulary=vocabulary,
    )
    made = make_report(store, request, stop=stop)
    if not session.json:
        print_made(session, made, True)
    return to_document(made)
