"""What `lsc` promises of its store, tried: kills, failing disks, many writers, mutated inputs.

    python -m benchmarks.endure                        the whole table; hours on one core
    python -m benchmarks.endure --share 0.02 --only kill-run full-disk-run

Bob and the metric are stubs (`benchmarks/endurance/stub.py`), all else is the real thing: `lsc` in a process
of its own on a store of its own. Faults are put under SQLite and Python alike, by a library in between them
and the C library (`benchmarks/endurance/faults.c`; Linux, and a C compiler). After each the same command runs
again, and what `report` and every `export` print must be what an undisturbed run prints, byte for byte; then
`lsc verify` must find nothing. What does not hold is wrong, and so is a traceback, a crash or a hang.
Figures that another number in a store has changed, within what such numbers may be, are counted beside it.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import pkgutil
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.endurance import mutated
from benchmarks.endurance.shell import Done, Fault, Mode, build
from benchmarks.endurance.world import World, copy_kept, make_world

SEED = 20261125
WRITERS = 16
KILLS = 1000
MUTATIONS = 100_000


@dataclass
class Row:
    """A line of the table: so many tries, in so many of which the fault struck, and what went wrong."""

    what: str
    tries: int = 0
    struck: int = 0
    unseen: int = 0
    wrong: list[str] = field(default_factory=list)

    def count(self, struck: bool, *faults: str) -> None:
        """Count a try."""
        self.tries += 1
        self.struck += struck
        self.wrong += [fault for fault in faults if fault][:1]


@dataclass(frozen=True)
class Trial:
    """The world, the outputs of an undisturbed run, and how much of everything is tried."""

    world: World
    whole: bytes
    share: float
    generator: random.Random

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A fresh working directory."""
        with tempfile.TemporaryDirectory(dir=self.world.folder) as name:
            yield Path(name)

    def numbers(self, calls: int) -> list[int]:
        """Which of so many calls get a fault: all, or a share of them, drawn at random."""
        wanted = max(3, round(self.share * calls))
        every = range(1, calls + 1)
        return list(every) if wanted >= calls else sorted(self.generator.sample(every, wanted))

    def again(self, at: Path, whole: bytes) -> str:
        """What is wrong after the experiment has run again undisturbed; empty where nothing is."""
        done = self.world.shell(at, self.world.run)
        return _complaint(done, 0) or self.world.fault_of(at, whole)


def _complaint(done: Done, *codes: int) -> str:
    return "" if done.clear and (not codes or done.code in codes) else f"exit {done.code}: {done.err[-500:]}"


Prepare = Callable[[Trial, Path], None]
Commands = Callable[[World], tuple[object, ...]]


def _nothing(trial: Trial, at: Path) -> None:
    """An empty folder."""


def _made(trial: Trial, at: Path) -> None:
    """A store with everything in it."""
    shutil.copytree(trial.world.folder / "whole", at, dirs_exist_ok=True)


def _littered(trial: Trial, at: Path) -> None:
    """A store with files beside it that belong to nothing."""
    _made(trial, at)
    artifacts = at / "db" / "artifacts" / "generations"
    for number in range(20):
        name = f"{number:064x}"
        (artifacts / name[:2]).mkdir(exist_ok=True)
        orphan, stale = (artifacts / name[:2] / one for one in (f"{name}.png", f".{name}.png.tmp{number}"))
        orphan.write_bytes(b"no longer anybody's")
        stale.write_bytes(b"half")
        for path in (orphan, stale):
            os.utime(path, (0, 0))


def _damaged(trial: Trial, at: Path) -> None:
    """A store of which every third artifact is damaged."""
    _made(trial, at)
    for path in sorted((at / "db" / "artifacts").rglob("*.png"))[::3]:
        path.write_bytes(path.read_bytes()[:-20])


def _old(trial: Trial, at: Path) -> None:
    """A store of version 0.2.0."""
    copy_kept(at)


# What is disturbed: how its folder is prepared, and the command.
DISTURBED: dict[str, tuple[Prepare, Commands]] = {
    "run": (_nothing, lambda world: world.run),
    "migration": (_old, lambda world: world.run),
    "gc": (_littered, lambda world: ("gc",)),
    "repair": (_damaged, lambda world: ("verify", "--repair")),
    "forget": (_made, lambda world: ("forget", "--method", "allBob", "--yes")),
    "report": (_made, lambda world: ("report", "--out", "files", "--format", "csv", "--format", "json")),
}
FAULTS = {
    "kill": (Mode.KILL, 0, "killed at each call that changes the disk"),
    "full-disk": (Mode.FAIL_ON, errno.ENOSPC, "the disk is full from each call on"),
    "bad-disk": (Mode.FAIL_ONCE, errno.EIO, "each call fails once with an input/output error"),
}


def disturb(trial: Trial, fault: str, name: str) -> Row:
    """Put the fault at each call of a command in turn; then everything is made again and compared."""
    mode, code, told = FAULTS[fault]
    prepare, command = DISTURBED[name]
    row = Row(f"{name}: {told}")
    whole = trial.whole
    with trial.folder() as at:
        prepare(trial, at)
        first = trial.world.shell(at, command(trial.world), fault=Fault(Mode.COUNT))
        row.wrong += [first.err] if _complaint(first, 0, 1) else []
        # A store of then shows what it shows; a drawing that nothing wants any more is not made anew.
        if name in ("migration", "repair"):
            trial.world.shell(at, trial.world.run)
            whole = trial.world.outputs(at)
    for number in trial.numbers(first.calls):
        with trial.folder() as at:
            prepare(trial, at)
            done = trial.world.shell(at, command(trial.world), fault=Fault(mode, number, code))
            killed = mode is Mode.KILL and done.code == -9
            ended = "" if killed else _complaint(done, 0, 1)
            partial = _partial(at)
            # What was disturbed is done again by the same command, as its user would.
            more = _complaint(trial.world.shell(at, command(trial.world)), 0, 1)
            row.count(killed or done.code == 1, ended, partial, more or trial.again(at, whole))
    return row


