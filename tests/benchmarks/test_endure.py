"""The small version of `benchmarks/endure.py`; and that it notices what is wrong."""

import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.endurance import mutated
from benchmarks.endurance.mutated import KINDS, Kind, Outcome, tried
from benchmarks.endurance.shell import Done, Fault, Mode, Shell, build
from benchmarks.endurance.world import World, make_world
from benchmarks.endure import DISTURBED, FAULTS, Row, scenarios, table

ROOT = Path(__file__).parents[2]
SMALL = ["kill-run", "kill-migration", "kill-gc", "full-disk-run", "bad-disk-report", "writers"]


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("cc") is None or sys.platform != "linux", reason="needs Linux and a C compiler"
)
def test_nothing_is_wrong_in_the_small_version(tmp_path):
    names = [*SMALL, *(f"mutated-{kind}" for kind in KINDS)]
    command = [sys.executable, "-m", "benchmarks.endure", "--share", "0.001", "--only", *names]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LSC_")}
    done = subprocess.run(
        [*command, "--folder", tmp_path], cwd=ROOT, env=clean, capture_output=True, text=True, check=False
    )
    rows = [line.split(" | ") for line in done.stdout.splitlines()[2:]]
    assert [row[-1] for row in rows] == ["0 |"] * len(names), done.stdout + done.stderr
    assert all(int(row[2].replace(",", "")) > 0 for row in rows), done.stdout
    assert done.returncode == 0


def test_a_line_for_every_fault_of_every_command():
    assert {f"{fault}-{name}" for fault in FAULTS for name in DISTURBED} < set(scenarios())


def test_wrong_ends_are_seen():
    assert Done(0, b"", "fine").clear
    assert Done(1, b"", "Error: the disk is full").clear
    assert not Done(1, b"", "Traceback (most recent call last):").clear
    assert not Done(-11, b"", "").clear
    assert not Done(1, b"", "Error: one\nError: two").clear


def test_the_table_counts():
    row = Row("it")
    row.count(True, "", "the outputs differ", "and more")
    row.count(False, "")
    assert table([row]).splitlines()[-1] == "| it | 2 | 1 | 0 | 1 |"


@pytest.fixture
def world(tmp_path) -> World:
    return World(tmp_path, Shell([], tmp_path))


def test_another_error_than_a_refusal_is_wrong_and_so_is_an_unclear_one_and_a_hang(world, monkeypatch):
    monkeypatch.setattr(mutated, "PATIENCE", 1)

    def kind(read):
        return Kind("", lambda world: {"a": b"0123456789"}, read)

    def refuse(path, world):
        raise mutated.LscError("a\x1b[31m")

    def break_down(path, world):
        raise KeyError("x")

    def hang(path, world):
        while True:
            pass

    assert tried(kind(lambda path, world: None), random.Random(1), 3, world) == Outcome()
    assert len(tried(kind(refuse), random.Random(1), 3, world).wrong) == 3
    assert "KeyError" in tried(kind(break_down), random.Random(1), 1, world).wrong[0]
    assert "TimeoutError" in tried(kind(hang), random.Random(1), 1, world).wrong[0]


def test_a_store_of_other_figures_differs(tmp_path):
    (tmp_path / "s").mkdir()
    world = make_world(tmp_path / "world", tmp_path / "s")
    whole = world.warm_up()
    assert world.fault_of(world.folder / "whole", whole) == ""
    assert world.fault_of(world.folder / "whole", whole + b"x") == "the outputs differ"
    for path in (world.folder / "whole" / "db" / "artifacts").rglob("*.png"):
        path.write_bytes(b"")
    assert re.match("verify: exit 1", world.fault_of(world.folder / "whole", whole))


@pytest.mark.skipif(
    shutil.which("cc") is None or sys.platform != "linux", reason="needs Linux and a C compiler"
)
def test_faults_strike_at_their_call(tmp_path):
    library = build(tmp_path)
    place = tmp_path / "place"
    place.mkdir()
    script = (
        "import ctypes, os, sys\n"
        "lib = ctypes.CDLL(os.environ['LD_PRELOAD'])\n"
        "lib.endure_arm(os.fsencode(sys.argv[1]), int(sys.argv[2]), ctypes.c_long(int(sys.argv[3])), 28)\n"
        "for n in range(4):\n"
        "    try:\n"
        "        with open(f'{sys.argv[1]}/{n}', 'wb', buffering=0) as file: file.write(b'x')\n"
        "        print(n)\n"
        "    except OSError as error: print(error.errno)\n"
        "print(lib.endure_count())\n"
    )

    def run(fault):
        command = [sys.executable, "-c", script, str(place), str(int(fault.mode)), str(fault.at)]
        done = subprocess.run(
            command,
            env={**os.environ, "LD_PRELOAD": str(library)},
            capture_output=True,
            text=True,
            check=False,
        )
        shutil.rmtree(place)
        place.mkdir()
        return done.returncode, done.stdout.split()

    # Each file is made, then written: two calls.
    assert run(Fault(Mode.COUNT)) == (0, ["0", "1", "2", "3", "8"])
    assert run(Fault(Mode.FAIL_ONCE, 4)) == (0, ["0", "28", "2", "3", "8"])
    assert run(Fault(Mode.FAIL_ON, 5))[1][:4] == ["0", "1", "28", "28"]
    assert run(Fault(Mode.KILL, 3))[0] == -9
