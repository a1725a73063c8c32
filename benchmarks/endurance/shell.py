"""`lsc` in a child of a process that has imported everything, with a fault at a call of one's choice."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

HERE = Path(__file__).parent
PATIENCE = 120.0


class Mode(IntEnum):
    """What happens at the n-th call that changes the disk; the numbers are those of faults.c."""

    COUNT = 1
    KILL = 2
    FAIL_ONCE = 3
    FAIL_ON = 4


@dataclass(frozen=True)
class Fault:
    """At the n-th call (from 1): the process is killed, or the call fails with `code`."""

    mode: Mode
    at: int = 0
    code: int = errno.ENOSPC


@dataclass(frozen=True)
class Done:
    """What a command left: exit code, negative for a signal; outputs; how many calls changed the disk."""

    code: int
    out: bytes
    err: str
    calls: int = 0

    @property
    def clear(self) -> bool:
        """Whether it ended as a command may: no traceback, no crash, no hang, an error in one line."""
        lines = [line for line in self.err.splitlines() if line.startswith("Error: ")]
        return "Traceback" not in self.err and self.code in (0, 1, 2, 130) and len(lines) <= 1


def build(folder: Path) -> Path | None:
    """The library of faults, compiled into `folder`; None where there is no C compiler, or no Linux."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        return None
    library = folder / "faults.so"
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(HERE / "faults.c"), "-ldl"]
    subprocess.run(command, check=True)
    return library


class Shell:
    """Runs `lsc` in folders, each command in a child of this process."""

    def __init__(self, arguments: Sequence[str], scratch: Path) -> None:
        """Every command gets `arguments` first; `scratch` holds the outputs of the command at work.

        Faults are to be had where this process was started with the library of `build` in LD_PRELOAD.
        """
        preloaded = os.environ.get("LD_PRELOAD")
        self._faults = ctypes.CDLL(preloaded) if preloaded else None
        self.arguments = list(arguments)
        self._scratch = scratch
        self._count = 0

    def start(
        self, folder: Path, *commands: Sequence[object], fault: Fault | None = None
    ) -> tuple[int, Path]:
        """The process id of a child that runs commands in `folder`, and where its outputs go."""
        self._count += 1
        output = self._scratch / f"{os.getpid()}-{self._count}"
        child = os.fork()
        if child:
            return child, output
        code = 70
        try:
            os.chdir(folder)
            for number, name in ((1, "out"), (2, "err")):
                os.dup2(
                    os.open(output.with_suffix(f".{name}"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number
                )
            # Whatever took their place here, such as a test's capture.
            sys.stdout, sys.stderr = (open(number, "w", closefd=False) for number in (1, 2))  # noqa: SIM115
            signal.signal(signal.SIGINT, signal.default_int_handler)
            if fault is not None and self._faults is not None:
                place = os.fsencode(folder)
                self._faults.endure_arm(place, int(fault.mode), ctypes.c_long(fault.at), fault.code)
            code = self.here(commands)
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            if fault is not None and fault.mode is Mode.COUNT and self._faults is not None:
                output.with_suffix(".calls").write_text(str(self._faults.endure_count()))
            os._exit(code)
        raise AssertionError

    def here(self, commands: Sequence[Sequence[object]]) -> int:
        """Run commands in this process, up to the first that fails; its exit code."""
        from lsccli.cli import main

        for words in commands:
            sys.argv = ["lsc", *self.arguments, *map(str, words)]
            try:
                main()
            except SystemExit as leave:
                if leave.code:
                    return leave.code if isinstance(leave.code, int) else 1
        return 0

    def end(self, child: int, output: Path, *, kill_after: float | None = None) -> Done:
        """Wait for a child, kill it after so many seconds; one that hangs is killed too, with code 124."""
        started = time.monotonic()
        hung = False
        while True:
            found, status = os.waitpid(child, os.WNOHANG)
            if found:
                break
            spent = time.monotonic() - started
            if spent > (PATIENCE if kill_after is None else kill_after):
                hung = kill_after is None
                os.kill(child, signal.SIGKILL)
                _, status = os.waitpid(child, 0)
                break
            time.sleep(0.0005)
        code = 124 if hung else os.waitstatus_to_exitcode(status)
        texts = {}
        for name in ("out", "err", "calls"):
            file = output.with_suffix(f".{name}")
            texts[name] = file.read_bytes() if file.exists() else b""
            file.unlink(missing_ok=True)
        calls = int(texts["calls"] or 0)
        return Done(code, texts["out"], texts["err"].decode(errors="replace"), calls)

    def __call__(
        self,
        folder: Path,
        *commands: Sequence[object],
        fault: Fault | None = None,
        kill_after: float | None = None,
    ) -> Done:
        """Run commands, one after the other, in one child to its end."""
        return self.end(*self.start(folder, *commands, fault=fault), kill_after=kill_after)
