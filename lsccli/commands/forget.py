"""`lsc forget`: leave something out of a store for good."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lsccli.commands import channel_options as link
from lsccli.commands import options as given
from lsccli.commands import terminal
from lsccli.commands.context import Session
from lsccli.core.errors import LscError

if TYPE_CHECKING:
    from lsccli.core.run.forget import Forgotten
    from lsccli.core.store.store import Store


def forget(
    ctx: typer.Context,
    method: given.Methods = None,
    captioner: Annotated[str | None, typer.Option("--captioner", help="Captions by this captioner.")] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Only of images from there; alone, these images.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", help="What the models of this profile have made; goes alone.")
    ] = None,
    plugin: Annotated[
        str | None,
        typer.Option(
            "--plugin",
            metavar="FILE|VERSION",
            help="What a plug-in has made: its file as it is, or the digest or package that lsc plugins and "
            "reports name; goes alone.",
        ),
    ] = None,
    reorder: link.ReorderFilter = None,
    asked: link.ChannelFilter = link.Asked(),
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would be forgotten.")] = False,
) -> None:
    """Delete results, all that follows from them, and their images; what others share stays. Asks first."""
    from lsccli.core.run.forget import What
    from lsccli.core.run.forget import forget as forget_in

    session: Session = ctx.obj
    channel = link.wanted(asked, reorder, session.profile.name)
    digest = _edition(plugin) if plugin is not None else None
    what = What((), captioner, channel, data, profile, digest) if not method else None
    store = session.open_store()
    try:
        if what is None:
            what = What(_methods(store, method or ()), captioner, channel, data, profile, digest)
        ahead = forget_in(store, what, dry=True)
        if dry_run:
            _told(session, ahead, "would be forgotten")
            return
        if not yes:
            if session.json:
                raise LscError("With --json nobody is asked: say --yes, or --dry-run to look first.")
            _told(session, ahead, "will be forgotten")
            if not terminal.confirm("Forget all of this for good?"):
                session.err.print("Nothing was forgotten. To forget without being asked, say --yes.")
                raise typer.Exit(1)
        _told(session, forget_in(store, what, dry=False), "forgotten")
    finally:
        store.close()
    session.err.print("The file of the store keeps its size, to be used again; lsc gc gives the room back.")


def _told(session: Session, found: Forgotten, what: str) -> None:
    if session.json:
        facts = {"rows": dict(found.rows), "files": found.files, "done": what == "forgotten"}
        session.print_json(facts)
        return
    for table, count in found.rows.items():
        session.out.print(f"{table}: {count} {what}")
    session.out.print(f"images on disk: {found.files} {what}")
    for number, host in found.others:
        session.err.print(f"warning: run {number} was begun on {host}, and may still be at work there.")


def _methods(store: Store, names: list[str] | tuple[str, ...]) -> list[tuple[str, str | None]]:
    """Methods as elsewhere; and those that are not here any more, but in the store."""
    from lsccli.core.report.request import every_setup, split_method

    with store.read() as session:
        known = {str(one.settings.get("method")) for one in every_setup(session, "method").values()}
    found: list[tuple[str, str | None]] = []
    for text in names:
        name, _, importance = text.partition(":")
        try:
            found.append(split_method(text))
        except LscError:
            own = next((one for one in known if one.lower() == name.strip().lower()), None)
            if own is None:
                raise
            found.append((own, importance.strip()))
    return found


def _edition(plugin: str) -> str:
    """What keys name a plug-in by."""
    file = Path(plugin).expanduser()
    if file.is_file():
        return f"sha256:{sha256(file.read_bytes()).hexdigest()}"
    if file.suffix == ".py":
        raise LscError(f"There is no plug-in {plugin}; give its digest, as reports name it.")
    return plugin
