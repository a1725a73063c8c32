"""`lsc methods`: every method, with what it needs, what it costs and where it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import typer

from lsccli.commands.context import Session

if TYPE_CHECKING:
    from rich.table import Table

    from lsccli.core.registry.base import MethodSpec


def methods(ctx: typer.Context) -> None:
    """List the methods: what each does, reads and costs, its source, and which options go with it."""
    from lsccli.core.registry.base import methods as known

    session: Session = ctx.obj
    specs = list(known().values())
    if session.json:
        session.print_json({"methods": [_facts(spec) for spec in specs]})
        return
    sources = list(dict.fromkeys(spec.source for spec in specs))
    session.out.print(_explained(specs, sources))
    session.out.print(
        "The first importance is the default. Needs: roles of the profile (lsc models), besides Alice's\n"
        "captioner. Drawings: what it costs to rank a caption of n words. _clipTX: the same on the captions\n"
        "of the CLIP captioner."
    )
    session.out.print(_matrix(specs))
    session.out.print("--reorder goes with every method; a search also ranks by the order that Bob restores.")
    for number, source in enumerate(sources, start=1):
        session.out.print(f"[{number}] {source}", markup=False)


def _explained(specs: list[MethodSpec], sources: list[str]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, width=100, leading=0)
    table.add_column("--method", width=15)
    table.add_column("--importance", no_wrap=True)
    table.add_column("what it does")
    table.add_column("needs", no_wrap=True)
    table.add_column("drawings", no_wrap=True)
    for spec in specs:
        oracle = " Alice cannot know Bob's images." if spec.oracle else ""
        # A twin is told apart by its name, and told in the line below the table.
        if spec.name.endswith("_clipTX"):
            what = f"{spec.name.removesuffix('_clipTX')} on the captions of the CLIP captioner."
        else:
            what = f"{_sentence(spec.summary)} {_sentence(spec.direction)}"
        table.add_row(
            Text.assemble((spec.name, "bold"), " (oracle)" if spec.oracle else ""),
            "\n".join(spec.importances),
            Text(f"{what}{oracle} [{sources.index(spec.source) + 1}]"),
            "\n".join(_roles(spec)),
            spec.cost,
        )
    return table


def _matrix(specs: list[MethodSpec]) -> Table:
    """A row for each method, or for each group of its importances that heed the same options."""
    from rich import box
    from rich.table import Table

    options = [option for option in _options(specs) if option != "reorder"]
    table = Table("option goes with", box=box.SIMPLE_HEAD)
    for option in options:
        table.add_column(option.flag, justify="center")
    for spec in specs:
        groups: dict[tuple[str, ...], list[str]] = {}
        for importance, heeded in spec.heeds.items():
            groups.setdefault(heeded, []).append(importance or "")
        for heeded, importances in groups.items():
            label = spec.name if len(groups) == 1 else f"{spec.name}:{', '.join(importances)}"
            table.add_row(label, *("yes" if option in heeded else "·" for option in options))
    return table


def _options(specs: list[MethodSpec]) -> list[str]:
    return list(dict.fromkeys(option for spec in specs for option in spec.options))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:].rstrip(".") + "."


def _roles(spec: MethodSpec, importances: Iterable[str | None] | None = None) -> list[str]:
    """The roles behind what a method reads, and behind captions that are not Alice's; a search also draws and
    compares."""
    from lsccli.core.facts.base import FACTS
    from lsccli.core.registry.base import find_captioner

    chosen = list(spec.needs if importances is None else importances)
    roles = [role for one in chosen for name in spec.reads_of(one) for role in FACTS[name].roles]
    voices = {spec.captioner_of(one) for one in chosen} - {"blip"}
    roles += [role for voice in voices for role in find_captioner(voice).roles]
    return sorted({*roles, *(("receiver", "metric") if spec.search else ())})


def _facts(spec: MethodSpec) -> dict[str, Any]:
    return {
        "method": spec.name,
        "summary": spec.summary,
        "importances": list(spec.importances),
        "direction": spec.direction,
        "captioner": spec.captioner,
        "reads": list(spec.reads),
        "roles": _roles(spec),
        "options": [option.flag for option in spec.options],
        "by_importance": [
            {
                "importance": importance,
                "captioner": spec.captioner_of(importance),
                "reads": list(reads),
                "roles": _roles(spec, [importance]),
                "options": [option.flag for option in spec.options_of(importance)],
            }
            for importance, reads in spec.needs.items()
        ],
        "oracle": spec.oracle,
        "cost": spec.cost,
        "source": spec.source,
        "plugin": spec.plugin or None,
    }
