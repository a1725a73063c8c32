"""Progress in a plain log."""

from io import StringIO

import pytest
from rich.console import Console

from lsccli.commands import progress
from lsccli.commands.progress import Bars


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    clock = iter(range(0, 1000, 20))
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(clock)))
    return StringIO()


def bars(log: StringIO) -> Bars:
    return Bars(Console(file=log, width=100, force_terminal=False))


def test_a_log_is_told_of_rate_and_time_left(log: StringIO) -> None:
    watcher = bars(log)
    watcher.start("generate", 10)
    watcher.advance(4)
    watcher.finish()
    (line,) = log.getvalue().splitlines()
    assert line.startswith("generate: 4/10, ")
    assert "/s, " in line
    assert line.endswith(" left")


def test_units_outside_of_any_work_are_not_counted(log: StringIO) -> None:
    watcher = bars(log)
    watcher.start("caption", 2)
    watcher.finish()
    watcher.advance(3)
    assert log.getvalue() == ""
