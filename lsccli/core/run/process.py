"""Which process is which: a number alone is given again to another one, once its process has ended."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def began(pid: int) -> str | None:
    """When a process of this machine began, as text that tells it from every other of its number.

    None where there is no such process, or the system does not tell.
    """
    stat = Path("/proc") / str(pid) / "stat"
    try:
        # proc(5): the name in brackets may hold anything; the start is the 20th value after it, in ticks.
        ticks = stat.read_bytes().rpartition(b")")[2].split()[19].decode()
        return f"{_here()} {ticks}"
    except (OSError, IndexError, UnicodeDecodeError):
        pass
    if os.name != "posix" or Path("/proc/self/stat").exists():
        return None
    try:
        told = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    return told.stdout.strip() or None


def has_ended(pid: int, since: str) -> bool | None:
    """Whether the process of this number that began `since` is over; None where that cannot be told."""
    here = _here()
    if here is not None and "/" in since:
        boot, _, space = since.partition(" ")[0].partition("/")
        if boot == here.partition("/")[0] and space != here.partition("/")[2]:
            return None  # of another container on this machine, whose processes have numbers of their own
    elif began(os.getpid()) is None:
        return None
    return began(pid) != since


def _here() -> str | None:
    """What tells this boot of the machine, and this name space of process numbers, from others."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return None
