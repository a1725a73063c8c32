"""`lsc caption`: images into the store, and words for each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lsccli.commands import options as given
from lsccli.commands.context import Session


def caption(
    ctx: typer.Context,
    data: Annotated[Path, typer.Argument(help="An image, a folder, or a caption file.", metavar="DATA")],
    captioner: Annotated[
        list[str] | None,
        typer.Option(
            "--captioner", help="A captioner; lsc models lists them; may be repeated. \\[default: blip]"
        ),
    ] = None,
    pairs: given.Pairs = given.NO_OPTIONS,
    limit: Annotated[
        int | None, typer.Option(min=1, max=2**53, help="Only the first so many images.")
    ] = None,
    images: Annotated[
        Path | None, typer.Option(help="Folder of the images that a COCO captions file names.")
    ] = None,
) -> None:
    """Register the images of DATA and caption them."""
    from lsccli.core.captioners.base import CAPTIONERS, DEFAULT
    from lsccli.core.data.dataset import read_dataset
    from lsccli.core.run.pipeline import Pipeline
    from lsccli.core.store.selection import Selection

    session: Session = ctx.obj
    session.teach(pairs)
    names = [CAPTIONERS.find(name).name for name in captioner or [DEFAULT]]
    dataset = read_dataset(data, images)
    with session.workspace("caption", create=True) as workspace:
        for note in dataset.notes:
            workspace.watcher.say(note)
        pipeline = Pipeline(workspace, Selection(data))
        session.finish(workspace, pipeline.register(dataset, limit, names))
