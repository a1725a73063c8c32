"""`lsc generate`: Bob draws what he has received."""

from __future__ import annotations

from typing import Annotated

import typer

from lsccli.commands import options as given
from lsccli.commands.context import Session


def generate(
    ctx: typer.Context,
    stop_at: given.StopAt = None,
    metric: Annotated[
        str | None,
        typer.Option("--metric", help="With --stop-at: whose score X is. \\[default: the profile's]"),
    ] = None,
    metric_fit: given.MetricFit = None,
    receiver_seeds: given.ReceiverSeeds = 1,
    receiver_seed: given.ReceiverSeed = None,
    data: given.Data = None,
    captioner: given.Captioner = None,
    pairs: given.Pairs = given.NO_OPTIONS,
    limit: given.Limit = None,
    captions: given.Captions = "first",
) -> None:
    """Draw every received prompt that has no image yet, or with --stop-at those it takes to get there."""
    from lsccli.core.errors import LscError
    from lsccli.core.run.pipeline import Pipeline
    from lsccli.core.run.sent import sent_so_far

    session: Session = ctx.obj
    session.teach(pairs)
    for flag, value in (("--metric", metric), ("--metric-fit", metric_fit)):
        if value is not None and stop_at is None:
            raise LscError(f"{flag} goes with --stop-at X, a score; without, generate compares nothing.")
    stop = None
    if stop_at is not None:
        stop = given.stop(stop_at, metric or session.profile.need("metric").name)
    fit = given.metric_fit(metric_fit)
    selection = given.selection(data, captioner, limit, captions)
    with session.workspace(
        "generate", receiver_seeds=receiver_seeds, receiver_seed=receiver_seed, metric_fit=fit
    ) as workspace:
        workspace.models.check_receiver()
        legs = sent_so_far(workspace, selection)
        session.finish(workspace, Pipeline(workspace, selection).generate(legs, stop))
