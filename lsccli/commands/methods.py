"""`lsc methods`: every method, with what it needs, what it costs and where it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import typer

from lsccli.commands.context import Session
from lsccli.commands.terminal import stacked, styled

if TYPE_CHECKING:
    from rich.table import Table

    from lsccli.core.methods.base import MethodSpec
    from lsccli.core.options import Option


def methods(ctx: typer.Context) -> None:
    """List the methods: what each does, reads and costs, its source, and which options go with it."""
    from lsccli.core.methods.base import METHODS

    session: Session = ctx.obj
    specs = list(METHODS.all().values())
    if session.json:
        session.print_json({"methods": [_facts(spec) for spec in specs]})
        return
    sources = list(dict.fromkeys(spec.source for spec in specs))
    session.out.print(_explained(specs, sources))
    session.out.print(
        "The first importance is the default. Needs: roles of the profile (lsc models), besides Alice's",
        "captioner. Drawings: what it costs to rank a caption of n words. _clipTX: the same on the captions",
        "of the CLIP captioner.",
        sep="\n",
    )
    session.out.print(_matrix(specs))
    session.out.print("--reorder goes with every method; a search also ranks by the order that Bob restores.")
    for number, source in enumerate(sources, start=1):
        session.out.print(f"[{number}] {source}")


def _explained(specs: list[MethodSpec], sources: list[str]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, width=100, leading=0)
    table.add_column("--method", width=15)
    table.add_column("--importance", no_wrap=True)
    table.add_column("what it does")
    table.add_column("needs", no_wrap=True)
    table.add_column("drawings", no_wrap=True)
    for spec in specs:
        simulates = " Simulates Bob, whom Alice does not have." if spec.simulates_bob else ""
        # A twin is told apart by its name, and told in the line below the table.
        if spec.name.endswith("_clipTX"):
            what = f"{spec.name.removesuffix('_clipTX')} on the captions of the CLIP captioner."
        else:
            what = f"{_sentence(spec.summary)} {_sentence(spec.direction)}"
        table.add_row(
            styled((spec.name, "bold"), " (simulates Bob)" if spec.simulates_bob else ""),
            stacked(spec.importances),
            f"{what}{simulates} [{sources.index(spec.source) + 1}]",
            stacked(_roles(spec)),
            spec.cost,
        )
    return table


def _matrix(specs: list[MethodSpec]) -> Table:
    """A row for each method, or for each group of its importances that take the same options."""
    from rich import box
    from rich.table import Table

    flags = list(dict.fromkeys(flag for spec in specs for flag in _flags(spec.options)))
    table = Table("option goes with", box=box.SIMPLE_HEAD)
    for flag in flags:
        table.add_column(flag, justify="center")
    for spec in specs:
        groups: dict[tuple[str, ...], list[str]] = {}
        for importance in spec.settings:
            groups.setdefault(tuple(_flags(spec.options_of(importance))), []).append(importance or "")
        for taken, importances in groups.items():
            label = spec.name if len(groups) == 1 else f"{spec.name}:{', '.join(importances)}"
            table.add_row(label, *("yes" if flag in taken else "·" for flag in flags))
    return table


def _flags(options: Iterable[Option]) -> list[str]:
    """As typed to the method; what follows an option of the channel goes with every method."""
    return [option.flag for option in options if option.flag]


def _names(options: Iterable[Option]) -> list[str]:
    return [option.flag or "--" + option.name.replace("_", "-") for option in options]


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:].rstrip(".") + "."


def _roles(spec: MethodSpec, importances: Iterable[str | None] | None = None) -> list[str]:
    """The roles behind what a method reads, and behind captions that are not Alice's; a search also draws and
    compares."""
    from lsccli.core.captioners.base import CAPTIONERS, DEFAULT
    from lsccli.core.facts.base import FACTS

    chosen = list(spec.facts if importances is None else importances)
    roles = [role for one in chosen for name in spec.reads_of(one) for role in FACTS.find(name).roles]
    others = {spec.captioner_of(one) for one in chosen} - {DEFAULT}
    roles += [role for name in others for role in CAPTIONERS.find(name).roles]
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
        "options": _names(spec.options),
        "by_importance": [
            {
                "importance": importance,
                "captioner": spec.captioner_of(importance),
                "reads": list(reads),
                "roles": _roles(spec, [importance]),
                "options": _names(spec.options_of(importance)),
            }
            for importance, reads in spec.facts.items()
        ],
        "simulates_bob": spec.simulates_bob,
        "oracle": spec.simulates_bob,
        "cost": spec.cost,
        "source": spec.source,
        "plugin": spec.origin.digest or None,
    }
