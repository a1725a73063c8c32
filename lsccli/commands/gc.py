"""`lsc gc`: gives back the room that nothing needs any more."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from lsccli.commands.context import Session
from lsccli.core.errors import LscError


def gc(
    ctx: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be removed, and remove nothing.")
    ] = False,
) -> None:
    """Remove temporary files, files without a row and dropped images, and shrink the store."""
    from lsccli.core.store.connection import path_of
    from lsccli.core.store.gc import find_waste, remove_waste, vacuum

    session: Session = ctx.obj
    path = path_of(session.db)
    if not path.exists():
        raise LscError(f"There is no store {path}; name one that is there with --db.")
    store = session.open_store()
    try:
        waste = find_waste(store)
        removed = waste if dry_run else remove_waste(store, waste)
        shrunk = None if dry_run else vacuum(store)
    finally:
        store.close()
    size = sum(one.size for one in removed)
    if session.json:
        session.print_json(
            {
                "dry_run": dry_run,
                "files": [{"path": one.path, "why": one.why, "bytes": one.size} for one in removed],
                "bytes": size,
                "store_bytes": shrunk,
            }
        )
        return
    for why, count in sorted(Counter(one.why for one in removed).items()):
        session.out.print(f"{why}: {count} files")
    done = "would be removed" if dry_run else "removed"
    session.out.print(f"{len(removed)} files {done}, {size / 1e6:.1f} MB")
    if shrunk is not None:
        session.out.print(f"the store is smaller by {shrunk / 1e6:.1f} MB")
    elif not dry_run:
        session.out.print("the store is in use by another program and was not shrunk; run lsc gc again later")
