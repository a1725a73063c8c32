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
    from lsccli.core.run.plan import Leg
    from lsccli.core.run.workspace import Workspace
    from lsccli.core.store.selection import Selection


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
    pairs: given.Pairs = given.NO_OPTIONS,
    limit: given.Limit = None,
    captions: given.Captions = "first",
    explain: Annotated[
        str | None,
        typer.Option(metavar="IMAGE", help="With --scc: only this image; print what becomes of its words."),
    ] = None,
) -> None:
    """Send the words of each caption over the channel, in the order of a method."""
    from lsccli.core.run.pipeline import Pipeline
    from lsccli.core.run.plan import Leg
    from lsccli.core.scc.link import link_identity

    session: Session = ctx.obj
    session.teach(pairs)
    channels = link.channels(asked, reorder=reorder, profile=session.profile.name)
    choice = given.choice(method, importance, ranking, reorder)
    selection = given.selection(data, captioner, limit, captions)
    if explain is not None and channels[0].scc is None:
        raise LscError("--explain tells what --scc makes of the words; give --scc longer or distance.")
    choice.check_captioner(selection.captioner)
    with session.workspace("transmit", keep_all_images=given.keeps_all(keep_images)) as workspace:
        link_identity(workspace.models, channels[0])  # says first of all where a model is missing
        legs = [Leg(choice, point, asked.trials, selection.captioner) for point in channels]
        if explain is None:
            session.finish(workspace, Pipeline(workspace, selection).transmit(legs))
        else:
            _explain(session, workspace, explain, selection, legs)


def _explain(
    session: Session, workspace: Workspace, image: str, selection: Selection, legs: Sequence[Leg]
) -> None:
    from lsccli.commands.explanation import print_substitutions, substitutions_as_json
    from lsccli.core.run import explain
    from lsccli.core.run.pipeline import Pipeline

    number, _ = explain.image_of(workspace, image)
    pipeline = Pipeline(workspace, replace(selection, image_ids=(number,)))
    result = pipeline.transmit(legs)
    record(workspace, [result])
    session.show(result)
    # All points of a sweep send the same words.
    found = explain.substitutions(pipeline, legs[0])
    if session.json:
        explained = [substitutions_as_json(one) for one in found]
        session.print_json({**result.as_json(), "explained": explained})
    else:
        for one in found:
            print_substitutions(session.out, one)
    session.leave([result])
