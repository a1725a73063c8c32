"""What every command shares: the global options as resolved, the consoles, the store, the workspace."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lsccli.commands import terminal
from lsccli.commands.terminal import Terminal, styled
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
    trust: Annotated[
        bool, typer.Option("--trust", help="Trust the plug-ins that lsc.toml names, as they are now.")
    ] = False
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else.")] = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no messages.")] = False
    # Not options: the command as typed, and of it the global options that advice repeats.
    arguments: list[str] = field(default_factory=list, init=False)
    typed: list[str] = field(default_factory=list, init=False)

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

    def teach(self, pairs: Mapping[str, Any]) -> None:
        """Put the images that teach, as the command line names them, into the profile in force."""
        if pairs:
            self.profile = self.profile.with_settings("pairs", pairs, "--pairs:")

    @cached_property
    def compute(self) -> Compute:
        """Device, number format and batch size, as resolved on this machine."""
        from lsccli.core.models.models import resolve_compute

        return resolve_compute(self.device, self.dtype, self.batch_size)

    def open_store(self, *, create: bool = False, check: bool = True) -> Store:
        """The store, also a damaged one without `check`; LscError where none is there or to be made."""
        from lsccli.core.store.store import Store

        artifacts = Path(self.artifacts).expanduser() if self.artifacts else None
        return Store(self.db, artifacts, create=create, check=check, say=self.err.print)

    @contextmanager
    def workspace(self, command: str, *, create: bool = False, **options: Any) -> Iterator[Workspace]:
        """What one command works with, and its record in the store from start to end.

        `create`: whether to make a store where there is none; `options` are those of `Workspace`, such as
        `receiver_seeds`.
        """
        from lsccli.commands.progress import Bars
        from lsccli.core.models.models import Models
        from lsccli.core.run.history import DONE, FAILED, INTERRUPTED, begin, end
        from lsccli.core.run.workspace import Workspace

        self.err.print(styled(("models", "bold"), f" {self.profile.banner()}"))
        compute = self.compute
        store = self.open_store(create=create)
        workspace = Workspace(store, Models(self.profile, compute), watcher=Bars(self.err), **options)
        started = time.time()
        begin(workspace, command, self.arguments, models_named(self.models))
        status = FAILED
        try:
            yield workspace
            status = DONE
        except KeyboardInterrupt:
            status = INTERRUPTED
            raise
        finally:
            end(workspace, status, time.time() - started)
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

    def advised(self, text: str) -> str:
        """The text, each command of `lsc` in it with the global options in force."""
        from lsccli.commands.advice import advised

        return advised(text, self.typed)

    def leave(self, results: list[StageResult]) -> None:
        """Exit with code 1 where any unit failed."""
        if any(result.failed for result in results):
            raise typer.Exit(1)


GLOBALS = tuple(option.name for option in fields(Session) if option.init)


def record(workspace: Workspace, results: Sequence[StageResult]) -> None:
    """Put what stages did into the store."""
    from lsccli.core.run.history import record as record_in_store

    record_in_store(workspace, results)


def models_named(models: str) -> str:
    """A profile as `--models` takes it from anywhere: its name, or the whole path of its file."""
    return models if models in PROFILES else str(Path(models).resolve())
