"""`lsc` as the tests use it: in this process, or forked from one that is warm; and small scenes."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lsccli.cli import _run
from lsccli.core.store.artifacts import generation_path

HERE = Path(__file__).parent


@dataclass
class Done:
    """What a command left: its exit code, standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one object on standard output."""
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The line that says what went wrong; fails where there is not exactly one, or a traceback."""
        assert "Traceback" not in self.err, self.err
        lines = [line for line in self.err.splitlines() if line.startswith("Error: ")]
        assert len(lines) == 1, self.err
        return lines[0]


class Lsc:
    """Runs `lsc` in this process, in the working directory of the test."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capture = capture

    def __call__(self, *arguments: object, code: int | None = 0) -> Done:
        """Run a command; its exit code must be `code`, unless that is None."""
        self._capture.readouterr()
        got = _run([str(argument) for argument in arguments])
        out, err = self._capture.readouterr()
        assert code in (None, got), f"exit {got}\n{out}\n{err}"
        return Done(got, out, err)

    def json(self, *arguments: object, code: int | None = 0) -> Any:
        """Run a command with --json and give what it printed."""
        return self("--json", *arguments, code=code).json

    def sql(self, query: str) -> list[Any]:
        """Rows of the store."""
        with sqlite3.connect(self.folder / "db" / "lsc.sqlite") as connection:
            return connection.execute(query).fetchall()

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return int(self.sql(f"SELECT count(*) FROM {table}")[0][0])

    def drawings(self) -> list[str]:
        """Bob's images on disk, below the artifacts folder."""
        folder = self.folder / "db" / "artifacts"
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.png"))

    def kept(self, where: str = "true") -> list[str]:
        """Bob's images as the store says that they are kept, below the artifacts folder."""
        rows = self.sql(f"SELECT key FROM generation WHERE sha256 IS NOT NULL AND {where}")
        return sorted(generation_path(key) for (key,) in rows)

    def facts(self) -> dict[str, int]:
        """How many results of each kind the store holds."""
        return {table: self.count(table) for table in ("image", "caption", "ranking", "generation", "score")}


def make_scenes(folder: Path, captions: Sequence[str | Sequence[str]], *, seed: int = 0) -> Path:
    """A Flickr8k-style folder: one 32×32 image for each entry, with its caption or captions."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    lines = ["image,caption"]
    for number, texts in enumerate(captions):
        coarse = random.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        name = f"scene-{number}.png"
        Image.fromarray(coarse.repeat(8, 0).repeat(8, 1)).save(folder / name)
        lines += [f"{name},{text}" for text in ([texts] if isinstance(texts, str) else texts)]
    (folder / "captions.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


class Warm:
    """A process that has imported everything, and forks a child for each command: see `warm.py`."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "warm.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )

    def __call__(self, folder: Path, *runs: Sequence[object], **how: Any) -> list[dict[str, Any]]:
        """Run commands side by side in `folder`; each gives code, out, err.

        `late` seconds after `when`, an SQL query, has given a number but 0, they are sent `signal`.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"folder": str(folder), "runs": [[str(word) for word in run] for run in runs], **how}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return list(json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)
