"""`lsc show`: one image's transmission as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lsccli.commands import options as given
from lsccli.commands.context import Session
from lsccli.core.errors import LscError


def show(
    ctx: typer.Context,
    image: Annotated[str, typer.Argument(help="A registered image: its path, or the end of it.")],
    method: given.Methods = None,
    metric: Annotated[
        str | None, typer.Option("--metric", help="The score below each image. [default: the profile's]")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="The PNG, PDF or SVG to write.")] = Path("strip.png"),
) -> None:
    """Write a figure of what Bob drew of one image after each word, a row per method."""
    from lsccli.core.registry import find_metric
    from lsccli.core.report.selection import split_method
    from lsccli.core.report.strip import draw_strips, find_image, strips

    session: Session = ctx.obj
    if out.suffix.lower() not in (".png", ".pdf", ".svg"):
        raise LscError(f"--out {out}: name a .png, .pdf or .svg file.")
    name = find_metric(metric or session.profile.need("metric").name).name
    wanted = [split_method(text) for text in method or []]
    store = session.open_store()
    with store.read() as reading:
        number, file = find_image(reading, image)
    found = strips(store, number, session.profile.name, name, wanted)
    if not found:
        raise LscError(f"Nothing was sent of {image} yet. Run: lsc transmit --method METHOD")
    draw_strips(file, found, name, out)
    if session.json:
        session.print_json({"file": str(out), "image": str(file), "methods": [s.name for s in found]})
    else:
        session.out.print(f"wrote {out}", markup=False)
