"""`lsc generate`: Bob draws what he has received."""

from __future__ import annotations

import typer

from lsccli.commands import options as given
from lsccli.commands.context import Session


def generate(
    ctx: typer.Context,
    receiver_seeds: given.ReceiverSeeds = 1,
    data: given.Data = None,
    captioner: given.Captioner = None,
    limit: given.Limit = None,
    captions: given.Captions = "first",
) -> None:
    """Draw every received prompt that has no image yet."""
    from lsccli.core import pipeline

    session: Session = ctx.obj
    selection = given.selection(data, captioner, limit, captions)
    with session.bench("generate", receiver_seeds=receiver_seeds) as bench:
        legs = pipeline.sent_so_far(bench, selection)
        session.finish(bench, pipeline.generate(bench, legs))
