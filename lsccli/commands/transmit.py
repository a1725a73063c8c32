"""`lsc transmit`: send the words, one after another."""

from __future__ import annotations

import typer

from lsccli.commands import options as given
from lsccli.commands.context import Session


def transmit(
    ctx: typer.Context,
    method: given.Method,
    importance: given.Importance = None,
    seeds: given.Seeds = 1,
    only_heads: given.OnlyHeads = False,
    penalty: given.Penalty = 0.0,
    reorder: given.Reorder = "none",
    keep_images: given.KeepImages = "received",
    data: given.Data = None,
    captioner: given.Captioner = None,
    limit: given.Limit = None,
    captions: given.Captions = "first",
) -> None:
    """Send the words of each caption over the channel, in the order of a method."""
    from lsccli.core import pipeline

    session: Session = ctx.obj
    channel = given.channel(reorder)
    choice = given.choice(
        method, importance, seeds=seeds, only_heads=only_heads, penalty=penalty, reorder=reorder
    )
    selection = given.selection(data, captioner, limit, captions)
    with session.bench("transmit", keep_all_images=given.keeps_all(keep_images)) as bench:
        session.finish(bench, pipeline.transmit(bench, [pipeline.Leg(selection, choice, channel)]))
