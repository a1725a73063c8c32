"""`lsc rank`: order the words of each caption."""

from __future__ import annotations

import typer

from lsccli.commands import options as given
from lsccli.commands.context import Session


def rank(
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
    """Order the words of each caption by a method."""
    from lsccli.core import pipeline

    session: Session = ctx.obj
    given.channel(reorder)  # refuses an unknown way
    choice = given.choice(
        method, importance, seeds=seeds, only_heads=only_heads, penalty=penalty, reorder=reorder
    )
    selection = given.selection(data, captioner, limit, captions)
    with session.bench("rank", keep_all_images=given.keeps_all(keep_images)) as bench:
        session.finish(bench, pipeline.rank(bench, selection, [choice]))
