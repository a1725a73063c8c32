"""Output in a code page that lacks characters: JSON and CSV are exact, tables show something else instead."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Lsc, make_scenes

CAPTION = "a café “犬” runs"
SURROUND = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    # Python takes UTF-8 there.
    "utf-8": {"LC_ALL": "C"},
}
# One process runs them all, for each would import anew; a line with a mark that no output has parts them.
ALL = """
import json, os, sys
from lsccli.cli import _run
for arguments in json.loads(sys.argv[1]):
    code = _run(arguments)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os.write(1, b"\\x00%d\\x01" % code)
"""
COMMANDS: dict[str, list[str]] = {
    "help": ["--help"],
    **{f"help of {name}": [name, "--help"] for name in ("caption", "transmit", "report", "show")},
    "version": ["--version"],
    "methods": ["methods"],
    "models": ["models"],
    "plugins": ["--plugin", "mine.py", "plugins"],
    "methods of a plugin": ["--plugin", "mine.py", "methods"],
    "config": ["config"],
    "caption": ["caption", "scenes", "--captioner", "dataset"],
    "rank": ["rank", "-m", "order", "--captioner", "dataset", "--explain", "é 犬.png"],
    "transmit": ["transmit", "-m", "order", "--captioner", "dataset"],
    "generate": ["generate", "--captioner", "dataset"],
    "score": ["score", "--captioner", "dataset"],
    "run": ["run", "scenes", "--captioner", "dataset", "-m", "order"],
    "report": ["report"],
    "compare": ["report", "--compare", "--out", "out é"],
    "show": ["show", "é 犬.png", "--out", "strip é.png"],
    "channel": ["channel", "--packets", "10", "--ebn0-db", "0:1:1"],
    "captions as csv": ["export", "captions"],
    "captions as json": ["export", "captions", "--format", "json"],
    "json of captions": ["--json", "export", "captions"],
    "steps": ["export", "steps"],
    "json of rank": ["--json", "rank", "-m", "order", "--captioner", "dataset", "--explain", "é 犬.png"],
    "json of report": ["--json", "report"],
    "json of methods": ["--json", "--plugin", "mine.py", "methods"],
    "wrong": ["rank", "-m", "é犬"],
}
PLUGIN = """
from lsccli import method

@method("mine", summary="é 犬 → …", direction="–", source="“é”")
def mine(item):
    return range(len(item.words))
"""


@pytest.fixture
def folder(lsc: Lsc) -> Path:
    """A folder with one scene whose caption and name have what code pages lack, and with a plug-in."""
    scenes = make_scenes(lsc.folder / "scenes", (CAPTION,))
    (scenes / "scene-0.png").rename(scenes / "é 犬.png")
    (scenes / "captions.txt").write_text(f"image,caption\né 犬.png,{CAPTION}\n", encoding="utf-8")
    (lsc.folder / "mine.py").write_text(PLUGIN, encoding="utf-8")
    return lsc.folder


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", SURROUND)
def test_every_command_in_every_code_page(folder: Path, page: str) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    done = subprocess.run(
        [sys.executable, "-c", ALL, json.dumps(list(COMMANDS.values()))],
        env={**clean, **SURROUND[page]},
        cwd=folder,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    parts = [part.partition(b"\x00") for part in done.stdout.split(b"\x01")[:-1]]
    found = dict(zip(COMMANDS, parts, strict=True))
    assert {name: int(code) for name, (_, _, code) in found.items() if int(code)} == {"wrong": 2}
    for name in ("captions as json", "json of captions"):
        assert json.loads(found[name][0])["captions"][0]["caption"] == CAPTION
    for name in ("captions as csv", "steps"):
        rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(found[name][0].decode("utf-8"))))
        assert rows[0]["caption"] == CAPTION
    words = json.loads(found["json of rank"][0])["explained"][0]["words"]
    assert words == ["a", "café", "犬", "runs"]
    listed = {entry["method"]: entry for entry in json.loads(found["json of methods"][0])["methods"]}
    assert listed["mine"]["summary"] == "é 犬 → …"
    for name, (text, _, _) in found.items():
        text.decode("utf-8" if COMMANDS[name][-2:-1] == ["export"] or "captions" in name else page)
    shown = found["rank"][0].decode(page)
    assert ("café" in shown) == (page != "ascii")
    # As wide as it was: columns stay below each other.
    assert ("犬" if page == "utf-8" else "??") in shown
    assert (folder / "out é" / "table.tex").is_file()
    assert (folder / "strip é.png").is_file()
