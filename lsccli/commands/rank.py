"""`lsc rank`: order the words of each caption."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from lsccli.commands import options as given
from lsccli.commands.context import Session, record

if TYPE_CHECKING:
    from lsccli.core.run.plan import Choice
    from lsccli.core.run.workspace import Workspace
    from lsccli.core.store.selection import Selection


def rank(
    ctx: typer.Context,
    method: given.Method,
    importance: given.Importance = None,
    ranking: given.RankOptions = given.NO_OPTIONS,
    reorder: given.Reorder = "none",
    keep_images: given.KeepImages = "received",
    data: given.Data = None,
    captioner: given.Captioner = None,
    pairs: given.Pairs = given.NO_OPTIONS,
    limit: given.Limit = None,
    captions: given.Captions = "first",
    explain: Annotated[
        str | None,
        typer.Option(metavar="IMAGE", help="Only this image, and print its words with their scores."),
    ] = None,
) -> None:
    """Order the words of each caption by a method."""
    session: Session = ctx.obj
    session.teach(pairs)
    given.check_reorder(reorder)
    choice = given.choice(method, importance, ranking, reorder)
    selection = given.selection(data, captioner, limit, captions)
    choice.check_captioner(selection.captioner)
    with session.workspace("rank", keep_all_images=given.keeps_all(keep_images)) as workspace:
        if explain is not None:
            _explain(session, workspace, explain, selection, choice)
            return
        from lsccli.core.run.pipeline import Pipeline

        pipeline = Pipeline(workspace, selection)
        session.finish(workspace, pipeline.rank([(choice, choice.captioner(selection.captioner))]))


def _explain(
    session: Session, workspace: Workspace, image: str, selection: Selection, choice: Choice
) -> None:
    from lsccli.commands.explanation import as_json, print_explanation
    from lsccli.core.run import explain
    from lsccli.core.run.pipeline import Pipeline

    captioner = choice.captioner(selection.captioner)
    only = replace(selection, image_ids=(explain.image_of(workspace, image)[0],))
    pipeline = Pipeline(workspace, only)
    result = pipeline.rank([(choice, captioner)])
    record(workspace, [result])
    session.show(result)
    found = explain.explain(pipeline, choice, captioner)
    if session.json:
        session.print_json({**result.as_json(), "explained": [as_json(one) for one in found]})
    else:
        for one in found:
            print_explanation(session.out, one)
    session.leave([result])
