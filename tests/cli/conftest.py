"""Fixtures of the tests of the command line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import Lsc, Warm, make_scenes

CAPTIONS = ("a brown dog runs", "two birds at night", "the red ball", "an old green bicycle", "a cat")
SMALL = ("a red ball", "two birds", "a cat")


@pytest.fixture
def lsc(
    tmp_path: Path,
    tiny_profile: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Lsc:
    """`lsc` in a fresh working directory, with the small models on the processor."""
    for name in list(os.environ):
        if name.startswith("LSC_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LSC_MODELS", str(tiny_profile))
    monkeypatch.setenv("LSC_DEVICE", "cpu")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))
    monkeypatch.chdir(tmp_path)
    return Lsc(tmp_path, capsys)


@pytest.fixture
def scenes(tmp_path: Path) -> Path:
    """Five small images with captions of two to four words."""
    return make_scenes(tmp_path / "scenes", CAPTIONS)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Three small images with captions of two or three words."""
    return make_scenes(tmp_path / "small", SMALL)


@pytest.fixture(scope="session")
def warm(tiny_profile: Path) -> Iterator[Warm]:
    """A process to fork `lsc` from, so that killing it many times costs no imports."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LSC_")}
    server = Warm({**clean, "LSC_MODELS": str(tiny_profile), "LSC_DEVICE": "cpu", "OMP_NUM_THREADS": "1"})
    yield server
    server.close()
