"""Fixtures that many tests share."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

# Several processes share the cores; torch reads this when it is imported, here and in each `lsc` called.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

from tests.tiny import make_tiny

# Started in the background or by nohup, processes are born with these ignored, and those they start as well.
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def tiny_profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The profile file of small checkpoints of the real classes."""
    return make_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every attempt to reach the network fails the test that makes it."""

    def refuse(*arguments: object, **options: object) -> None:
        pytest.fail("the network was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
