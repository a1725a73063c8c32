"""`lsc verify`: whether a store and all files beside it are as they were written."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lsccli.commands.context import Session
from lsccli.core.errors import DamagedStoreError, LscError
from lsccli.core.report.escape import shell_word

if TYPE_CHECKING:
    from lsccli.core.store.verify import Verification

# So many of each kind are listed; --json has all.
_LISTED = 10
_NAMES = {
    "structure": "structure of the file",
    "drawing": "drawings (SHA-256)",
    "map": "kept maps (SHA-256)",
    "original": "source images (SHA-256)",
}


def verify(
    ctx: typer.Context,
    mend: Annotated[
        bool,
        typer.Option(
            "--repair", help="Forget what is damaged, and all made from it, so that the next run makes it."
        ),
    ] = False,
) -> None:
    """Check the store, every file beside it and every source image; says what to do."""
    from lsccli.core.methods.base import METHODS
    from lsccli.core.run.recomputed import faults
    from lsccli.core.store.repair import repair
    from lsccli.core.store.verify import broken
    from lsccli.core.store.verify import verify as check

    session: Session = ctx.obj
    _must_exist(session)
    try:
        store = session.open_store(check=False)
    except DamagedStoreError as error:
        found, removed = broken(str(error).removesuffix(" See what is wrong with it: lsc verify")), None
    else:
        try:
            found, removed = check(store, faults), None
            if mend and not found.broken and any(finding.mended for finding in found.findings):
                searching = [spec.name for spec in METHODS.all().values() if spec.search]
                removed = repair(store, found.findings, searching)
                found = check(store, faults)
        finally:
            store.close()
    if session.json:
        session.print_json(_document(found, removed))
    else:
        _show(session, found, removed)
    if found.findings:
        raise typer.Exit(1)


def _must_exist(session: Session) -> None:
    from lsccli.core.store.connection import path_of

    path = path_of(session.db)
    if not path.exists():
        raise LscError(f"There is no store {path}; name one that is there with --db.")


def _document(found: Verification, removed: dict[str, int] | None) -> dict[str, Any]:
    return {
        "checked": found.checked,
        "without_checksum": found.unnoted,
        "removed": removed,
        "findings": [
            {"what": one.what, "name": one.name, "fault": one.fault, "repairable": one.mended}
            for one in found.findings
        ],
    }


def _show(session: Session, found: Verification, removed: dict[str, int] | None) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("what")
    table.add_column("checked", justify="right")
    table.add_column("wrong", justify="right")
    wrong = Counter("structure" if one.what == "index" else one.what for one in found.findings)
    for what, count in found.checked.items():
        table.add_row(_NAMES.get(what, what), str(count), str(wrong[what] or "-"))
    session.out.print(table)
    listed: Counter[str] = Counter()
    for finding in found.findings:
        listed[finding.what] += 1
        if listed[finding.what] <= _LISTED:
            session.out.print(f"wrong: {finding.what} {finding.name}: {finding.fault}", soft_wrap=True)
    for what, count in listed.items():
        if count > _LISTED:
            session.out.print(f"wrong: {count - _LISTED} more of {what}; lsc --json verify lists all")
    if removed is not None:
        told = ", ".join(f"{count} of {name}" for name, count in removed.items()) or "files alone"
        session.out.print(f"Forgotten: {told}. Run the command that made them again.", soft_wrap=True)
    for line in _advice(session, found):
        session.out.print(line, soft_wrap=True)


def _advice(session: Session, found: Verification) -> list[str]:
    from lsccli.core.store.connection import path_of

    lines = []
    if found.unnoted:
        lines.append(
            f"{found.unnoted} drawings are of a version that kept no checksums; lsc generate notes them."
        )
    if not found.findings:
        return [*lines, "All is as it was written."]
    if found.broken:
        path = path_of(session.db)
        lines.append(
            f"The file itself is broken: nothing else was checked. If it was copied, copy it again, with "
            f"{path.name}-journal if there is one, while no lsc runs. Otherwise save what can be saved with "
            "the shell of SQLite, and verify that: "
            f"sqlite3 {shell_word(path, place=True)} .recover | sqlite3 new.sqlite"
        )
    if any(finding.mended for finding in found.findings):
        lines.append("Forget what is damaged, so that the next run makes it again: lsc verify --repair")
    if any(finding.what == "original" for finding in found.findings):
        lines.append(
            "Source images are never touched: put them back as they were, or register them where they "
            "are now: lsc caption DATA"
        )
    return lines
