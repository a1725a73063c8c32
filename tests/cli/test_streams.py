"""Closed, full and broken standard streams, and Control-C before `lsc` has begun: never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a shell")
CLOSED = "Error: Standard output is closed, so the result went nowhere.\n"
FULL = "Error: The disk is full; what was finished is kept. Make room and run the command again.\n"
LSC = f"{sys.executable} -m lsccli"
CASES = {
    f"{LSC} methods >&-": (1, CLOSED),
    f"{LSC} --json methods >&-": (1, CLOSED),
    f"{LSC} --help >&-": (1, CLOSED),
    f"{LSC} --version >&-": (1, CLOSED),
    f"{LSC} nosuch 2>&-": (2, ""),
    f"{LSC} methods >&- 2>&-": (1, ""),
    f"{LSC} methods <&- >&- 2>&-": (1, ""),
    f"{LSC} methods >/dev/full": (1, FULL),
    f"{LSC} --help >/dev/full": (1, FULL),
    f"{LSC} methods | true": (1, ""),
    f"{LSC} --help | head -n 1 >/dev/null": (1, ""),
    f"{LSC} --version 2>&- >/dev/null": (0, ""),
}


def call(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LSC_")}
    return subprocess.run(words, cwd=folder, env=clean, capture_output=True, text=True, check=False)


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return call(["bash", "-c", f"set -o pipefail; {command}"], folder)


@pytest.mark.parametrize("command", CASES)
def test_what_cannot_be_said_is_no_traceback(tmp_path: Path, command: str) -> None:
    done = run(command, tmp_path)
    assert (done.returncode, done.stderr) == CASES[command]
    assert done.stdout == ""


def test_no_file_gets_the_number_of_a_closed_stream(tmp_path: Path) -> None:
    script = (
        "import os; from lsccli.commands.streams import open_standard; open_standard()\n"
        "assert os.open('file', os.O_CREAT | os.O_WRONLY) > 2\n"
        "os.write(2, b'a library complains')\n"
        "print('to nobody')\n"
    )
    (tmp_path / "script.py").write_text(script)
    run(f"{sys.executable} script.py <&- >&- 2>&-", tmp_path)
    assert (tmp_path / "file").read_bytes() == b""


@pytest.mark.parametrize("module", ["typer", "rich.console", "lsccli.commands.report", "lsccli.core.errors"])
def test_control_c_while_modules_are_imported(tmp_path: Path, module: str) -> None:
    script = (
        "import os, signal, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, *rest):\n"
        f"        if name == {module!r}: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from lsccli.__main__ import main\n"
        "main()\n"
    )
    (tmp_path / "script.py").write_text(script)
    done = run(f"{sys.executable} script.py --version", tmp_path)
    assert done.returncode == 130
    assert done.stderr == "Interrupted; what was finished is kept. Run the command again to go on.\n"


def test_control_c_at_the_end_is_no_traceback(tmp_path: Path) -> None:
    script = (
        "import atexit, os, signal\n"
        "atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))\n"
        "from lsccli.__main__ import main\n"
        "main()\n"
    )
    (tmp_path / "script.py").write_text(script)
    done = call([sys.executable, "script.py", "--version"], tmp_path)
    assert done.returncode == -signal.SIGINT
    assert done.stderr == ""
    assert done.stdout.startswith("lsc ")
