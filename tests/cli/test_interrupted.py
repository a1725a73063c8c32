"""Runs that are killed, interrupted, or two at once: nothing finished is lost, nothing is doubled."""

from __future__ import annotations

import random
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Lsc, Warm, make_scenes

CAPTIONS = ("a brown dog runs fast", "two birds at night", "the red ball", "an old green bicycle", "a cat")
METHODS = ("-m", "order", "-m", "random", "-m", "partBob:least", "-m", "allBob")
KILLS = 10
# Many runs, each in a process of its own: some forty seconds on a processor that nothing else uses.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
TABLES = ("image", "caption", "ranking", "transmission", "generation", "score")
ROWS = " UNION ALL ".join(f"SELECT count(*) AS n FROM {table}" for table in TABLES)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five scenes that all runs share."""
    return make_scenes(tmp_path_factory.mktemp("data"), CAPTIONS)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, warm: Warm, data: Path) -> Path:
    """The folder of a run that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    (run,) = warm(folder, _command(data))
    assert run["code"] == 0, run["err"]
    return folder


def test_ten_kills_leave_no_trace_in_the_report(
    lsc: Lsc, warm: Warm, data: Path, whole: Path, tmp_path: Path
) -> None:
    moments = random.Random(20240414)
    whole_rows = sum(row[0] for row in Lsc(whole, lsc._capture).sql(ROWS))
    for round_ in range(2):
        folder = tmp_path / f"killed-{round_}"
        folder.mkdir()
        done = 0
        for _ in range(KILLS // 2):
            done += moments.randint(0, (whole_rows - done) // 3)
            late = moments.uniform(0, 0.03)
            (run,) = warm(folder, _command(data), when=f"SELECT sum(n) >= {done} FROM ({ROWS})", late=late)
            assert run["code"] == -signal.SIGKILL, run["err"]
            done = sum(row[0] for row in Lsc(folder, lsc._capture).sql(ROWS))
        (run,) = warm(folder, _command(data))
        assert run["code"] == 0, run["err"]
        _same(lsc, folder, whole)


def test_two_runs_at_once_lose_and_double_nothing(
    lsc: Lsc, warm: Warm, data: Path, whole: Path, tmp_path: Path
) -> None:
    first, second = warm(tmp_path, _command(data), _command(data))
    assert (first["code"], second["code"]) == (0, 0), first["err"] + second["err"]
    _same(lsc, tmp_path, whole)
    assert [stage[0] for stage in lsc.sql("SELECT DISTINCT failed FROM run_stage")] == [0]
    assert lsc.sql("SELECT status FROM run") == [("done",), ("done",)]


@pytest.mark.parametrize("when", ["generation", "ranking"])
def test_control_c_stops_within_a_batch_and_keeps_what_is_done(
    lsc: Lsc, warm: Warm, data: Path, whole: Path, tmp_path: Path, when: str
) -> None:
    query = f"SELECT count(*) > 6 FROM {when}"
    (run,) = warm(tmp_path, _command(data), when=query, signal=int(signal.SIGINT))
    assert run["code"] == 130, run
    assert "Traceback" not in run["err"]
    assert run["err"].splitlines()[-1] == (
        "Interrupted; what was finished is kept. Run the command again to go on."
    )
    assert run["out"] == ""
    assert lsc.sql("SELECT status FROM run") == [("interrupted",)]
    assert lsc.count(when) > 6
    kept = lsc.facts()
    (again,) = warm(tmp_path, _command(data))
    assert again["code"] == 0
    assert all(count >= kept[kind] for kind, count in lsc.facts().items())
    _same(lsc, tmp_path, whole)


def _command(data: Path) -> list[Any]:
    return ["--quiet", "--json", "--batch-size", 2, "run", data, "--captioner", "dataset", *METHODS]


def _same(lsc: Lsc, folder: Path, whole: Path) -> None:
    """Both stores report the same, byte by byte, and hold as many results; and the store is sound."""
    one, other = Lsc(folder, lsc._capture), Lsc(whole, lsc._capture)
    reports = [lsc("--db", at / "db" / "lsc.sqlite", "--json", "report").out for at in (folder, whole)]
    assert reports[0] == reports[1]
    assert len(reports[0]) > 1000
    assert one.facts() == other.facts()
    assert one.sql("SELECT key, value FROM score ORDER BY key") == other.sql(
        "SELECT key, value FROM score ORDER BY key"
    )
    assert one.sql("PRAGMA integrity_check") == [("ok",)]
    assert one.sql("PRAGMA foreign_key_check") == []
    assert set(one.kept()) <= set(one.drawings())
    received = one.sql(
        "SELECT DISTINCT prompt_id FROM step JOIN generation USING (prompt_id) WHERE sha256 IS NULL"
    )
    assert received == []
