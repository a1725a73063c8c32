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
    from lsccli.core.report.document import ReachJson, ReportJson


@link.takes()
def run(
    ctx: typer.Context,
    data: Annotated[Path, typer.Argument(help="An image, a folder, or a caption file.", metavar="DATA")],
    method: given.Methods = None,
    metric: given.Metrics = None,
    limit: given.Limit = None,
    seeds: given.Seeds = 1,
    only_heads: given.OnlyHeads = False,
    penalty: given.Penalty = 0.0,
    reorder: given.Reorder = "none",
    asked: link.Asked = link.Asked(),
    stop_at: given.StopAt = None,
    receiver_seeds: given.ReceiverSeeds = 1,
    keep_images: given.KeepImages = "received",
    captioner: given.Captioner = None,
    captions: given.Captions = "first",
    images: Annotated[
        Path | None, typer.Option(help="Folder of the images that a COCO captions file names.")
    ] = None,
) -> None:
    """Caption, rank, transmit, generate, score and report, for each method; prints its estimate first."""
    from dataclasses import replace

    from lsccli.core.data.dataset import read_dataset
    from lsccli.core.run import experiment, pipeline
    from lsccli.core.scc.coder import facts as channel_facts

    session: Session = ctx.obj
    channels = link.channels(asked, reorder=reorder, profile=session.profile.name)
    options = {"seeds": seeds, "only_heads": only_heads, "penalty": penalty, "reorder": reorder}
    choices = _choices(method, options)
    names = given.metric_names(metric, session.profile.need("metric").name)
    stop = given.stop(stop_at, names[0])
    dataset = read_dataset(data, images)
    selection = given.selection(data, captioner, None, captions)
    keep = given.keeps_all(keep_images)
    with session.bench("run", receiver_seeds=receiver_seeds, keep_all_images=keep) as bench:
        for note in dataset.notes:
            bench.watcher.say(note)
        channel_facts(bench.models, channels[0])  # says first of all where a model is missing
        choices = experiment.served(bench, choices, selection.captioner)
        captioners = [choice.captioner(selection) for choice in choices]
        numbers, captioned = pipeline.register(bench, dataset, limit, captioners)
        selection = replace(selection, image_ids=tuple(numbers))
        session.show(captioned)
        legs = [
            pipeline.Leg(selection, choice, point, asked.trials) for choice in choices for point in channels
        ]
        results, made = [captioned], None
        if numbers:  # not where every file was damaged
            bench.watcher.say(str(experiment.estimate(bench, legs, names)))
            for result in experiment.experiment(bench, legs, names, stop):
                session.show(result)
                results.append(result)
        for result in results:
            record(bench, result)
        if numbers:
            made = _report(session, bench, selection, choices, names[0], stop)
    if session.json:
        session.print_json({"stages": [result.as_json() for result in results], "report": made})
    session.leave(results)


def _choices(method: list[str] | None, asked: dict[str, Any]) -> list[Any]:
    """The methods named, or all; an option must go with at least one of them."""
    from lsccli.core.errors import LscError
    from lsccli.core.run.experiment import every_choice

    names = method or [choice.label for choice in every_choice()]
    chosen, refusals = [], []
    neutral = {"seeds": 1, "only_heads": False, "penalty": 0.0}
    for name in names:
        heeded: dict[str, Any] = {"reorder": asked["reorder"]}
        for option, off in neutral.items():
            try:
                given.choice(name, None, **{option: asked[option]})
                heeded[option] = asked[option]
            except LscError as error:
                if asked[option] == off:
                    raise
                refusals.append((option, error))
        chosen.append(given.choice(name, None, **heeded))
    for option in neutral:
        refused = [error for name, error in refusals if name == option]
        if len(refused) == len(names):
            raise refused[0]
    return chosen


def _report(
    session: Session,
    bench: Any,
    selection: Any,
    choices: Sequence[Any],
    metric: str,
    stop: Any,
) -> ReportJson | ReachJson:
    from lsccli.commands.report import make_report, print_made, to_document
    from lsccli.core.report.request import ReportRequest

    methods = tuple(choice.label for choice in choices)
    made = make_report(bench.store, ReportRequest.of(session.profile, selection, metric, methods), stop=stop)
    if not session.json:
        print_made(session, made, True)
    return to_document(made)
