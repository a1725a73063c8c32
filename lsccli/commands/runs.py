"""`lsc runs`: what was run on a store, with which models, and how it ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lsccli.commands.context import Session
from lsccli.core.report.escape import shell_words

if TYPE_CHECKING:
    from lsccli.core.run.history import RunFacts


def runs(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=1, max=2**53, help="Only the last so many runs.")] = 20,
) -> None:
    """List what was run: command, when, models, how it ended, what it made; the last run last."""
    from rich import box
    from rich.table import Table

    from lsccli.core.run.history import runs as runs_of

    session: Session = ctx.obj
    store = session.open_store()
    try:
        found = list(reversed(runs_of(store, limit)))
    finally:
        store.close()
    if session.json:
        session.print_json({"runs": [_facts(run) for run in found]})
        return
    if not found:
        session.out.print(f"Nothing was run on {store.path} yet.", soft_wrap=True)
        return
    table = Table(box=box.SIMPLE, width=100, padding=(0, 1, 0, 0))
    table.add_column("run", justify="right", no_wrap=True)
    table.add_column("began", no_wrap=True)
    table.add_column("command", overflow="fold", ratio=1)
    for name in ("models", "status"):
        table.add_column(name, overflow="fold")
    for name in ("new", "known", "failed", "s"):
        table.add_column(name, justify="right", no_wrap=True)
    for run in found:
        table.add_row(
            str(run.id),
            _when(run.started).strftime("%Y-%m-%d %H:%M"),
            shell_words(*run.arguments) or run.command,
            run.profile,
            run.status,
            *(str(count) for count in (run.new, run.cached, run.failed)),
            "" if run.seconds is None else f"{run.seconds:.0f}",
        )
    session.out.print(table)
    for run in found:
        if run.elsewhere:
            session.out.print(
                f"Run {run.id} was begun on {run.host}; whether it goes on cannot be told from here.",
                soft_wrap=True,
            )
    session.out.print("What one of them made or used: lsc report --run N")


def _facts(run: RunFacts) -> dict[str, Any]:
    return {
        "run": run.id,
        "command": run.command,
        "arguments": list(run.arguments),
        "started": _when(run.started).isoformat(timespec="seconds"),
        "seconds": run.seconds,
        "profile": run.profile,
        "models": run.models,
        "host": run.host,
        "device": run.device,
        "status": run.status,
        "elsewhere": run.elsewhere,
        "new": run.new,
        "cached": run.cached,
        "failed": run.failed,
        "stages": list(run.stages),
    }


def _when(seconds: float) -> datetime:
    """A moment in local time."""
    return datetime.fromtimestamp(seconds, UTC).astimezone()
