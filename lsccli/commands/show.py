"""`lsc show`: one image's transmission as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lsccli.commands import options as given
from lsccli.commands.context import Session
from lsccli.core.errors import LscError, NoStoreError
from lsccli.core.report.escape import shell_word

if TYPE_CHECKING:
    from lsccli.core.store.store import Store


def show(
    ctx: typer.Context,
    image: Annotated[str, typer.Argument(help="A registered image: its path, or the end of it.")],
    method: given.Methods = None,
    metric: Annotated[
        str | None, typer.Option("--metric", help="The score below each image. \\[default: the profile's]")
    ] = None,
    heatmaps: Annotated[
        bool, typer.Option("--heatmaps", help="Instead: where Alice and Bob see each word of the caption.")
    ] = False,
    captioner: Annotated[
        str | None,
        typer.Option(
            "--captioner", help="With --heatmaps: whose caption of the image. \\[default: Alice's own]"
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="The PNG, PDF or SVG to write. \\[default: strip.png, heatmaps.png]",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write a figure of what Bob drew of one image after each word, a row per method."""
    from lsccli.core.metrics.base import METRICS
    from lsccli.core.report.canvas import check_suffix
    from lsccli.core.report.request import split_method
    from lsccli.core.report.strip import draw_strips, strips
    from lsccli.core.run.originals import originals
    from lsccli.core.store.selection import find_image

    session: Session = ctx.obj
    out = out or Path("heatmaps.png" if heatmaps else "strip.png")
    check_suffix(out)
    if heatmaps:
        if method or metric:
            raise LscError(
                "--heatmaps shows a caption, not its transmission; leave --method and --metric out."
            )
        _heatmaps(session, image, captioner, out)
        return
    if captioner is not None:
        raise LscError("--captioner goes with --heatmaps; a strip shows every transmission of the image.")
    name = METRICS.find(metric or session.profile.need("metric").name).name
    wanted = [split_method(text) for text in method or []]
    store = _store(session, image)
    with store.read() as reading:
        number, file = find_image(reading, image)
    found = strips(store, number, session.profile.name, name, wanted)
    if not found:
        raise LscError(f"Nothing was sent of {image} yet. Run: lsc transmit --method METHOD")
    draw_strips(originals(store, [number])[number].open(), found, name, out)
    if session.json:
        session.print_json({"file": str(out), "image": str(file), "methods": [s.name for s in found]})
    else:
        session.out.print(f"wrote {out}", soft_wrap=True)


def _store(session: Session, image: str) -> Store:
    """The store; the error where there is none says how the image gets into one."""
    try:
        return session.open_store()
    except NoStoreError as error:
        raise LscError(f"{str(error).removesuffix('DATA')}{shell_word(image, place=True)}") from error


def _heatmaps(session: Session, image: str, captioner: str | None, out: Path) -> None:
    from lsccli.core.captioners.base import CAPTIONERS, DEFAULT
    from lsccli.core.report.heatmaps import draw_heatmaps
    from lsccli.core.run.explain import image_of, sight

    own = CAPTIONERS.find(captioner or DEFAULT).name
    with session.workspace("show") as workspace:
        number, file = image_of(workspace, image)
        seen = sight(workspace, number, own)
    title = (
        f"{file.name}, caption by {own}, models {session.profile.name}: "
        "Grad-CAM of Alice's matcher above, cross-attention of Bob's receiver below"
    )
    draw_heatmaps(seen, title, out)
    if session.json:
        session.print_json({"file": str(out), "image": str(file), "words": list(seen.words)})
    else:
        session.out.print(f"wrote {out}", soft_wrap=True)
