"""`lsc models`: the model of each role of the profile in force, the captioners and the metrics."""

from __future__ import annotations

from typing import Any

import typer

from lsccli.commands.context import Session
from lsccli.commands.terminal import styled


def models(ctx: typer.Context) -> None:
    """List the roles of the profile in force, which model each names, and whether it is here."""
    from rich import box
    from rich.table import Table

    session: Session = ctx.obj
    facts = _facts(session)
    if session.json:
        session.print_json(facts)
        return
    session.out.print(styled(("models", "bold"), f" {session.profile.banner()}"))
    roles = Table("role", "model", "settings", "state", box=box.SIMPLE, width=100)
    for role in facts["roles"]:
        settings = ", ".join(f"{name} {value}" for name, value in role["settings"].items())
        roles.add_row(role["role"], role["model"], settings, role["state"])
    session.out.print(roles)
    for kind in ("captioners", "metrics"):
        table = Table(kind[:-1], "what it does", "source", box=box.SIMPLE, width=100)
        for entry in facts[kind]:
            table.add_row(entry["name"], entry["summary"], entry["source"])
        session.out.print(table)


def _facts(session: Session) -> dict[str, Any]:
    from lsccli.core.captioners.base import CAPTIONERS
    from lsccli.core.metrics.base import METRICS
    from lsccli.core.models.roles import ROLES

    return {
        "profile": session.profile.name,
        "purpose": session.profile.purpose,
        "roles": [_role(session, role) for role in ROLES.all()],
        "captioners": [
            {"name": spec.name, "summary": spec.summary, "roles": list(spec.roles), "source": spec.source}
            for spec in CAPTIONERS.all().values()
        ],
        "metrics": [
            {"name": spec.name, "summary": spec.summary, "better": spec.better, "source": spec.source}
            for spec in METRICS.all().values()
        ],
    }


def _role(session: Session, role: str) -> dict[str, Any]:
    from lsccli.core.models.reference import ModelRef, encoders_of

    settings = session.profile.roles.get(role)
    if settings is None:
        return {"role": role, "model": "", "settings": {}, "state": "not in this profile"}
    values = dict(settings)
    refs = {name: value for name, value in values.items() if isinstance(value, ModelRef)}
    state = "; ".join(dict.fromkeys(ref.state() for ref in refs.values())) or "installed with lsccli"
    if role == "parser":
        from lsccli.core.text.parse import Parser

        state = Parser(values["model"]).state()
    if role == "text_encoder" and len(encoders := encoders_of(values["model"])) > 1:
        state += f"; of {', '.join(encoders)} only {values['subfolder']} is read"
    return {
        "role": role,
        "model": ", ".join(ref.name for ref in refs.values()) or str(values.pop("model", "")),
        "settings": {name: value for name, value in values.items() if name not in refs},
        "state": state,
    }
