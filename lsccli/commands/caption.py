"""`lsc caption`: images into the store, and words for each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lsccli.commands.context import Session


def caption(
    ctx: typer.Context,
    data: Annotated[Path, typer.Argument(help="An image, a folder, or a caption file.", metavar="DATA")],
    captioner: Annotated[
        list[str] | None,
        typer.Option("--captioner", help="blip, clip, skd or dataset; may be repeated. \\[default: blip]"),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many images.")] = None,
    images: Annotated[
        Path | None, typer.Option(help="Folder of the images that a COCO captions file names.")
    ] = None,
) -> None:
    """Register the images of DATA and caption them."""
    from lsccli.core.data.dataset import read_dataset
    from lsccli.core.registry.base import find_captioner
    from lsccli.core.run import pipeline

    session: Session = ctx.obj
    names = [find_captioner(name).name for name in captioner or ["blip"]]
    dataset = read_dataset(data, images)
    with session.bench("caption") as bench:
        for note in dataset.notes:
            bench.watcher.say(note)
        session.finish(bench, pipeline.register(bench, dataset, limit, names)[1])