def _partial(at: Path) -> str:
    """A file of a report that is not whole."""
    for path in (at / "files").glob("[!.]*.*") if (at / "files").is_dir() else ():
        if not path.read_bytes().endswith((b"\n", b"}")):
            return f"{path.name} is half written"
    return ""


def kill_at_random(trial: Trial) -> Row:
    """Kill one run again and again after a random time, until it gets through."""
    row = Row("run: killed at random moments, again and again until it gets through")
    started = time.monotonic()
    with trial.folder() as at:
        trial.world.shell(at, trial.world.run)
    length = time.monotonic() - started
    wanted = round(KILLS * trial.share)
    while row.struck < wanted:
        with trial.folder() as at:
            code = -9
            while code == -9:
                moment = trial.generator.uniform(0, length)
                done = trial.world.shell(at, trial.world.run, kill_after=moment)
                code = done.code
                row.count(code == -9, "" if code == -9 else _complaint(done, 0))
            row.wrong += [fault] if (fault := trial.again(at, trial.whole)) else []
    return row


def many_writers(trial: Trial) -> Row:
    """Start the same run so many times at once on one store, and kill a few of them."""
    row = Row(f"{WRITERS} runs at once on one store, three of them killed")
    for _ in range(max(1, round(20 * trial.share))):
        with trial.folder() as at:
            children = [trial.world.shell.start(at, trial.world.run) for _ in range(WRITERS)]
            for place, child in enumerate(children):
                kill = trial.generator.uniform(0, 2) if place < 3 else None
                done = trial.world.shell.end(*child, kill_after=kill)
                row.count(True, "" if done.code == -9 and kill is not None else _complaint(done, 0))
            row.wrong += [fault] if (fault := trial.again(at, trial.whole)) else []
    return row


def mutate(trial: Trial, kind: str) -> Row:
    """Read so many mutated inputs of a kind, a thousand in each child."""
    row = Row(f"mutated {kind}: {mutated.KINDS[kind].told}")
    wanted = max(100, round(trial.share * MUTATIONS))
    while row.tries < wanted:
        part = min(1000, wanted - row.tries)
        outcome = mutated.in_child(kind, trial.generator.random(), part, trial.world)
        row.tries += part
        row.struck += outcome.refused
        row.unseen += outcome.unseen
        row.wrong += outcome.wrong
    return row


def scenarios() -> dict[str, Callable[[Trial], Row]]:
    """Every line of the table by its name."""
    found: dict[str, Callable[[Trial], Row]] = {"kill-at-random": kill_at_random, "writers": many_writers}
    for fault in FAULTS:
        for name in DISTURBED:
            found[f"{fault}-{name}"] = lambda trial, fault=fault, name=name: disturb(trial, fault, name)  # type: ignore[misc]
    for kind in mutated.KINDS:
        found[f"mutated-{kind}"] = lambda trial, kind=kind: mutate(trial, kind)  # type: ignore[misc]
    return found


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    lines = ["| what | tries | struck, or refused | other figures, unseen | wrong |", "|---|---|---|---|---|"]
    for row in rows:
        numbers = (row.tries, row.struck, row.unseen, len(row.wrong))
        lines.append(f"| {row.what} | {' | '.join(f'{number:,}' for number in numbers)} |")
    return "\n".join(lines)


def endure(names: list[str], share: float, seed: int, home: Path) -> list[Row]:
    """Try everything of these names."""
    import lsccli

    for module in pkgutil.walk_packages(lsccli.__path__, "lsccli."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    scratch = home / "outputs"
    scratch.mkdir()
    world = make_world(home / "world", scratch)
    whole = world.warm_up()
    rows = []
    for name in names:
        started = time.monotonic()
        rows.append(scenarios()[name](Trial(world, whole, share, random.Random(f"{seed} {name}"))))
        print(f"{name}: {time.monotonic() - started:.0f} s", *rows[-1].wrong[:3], sep="\n  ", file=sys.stderr)
    return rows


def main() -> int:
    """Try, print the table; exit code 1 where anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--share", type=float, default=1.0, help="of everything that is tried")
    parser.add_argument("--only", nargs="+", choices=list(scenarios()), help="these lines of the table")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--folder", help="where to work [default: the temporary folder]")
    asked = parser.parse_args()
    if "LD_PRELOAD" not in os.environ:
        library = build(Path(tempfile.mkdtemp(prefix="endure-")))
        if library is not None:
            os.environ["LD_PRELOAD"] = str(library)
            os.execv(sys.executable, [sys.executable, "-m", "benchmarks.endure", *sys.argv[1:]])
        print("no C compiler, or no Linux: nothing fails by number of call", file=sys.stderr)
    names = asked.only or [name for name in scenarios() if "LD_PRELOAD" in os.environ or "-disk-" not in name]
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        rows = endure(names, asked.share, asked.seed, Path(name).resolve())
    print(table(rows))
    return 1 if any(row.wrong for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
