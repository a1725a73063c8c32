"""`lsc methods`: every method, with what it needs, what it costs and where it comes from."""

from __future__ import annotations

from typing import Any

import typer

from lsccli.commands.context import Session


def methods(ctx: typer.Context) -> None:
    """List the methods: what each reads, its importances and options, its cost, its source."""
    from rich import box
    from rich.table import Table

    session: Session = ctx.obj
    facts = _facts()
    if session.json:
        session.print_json({"methods": facts})
        return
    table = Table(box=box.SIMPLE, width=100)
    for column in ("--method", "--importance", "what goes first", "options", "drawings"):
        table.add_column(column, overflow="fold")
    for fact in facts:
        table.add_row(
            fact["method"] + (" (oracle)" if fact["oracle"] else ""),
            ", ".join(fact["importances"]),
            fact["direction"],
            ", ".join(fact["options"]),
            fact["cost"],
        )
    session.out.print(table)
    session.out.print("The first importance is the default. Drawings: to rank a caption of n words.")
    for source in dict.fromkeys(fact["source"] for fact in facts):
        session.out.print(f"Source: {source}", markup=False, soft_wrap=True)


def _facts() -> list[dict[str, Any]]:
    from lsccli.core.facts import FACTS
    from lsccli.core.registry import methods as known

    flags = {"seed": "--seeds"}
    return [
        {
            "method": spec.name,
            "summary": spec.summary,
            "importances": list(spec.importances),
            "direction": spec.direction,
            "captioner": spec.captioner,
            "reads": list(spec.reads),
            "roles": sorted({role for name in spec.reads for role in FACTS[name].roles}),
            "options": [flags.get(name, "--" + name.replace("_", "-")) for name in spec.options],
            "oracle": spec.oracle,
            "cost": spec.cost,
            "source": spec.source,
        }
        for spec in known().values()
    ]
