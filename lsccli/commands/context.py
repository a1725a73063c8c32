"""What every command shares: the global options as resolved, the consoles, the store, the workspace."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lsccli.commands import terminal
from lsccli.commands.terminal import Terminal, styled
from lsccli.core.errors import LscError
from lsccli.core.models.loading import DTYPES
from lsccli.core.models.profile import PROFILES, Profile, load_profile

if TYPE_CHECKING:
    from lsccli.core.models.models import Compute
    from lsccli.core.run.workspace import StageResult, Workspace
    from lsccli.core.store.store import Store

DEFAULT_DB = "sqlite:///db/lsc.sqlite"


def _from_environment(name: str, help: str) -> typer.models.OptionInfo:
    return typer.Option(envvar=f"LSC_{name}", help=help)  # type: ignore[no-any-return]


@dataclass
class Session:
    """The global options of one call of `lsc`, declared here and nowhere else."""

    db: Annotated[str, _from_environment("DB", "The store: a SQLite URL or a path.")] = DEFAULT_DB
    artifacts: Annotated[
        str | None, _from_environment("ARTIFACTS", "Folder of images. \\[default: beside the store]")
    ] = None
    models: Annotated[str, _from_environment("MODELS", f"{', '.join(PROFILES)}, or a TOML file.")] = (
        "storybook"
    )
    device: Annotated[str, _from_environment("DEVICE", "auto, cpu, cuda, cuda:N or mps.")] = "auto"
    dtype: Annotated[str, _from_environment("DTYPE", f"auto, {', '.join(DTYPES[:-1])} or {DTYPES[-1]}.")] = (
        "auto"
    )
    batch_size: Annotated[str, _from_environment("BATCH_SIZE", "Images per batch: a number, or auto.")] = (
        "auto"
    )
    plugins: Annotated[
        list[Path],
        typer.Option(
            "--plugin",
            envvar="LSC_PLUGINS",
            metavar="FILE",
            help="A Python file with methods, metrics, channels, …; may be repeated.",
        ),
    ] = field(default_factory=list)
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else.")] = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no messages.")] = False

    @cached_property
    def out(self) -> Terminal:
        """Where results go: standard output, at least 100 columns wide when it is no terminal."""
        return Terminal(width=None if sys.stdout.isatty() else 100)

    @cached_property
    def err(self) -> Terminal:
        """Where progress and messages go: standard error."""
        return Terminal(stderr=True, quiet=self.quiet)

    @cached_property
    def profile(self) -> Profile:
        """The models in force."""
        return load_profile(self.models)

    @cached_property
    def compute(self) -> Compute:
        """Device, number format and batch size, as resolved on this machine."""
        from lsccli.core.models.models import resolve_compute

        return resolve_compute(self.device, self.dtype, self.batch_size)

    def open_store(self) -> Store:
        """The store, made where there is none."""
        from lsccli.core.store.store import Store

        return Store(self.db, Path(self.artifacts).expanduser() if self.artifacts else None)

    @contextmanager
    def workspace(self, command: str, **options: Any) -> Iterator[Workspace]:
        """What one command works with, and its record in the store from start to end.

        `options` are those of `Workspace`, such as `receiver_seeds`.
        """
        from lsccli.commands.progress import Bars
        from lsccli.core.models.models import Models
        from lsccli.core.run.workspace import Workspace

        self.err.print(styled(("models", "bold"), f" {self.profile.banner()}"))
        compute = self.compute
        store = self.open_store()
        workspace = Workspace(store, Models(self.profile, compute), watcher=Bars(self.err), **options)
        started = time.time()
        workspace.run_id = _begin(workspace, command, started)
        status = "failed"
        try:
            yield workspace
            status = "done"
        except KeyboardInterrupt:
            status = "interrupted"
            raise
        finally:
            _end(workspace, started, status)
            store.close()

    def finish(self, workspace: Workspace, result: StageResult) -> None:
        """Record what a stage did, print it, and leave with exit code 1 where units failed."""
        record(workspace, [result])
        self.show(result)
        if self.json:
            self.print_json(result.as_json())
        self.leave([result])

    def show(self, result: StageResult) -> None:
        """One line on what a stage did, and one for each unit that failed."""
        for stage in result.made_first:
            self.err.print(f"made first: {stage}")
        done = f"{result.new} new, {result.cached} remembered, {result.failed} failed"
        told = f" {result.units} units: {done} in {result.seconds:.1f} s"
        self.err.print(styled((result.stage, "bold"), told))
        for failure in result.failures:
            self.err.print(f"  failed: {failure.unit}: {failure.reason}")

    def print_json(self, value: Any) -> None:
        """One JSON object on standard output."""
        terminal.print_json(value)

    def leave(self, results: list[StageResult]) -> None:
        """Exit with code 1 where any unit failed."""
        if any(result.failed for result in results):
            raise typer.Exit(1)


GLOBALS = tuple(option.name for option in fields(Session))


def record(workspace: Workspace, results: Sequence[StageResult]) -> None:
    """Put what stages did into the store."""
    from lsccli.core.store.store import add
    from lsccli.core.store.tables import RunStage

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


def _begin(workspace: Workspace, command: str, started: float) -> int:
    from lsccli.core.models.models import versions
    from lsccli.core.store.tables import Run

    with workspace.store.write() as session:
        run = Run(
            command=command,
            arguments=sys.argv[1:],
            versions=versions(),
            profile=workspace.profile.name,
            host=platform.node(),
            device=workspace.models.compute.device,
            started=started,
        )
        session.add(run)
        session.flush()
        if run.id is None:
            raise LscError("The store gave the run no number.")
        return run.id


def _end(workspace: Workspace, started: float, status: str) -> None:
    from lsccli.core.store.tables import Run

    with workspace.store.write() as session:
        run = session.get(Run, workspace.run_id)
        if run is not None:
            run.seconds = time.time() - started
            run.status = status
