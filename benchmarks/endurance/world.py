"""A small experiment, what it leaves undisturbed, and whether a disturbed one has left the same."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import save_file

from benchmarks.endurance.shell import Shell

CAPTIONS = ("a red ball", "two birds")
PROFILE = """\
name = "stub"
purpose = "for tests of the store"

[receiver]
model = "{folder}/bob"
width = 32
height = 32

[metric]
name = "difference"
size = 32
"""
RUN = ("run", "--captioner", "dataset", "-m", "order", "-m", "allBob",
       "--channel", "bsc", "--ber", "0.05", "--trials", "2")  # fmt: skip
EXPORTS = ("captions", "rankings", "steps", "scores")
KEPT = Path(__file__).parents[2] / "tests" / "stores" / "0.2.0"


@dataclass(frozen=True)
class World:
    """Where the scenes, the profile and the stub are; and how `lsc` is called."""

    folder: Path
    shell: Shell

    @property
    def run(self) -> tuple[object, ...]:
        """The command that makes everything."""
        return ("--quiet", "--json", "--batch-size", 2, RUN[0], self.folder / "scenes", *RUN[1:])

    def outputs(self, at: Path) -> bytes:
        """The report and all exports of the store in a folder, one after the other.

        Raises:
            RuntimeError: where one cannot be had, or `lsc verify` finds something wrong.
        """
        exports = [("export", table, "--format", "csv") for table in EXPORTS]
        done = self.shell(at, ("--json", "report"), *exports)
        if done.code:
            raise RuntimeError(f"exit {done.code}: {done.err}")
        verified = self.shell(at, ("--json", "verify"))
        if not verified.clear or not verified.out:
            raise RuntimeError(f"verify: exit {verified.code}: {verified.err}")
        # The originals of the store of 0.2.0 are no longer there.
        found = [one for one in json.loads(verified.out)["findings"] if one["what"] != "original"]
        if found or not sound(at / "db" / "lsc.sqlite"):
            raise RuntimeError(f"verify: exit {verified.code}: {verified.out.decode()} {verified.err}")
        return done.out

    def fault_of(self, at: Path, whole: bytes) -> str:
        """What is wrong with the store in a folder, beside `whole`, the outputs of one undisturbed."""
        try:
            return "" if self.outputs(at) == whole else "the outputs differ"
        except RuntimeError as error:
            return str(error)

    def warm_up(self) -> bytes:
        """Make everything once in this process, so that children find their caches full; the outputs."""
        whole = self.folder / "whole"
        whole.mkdir()
        before = os.getcwd()
        os.chdir(whole)
        with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
            code = self.shell.here([self.run, ("--json", "report"), ("export", "steps")])
        os.chdir(before)
        if code:
            raise RuntimeError(f"the undisturbed run ended with exit code {code}")
        return self.outputs(whole)


def make_world(folder: Path, scratch: Path) -> World:
    """Write scenes, profile and models into `folder`."""
    (folder / "bob").mkdir(parents=True)
    (folder / "bob" / "stub.json").write_text("{}")
    save_file({"weight": np.zeros(1, np.float32)}, folder / "bob" / "model.safetensors")
    scenes = folder / "scenes"
    scenes.mkdir()
    generator = np.random.default_rng(7)
    lines = ["image,caption"]
    for number, caption in enumerate(CAPTIONS):
        coarse = generator.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        Image.fromarray(coarse.repeat(8, 0).repeat(8, 1)).save(scenes / f"{number}.png")
        lines.append(f"{number}.png,{caption}")
    (scenes / "captions.txt").write_text("\n".join(lines) + "\n")
    (folder / "stub.toml").write_text(PROFILE.format(folder=folder))
    stub = Path(__file__).parent / "stub.py"
    return World(folder, Shell(["--models", str(folder / "stub.toml"), "--plugin", str(stub)], scratch))


def copy_kept(at: Path) -> None:
    """The store of version 0.2.0 that the tests keep, to be migrated in a folder."""
    (at / "db").mkdir()
    shutil.copy(KEPT / "lsc.sqlite", at / "db" / "lsc.sqlite")
    shutil.copytree(KEPT / "artifacts", at / "db" / "artifacts")


def sound(store: Path) -> bool:
    """Whether SQLite finds nothing wrong with the file."""
    with sqlite3.connect(store) as connection:
        rows = connection.execute("PRAGMA integrity_check").fetchall()
        return rows == [("ok",)] and not connection.execute("PRAGMA foreign_key_check").fetchall()
