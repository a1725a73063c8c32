"""Progress bars with rate and time left on standard error; plain lines where that is no terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from lsccli.commands.terminal import Terminal, styled
from lsccli.core.report.escape import visible

if TYPE_CHECKING:
    from rich.console import RenderableType

# A log is told of progress this often, in seconds.
_LOG_EVERY = 15.0


class _Rate(ProgressColumn):
    def render(self, task: Task) -> RenderableType:
        """Units per second so far."""
        speed = task.finished_speed or task.speed
        return styled((f"{speed:.1f}/s" if speed else "", "progress.data.speed"))


class Bars:
    """A `Watcher` that draws one bar for the work under way, on the terminal."""

    def __init__(self, console: Terminal) -> None:
        self._console = console
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._what = ""
        self._total = self._done = 0
        self._began = self._said = 0.0

    def start(self, what: str, total: int) -> None:
        """Begin a bar of `total` units."""
        self._what, self._total, self._done = visible(what), total, 0
        self._began = self._said = time.monotonic()
        if not self._console.is_terminal or self._console.quiet:
            return
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )
        self._progress.start()
        self._task = self._progress.add_task(self._what, total=total)

    def advance(self, units: int) -> None:
        """Move the bar on; nothing where no bar was begun."""
        if not self._what:
            return
        self._done += units
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task, units)
        elif time.monotonic() - self._said > _LOG_EVERY and not self._console.quiet:
            self._said = time.monotonic()
            rate = self._done / (self._said - self._began)
            left = (self._total - self._done) / rate if rate else 0.0
            self._console.print(
                f"{self._what}: {self._done}/{self._total}, {rate:.1f}/s, {_duration(left)} left"
            )

    def finish(self) -> None:
        """End the bar."""
        if self._progress is not None:
            self._progress.stop()
        self._progress = self._task = None
        self._what = ""

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        self._console.print(line, style="yellow" if line.startswith("warning:") else None)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
