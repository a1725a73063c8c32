"""The record of each command that writes: what was typed, what runs it, what it did, how it ended."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import Session

from lsccli.core.errors import LscError
from lsccli.core.models.models import versions
from lsccli.core.run.process import began, has_ended
from lsccli.core.run.workspace import StageResult, Workspace
from lsccli.core.store.store import Store, add, look_up
from lsccli.core.store.tables import Config, Run, RunDetail, RunStage
from lsccli.core.store.uses import Used

RUNNING, DONE, FAILED, INTERRUPTED, KILLED = "running", "done", "failed", "interrupted", "killed"


@dataclass(frozen=True)
class RunFacts:
    """One run as the store has it; its status as it is now, `elsewhere` where that cannot be told from here.

    Attributes:
        models: the name or the file of its profile, as `--models` takes it; None where that was not noted.
        new, cached, failed: units of all its stages.
        used: what it used; None where it has sent nothing.
    """

    id: int
    command: str
    arguments: Sequence[str]
    started: float
    seconds: float | None
    profile: str
    models: str | None
    host: str
    device: str
    status: str
    elsewhere: bool
    stages: Sequence[Mapping[str, Any]]
    used: Used | None

    @property
    def new(self) -> int:
        """Units newly made."""
        return sum(stage["new"] for stage in self.stages)

    @property
    def cached(self) -> int:
        """Units that the store remembered."""
        return sum(stage["cached"] for stage in self.stages)

    @property
    def failed(self) -> int:
        """Units that failed."""
        return sum(stage["failed"] for stage in self.stages)


def begin(workspace: Workspace, command: str, arguments: Sequence[str], models: str) -> None:
    """Note that a command begins; runs whose process has ended without a word are set right first."""
    with workspace.store.write() as session:
        put_right(session)
        run = Run(
            command=command,
            arguments=list(arguments),
            versions=versions(),
            profile=workspace.profile.name,
            host=platform.node(),
            device=workspace.models.compute.device,
            started=time.time(),
        )
        session.add(run)
        session.flush()
        if run.id is None:
            raise LscError("The store gave the run no number.")
        pid = os.getpid()
        session.add(RunDetail(run_id=run.id, pid=pid, process=began(pid), models=models))
        workspace.run_id = run.id


def end(workspace: Workspace, status: str, seconds: float) -> None:
    """Note how a command has ended, and what it used."""
    with workspace.store.write() as session:
        session.execute(
            update(Run).where(Run.id == workspace.run_id).values(status=status, seconds=seconds)  # type: ignore[arg-type]
        )
        note_used(session, workspace)


def note_used(session: Session, workspace: Workspace) -> None:
    """Put what a run has used so far into the store; nothing where it has sent nothing."""
    if workspace.used.legs:
        session.execute(
            update(RunDetail)
            .where(RunDetail.run_id == workspace.run_id)  # type: ignore[arg-type]
            .values(used=workspace.used.as_json())
        )


def record(workspace: Workspace, results: Sequence[StageResult]) -> None:
    """Note what stages did."""
    rows = [
        {
            "run_id": workspace.run_id,
            "stage": result.stage,
            "units": result.units,
            "new": result.new,
            "cached": result.cached,
            "failed": result.failed,
            "seconds": result.seconds,
        }
        for result in results
    ]
    with workspace.store.write() as session:
        add(session, RunStage, rows)


def put_right(session: Session) -> None:
    """Runs that stand as running, and whose process has ended on this machine, were killed."""
    for number, host, pid, process in session.execute(_running()).all():
        if _status(RUNNING, host, pid, process)[0] == KILLED:
            session.execute(update(Run).where(Run.id == number).values(status=KILLED))


def running(session: Session) -> list[tuple[int, str]]:
    """The number and the host of each run that goes on, or may do so on another machine."""
    rows = session.execute(_running()).all()
    return [(number, host) for number, host, *by in rows if _status(RUNNING, host, *by)[0] == RUNNING]


def runs(store: Store, limit: int | None = None, number: int | None = None) -> list[RunFacts]:
    """The last runs, the newest first; or the one of this number."""
    query: Any = select(Run, RunDetail).outerjoin(RunDetail, RunDetail.run_id == Run.id)  # type: ignore[arg-type]
    if number is not None:
        query = query.where(Run.id == number)
    with store.read() as session:
        rows = session.execute(query.order_by(Run.id.desc()).limit(limit)).all()  # type: ignore[union-attr]
        found = []
        for run, detail in rows:
            stages: Any = select(RunStage).where(RunStage.run_id == run.id).order_by(RunStage.id)  # type: ignore[arg-type]
            told = [
                {
                    "stage": one.stage,
                    "units": one.units,
                    "new": one.new,
                    "cached": one.cached,
                    "failed": one.failed,
                    "seconds": one.seconds,
                }
                for one in session.execute(stages).scalars()
            ]
            found.append(_facts(run, detail, told))
    return found


def run_of(store: Store, number: int) -> RunFacts:
    """The run of this number; LscError where there is none."""
    found = runs(store, number=number)
    if not found:
        with store.read() as session:
            last = session.execute(select(func.max(Run.id))).scalar_one()
        there = f"The last is {last}. See: lsc runs" if last else "Nothing was run on it yet."
        raise LscError(f"There is no run {number} in {store.path}. {there}")
    return found[0]


def metrics_of(store: Store, used: Used) -> list[str]:
    """The names of the metrics that a run used, in order."""
    with store.read() as session:
        found: dict[bytes, dict[str, Any]] = look_up(session, Config, "key", list(used.metrics), "settings")
    return [str(found[key]["metric"]) for key in used.metrics if key in found]


def _running() -> Any:
    return (
        select(Run.id, Run.host, RunDetail.pid, RunDetail.process)  # type: ignore[call-overload]
        .outerjoin(RunDetail, RunDetail.run_id == Run.id)
        .where(Run.status == RUNNING)
    )


def _status(status: str, host: str, pid: int | None, process: str | None) -> tuple[str, bool]:
    """The status as it is now, and whether that cannot be told from here."""
    if status != RUNNING:
        return status, False
    if host != platform.node():
        return status, True
    if pid is None:  # of an lsc that did not note its process; it would be no longer at work on this store
        return KILLED, False
    ended = has_ended(pid, process) if process else None
    return (KILLED if ended else RUNNING), ended is None


def _facts(run: Run, detail: RunDetail | None, stages: Sequence[Mapping[str, Any]]) -> RunFacts:
    by = (detail.pid, detail.process) if detail is not None else (None, None)
    status, elsewhere = _status(run.status, run.host, *by)
    try:
        used = Used.of_json(detail.used) if detail is not None and detail.used else None
    except ValueError:
        used = None
    return RunFacts(
        id=run.id or 0,
        command=run.command,
        arguments=[str(word) for word in run.arguments],
        started=run.started,
        seconds=run.seconds,
        profile=run.profile,
        models=detail.models if detail is not None else None,
        host=run.host,
        device=run.device,
        status=status,
        elsewhere=elsewhere,
        stages=stages,
        used=used,
    )
