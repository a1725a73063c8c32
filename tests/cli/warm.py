"""Reads orders, one JSON line each; forks a child per command; answers with one JSON line.

Everything is imported before, and nothing is computed here, so that a child may be killed at any moment.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import diffusers
import spacy
import torch
import transformers

from lsccli.cli import main

assert all((diffusers.StableDiffusionPipeline, spacy.load, transformers.CLIPTextModel))
torch.set_num_threads(1)


def start(folder: str, arguments: list[str], output: Path) -> int:
    """The process id of a child that runs `lsc` in `folder`."""
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        os.chdir(folder)
        for number, name in ((1, "out"), (2, "err")):
            file = os.open(output.with_suffix(f".{name}"), os.O_WRONLY | os.O_CREAT)
            os.dup2(file, number)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.argv = ["lsc", *arguments]
        main()
    except SystemExit as leave:
        code = int(leave.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    raise AssertionError


def happened(folder: str, query: str) -> bool:
    """Whether the store is there and the query counts a row."""
    store = Path(folder) / "db" / "lsc.sqlite"
    if not store.exists():
        return False
    try:
        connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
        try:
            return bool(connection.execute(query).fetchone()[0])
        finally:
            connection.close()
    except sqlite3.Error:  # not made yet, or busy
        return False


def follow(order: dict[str, Any], output: Path) -> list[dict[str, Any]]:
    """Run the commands of one order side by side, and what became of each."""
    runs = [(output / str(n)) for n in range(len(order["runs"]))]
    children = [start(order["folder"], run, file) for run, file in zip(order["runs"], runs, strict=True)]
    codes: dict[int, int] = {}
    due: float | None = None
    query = order.get("when")
    pending = set(children)
    while pending:
        for child in list(pending):
            found, status = os.waitpid(child, os.WNOHANG)
            if found:
                pending.discard(child)
                codes[child] = os.waitstatus_to_exitcode(status)
        if query is not None and happened(order["folder"], query):
            query = None
            due = time.monotonic() + order.get("late", 0.0)
        if due is not None and time.monotonic() >= due:
            due = None
            signal_all(pending, order)
        time.sleep(0.004)
    return [
        {
            "code": codes[child],
            "out": file.with_suffix(".out").read_text(encoding="utf-8"),
            "err": file.with_suffix(".err").read_text(encoding="utf-8"),
        }
        for child, file in zip(children, runs, strict=True)
    ]


def signal_all(children: set[int], order: dict[str, Any]) -> None:
    """Send each child the signal of the order."""
    for child in children:
        os.kill(child, order.get("signal", signal.SIGKILL))


for line in sys.stdin:
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(follow(json.loads(line), Path(folder))), flush=True)
