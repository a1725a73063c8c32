"""`lsc score`: how close is each generation to its original."""

from __future__ import annotations

import typer

from lsccli.commands import options as given
from lsccli.commands.context import Session


def score(
    ctx: typer.Context,
    metric: given.Metrics = None,
    metric_fit: given.MetricFit = None,
    stop_at: given.StopAt = None,
    receiver_seeds: given.ReceiverSeeds = 1,
    receiver_seed: given.ReceiverSeed = None,
    data: given.Data = None,
    captioner: given.Captioner = None,
    pairs: given.Pairs = given.NO_OPTIONS,
    limit: given.Limit = None,
    captions: given.Captions = "first",
) -> None:
    """Compare each generation with its original, or with --stop-at those that it takes to get there."""
    from lsccli.core.run.pipeline import Pipeline
    from lsccli.core.run.sent import sent_so_far

    session: Session = ctx.obj
    session.teach(pairs)
    names = given.metric_names(metric, session.profile)
    fit = given.metric_fit(metric_fit)
    stop = given.stop(stop_at, names[0])
    selection = given.selection(data, captioner, limit, captions)
    with session.workspace(
        "score", receiver_seeds=receiver_seeds, receiver_seed=receiver_seed, metric_fit=fit
    ) as workspace:
        workspace.models.check_receiver()
        legs = sent_so_far(workspace, selection)
        session.finish(workspace, Pipeline(workspace, selection).score(legs, names, stop)[1])
