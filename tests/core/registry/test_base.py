"""What is registered, whatever was imported first."""

from __future__ import annotations

import subprocess
import sys

import pytest


def listed(first: str) -> str:
    """The methods in order, in a process that imports a module before anything else."""
    code = f"import {first}; from lsccli.core.methods.base import METHODS; print(*METHODS.all())"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("first", ["lsccli.core.methods.shuffle", "lsccli.core.methods.prompttune"])
def test_methods_stand_in_one_order(first: str) -> None:
    names = listed(first).split()
    assert names == sorted(names, key=str.lower)
    assert listed(first) == listed("lsccli")
    assert len(names) >= 10
