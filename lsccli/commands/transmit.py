"""`lsc transmit`: send the words, one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from lsccli.commands import channel_options as link
from lsccli.commands import options as given
from lsccli.commands.context import Session, record
from lsccli.core.errors import LscError

if TYPE_CHECKING:
    from lsccli.core.run.context import Bench
    from lsccli.core.run.pipeline import Leg


def transmit(
    ctx: typer.Context,
    method: given.Method,
    importance: given.Importance = None,
    ranking: given.RankOptions = given.NO_OPTIONS,
    reorder: given.Reorder = "none",
    asked: link.Channel = link.Asked(),
    keep_images: given.KeepImages = "received",
    data: given.Data = None,
    captioner: given.Captioner = None,
    limit: given.Limit = None,
    captions: given.Captions = "first",
    explain: Annotated[
        str | None,
        typer.Option(metavar="IMAGE", help="With --scc: only this image; print what becomes of its words."),
    ] = None,
) -> None:
    """Send the words of each caption over the channel, in the order of a method."""
    from lsccli.core.run import pipeline
    from lsccli.core.scc.coder import facts as channel_facts

    session: Session = ctx.obj
    channels = link.channels(asked, reorder=reorder, profile=session.profile.name)
    choice = given.choice(method, importance, ranking, reorder)
    selection = given.selection(data, captioner, limit, captions)
    if explain is not None and channels[0].scc is None:
        raise LscError("--explain tells what --scc makes of the words; give --scc longer or distance.")
    with session.bench("transmit", keep_all_images=given.keeps_all(keep_images)) as bench:
        channel_facts(bench.models, channels[0])  # says first of all where a model is missing
        legs = [pipeline.Leg(selection, choice, point, asked.trials) for point in channels]
        if explain is None:
            session.finish(bench, pipeline.transmit(bench, legs))
        else:
            _explain(session, bench, explain, legs)


def _explain(session: Session, bench: Bench, image: str, legs: Sequence[Leg]) -> None:
    from lsccli.commands.explanation import print_substitutions, substitutions_as_json
    from lsccli.core.run import explain, pipeline

    number, _ = explain.image_of(bench, image)
    only = [replace(leg, selection=replace(leg.selection, image_ids=(number,))) for leg in legs]
    result = pipeline.transmit(bench, only)
    record(bench, result)
    session.show(result)
    # All points of a sweep send the same words.
    found = explain.substitutions(bench, only[0])
    if session.json:
        explained = [substitutions_as_json(one) for one in found]
        session.print_json({**result.as_json(), "explained": explained})
    else:
        for one in found:
            print_substitutions(session.out, one)
    session.leave([result])
