"""`lsc plugins`: what can be added to lsc, what there is of each kind, and where it comes from."""

from __future__ import annotations

from typing import Any

import typer

from lsccli.commands.context import Session

OPTIONS = ("--plugin FILE", "LSC_PLUGINS", "plugins in lsc.toml")


def plugins(ctx: typer.Context) -> None:
    """List what plug-ins have added and from where, and what there is of each kind that can be added."""
    from rich import box
    from rich.table import Table

    session: Session = ctx.obj
    facts = _facts()
    if session.json:
        session.print_json(facts)
        return
    for place, digest in dict.fromkeys((entry["place"], entry["digest"]) for entry in facts["plugins"]):
        # Enough of a digest to tell two editions apart; a package is named with its version already.
        session.out.print(place if place == digest else f"{place} ({digest[:19]})", soft_wrap=True)
        added = Table("kind", "name", "what it does", box=box.SIMPLE, width=100)
        for entry in facts["plugins"]:
            if entry["place"] == place:
                added.add_row(entry["kind"], entry["name"], entry["summary"])
        session.out.print(added)
    if not facts["plugins"]:
        session.out.print(
            "No plug-ins. A Python file may add any of the kinds below; CONTRIBUTING.md shows how."
        )
    kinds = Table("kind", "built in", "entry points", box=box.SIMPLE, width=100)
    for kind in facts["kinds"]:
        kinds.add_row(kind["kind"], ", ".join(kind["built_in"]), kind["group"])
    session.out.print(kinds)
    session.out.print(
        f"A file is named by {OPTIONS[0]}, {OPTIONS[1]} or {OPTIONS[2]}. A package offers its modules as "
        f"entry points, in the group of a kind or in {facts['group']}, and is used when it is installed."
    )


def _facts() -> dict[str, Any]:
    from lsccli.api import load_kinds
    from lsccli.core.registry.base import ANY_GROUP, from_outside, registries

    load_kinds()
    return {
        "plugins": [
            {
                "kind": registry.kind,
                "name": entry.name,
                "summary": entry.summary,
                "place": entry.origin.place,
                "digest": entry.origin.digest,
                "version": entry.version,
                "source": entry.source,
            }
            for registry, entry in from_outside()
        ],
        "kinds": [
            {
                "kind": registry.kind,
                "group": registry.group,
                "built_in": [entry.name for entry in registry.all().values() if not entry.origin.outside],
            }
            for registry in registries()
        ],
        "group": ANY_GROUP,
        "options": list(OPTIONS),
    }
