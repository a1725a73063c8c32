"""What libraries say is not shown by a command; a plug-in is heard, and programs that import lsc hear all."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

PLUGIN = """
import logging
import warnings

from lsccli import method

warnings.warn("[/x] is old\\nand more")
logging.getLogger("mine").error("no \\x1b[31m luck")
logging.getLogger("mine").warning("nothing to know")

@method("mine", summary="s", direction="d", source="here")
def mine(item):
    return range(len(item.words))
"""


def picture(path: Path) -> Path:
    """A picture whose EXIF promises five entries and has one."""
    entry = struct.pack("<HHII", 0x0112, 3, 1, 6)
    path.parent.mkdir(exist_ok=True)
    exif = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x05\x00" + entry + b"\x00\x01"
    Image.new("RGB", (40, 40), "red").save(path, exif=exif)
    return path


def run(folder: Path, *command: str, **surround: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LSC_", "PYTHONW"))}
    return subprocess.run(
        [sys.executable, *command], env={**clean, **surround}, cwd=folder, capture_output=True, text=True
    )


def test_warnings_about_a_picture(tmp_path: Path, tiny_profile: Path) -> None:
    file = picture(tmp_path / "pictures" / "a.jpg")
    (file.parent / "captions.txt").write_text("image,caption\na.jpg,a red ball\n", encoding="utf-8")
    command = ("-m", "lsccli", "--models", str(tiny_profile), "run", "pictures")
    done = run(tmp_path, *command, "--captioner", "dataset", "-m", "order")
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    assert "site-packages" not in done.stderr
    loud = run(tmp_path, *command, "--captioner", "dataset", "-m", "random", PYTHONWARNINGS="always")
    assert "Corrupt EXIF" in loud.stderr


def test_what_a_plug_in_says_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(PLUGIN, encoding="utf-8")
    done = run(tmp_path, "-m", "lsccli", "--plugin", "mine.py", "config")
    assert done.stderr.splitlines() == [
        "Warning: [/x] is old (mine.py, line 7)",
        r"mine: no \x1b[31m luck",
    ]


@pytest.mark.parametrize("module", ["lsccli.api", "lsccli.cli"])
def test_a_program_hears_all(tmp_path: Path, module: str) -> None:
    file = picture(tmp_path / "a.jpg")
    script = f"import {module}\nfrom PIL import Image\nImage.open({str(file)!r}).getexif()\n"
    assert "Corrupt EXIF" in run(tmp_path, "-c", script).stderr
