"""Each kind of command that is advised can be pasted, whatever the names in it are."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from lsccli.commands.advice import advised
from lsccli.core.report.escape import shell_word, visible
from tests.cli.shell import Done, Lsc

SENT = ("--captioner", "dataset", "-m", "order", "--metric", "psnr")
ODD = '-it\'s "an" old; $HOME `x` (1) ü'
# From the words "lsc" on to the end of the line, or to a remark.
COMMAND = re.compile(r"(?<!\S)(lsc (?:--[a-z]+ )?.*?)(?= \(or all: | Or make |\n|$)")


def commands(text: str, *begun: str) -> list[list[str]]:
    """The commands that a text advises, as a shell takes them apart, without `lsc`; all begin like that."""
    found = [shlex.split(one)[1:] for one in COMMAND.findall(text)]
    own = [words for words in found if any(name in words for name in begun)]
    assert own, text
    return own


@pytest.fixture
def odd(lsc: Lsc, small: Path) -> str:
    """A data set in the working directory whose name is all that a name can be, and a store of that name."""
    shutil.copytree(small, lsc.folder / ODD)
    lsc("--db", f"./{ODD}.sqlite", "run", f"./{ODD}", *SENT)
    return ODD


def in_odd_store(lsc: Lsc, *words: object, code: int | None = 0) -> Done:
    return lsc("--db", f"./{ODD}.sqlite", *words, code=code)


def unknown_data(lsc: Lsc) -> str:
    shutil.copytree(lsc.folder / ODD, lsc.folder / f"{ODD}2")
    return in_odd_store(lsc, "report", "--data", f"{ODD}2", code=2).err


def unknown_image(lsc: Lsc) -> str:
    shutil.copy(lsc.folder / ODD / "scene-0.png", f"{ODD}.png")
    Path(f"{ODD}.png").write_bytes(Path(f"{ODD}.png").read_bytes() + b"\0")
    return in_odd_store(lsc, "show", "--", f"{ODD}.png", code=2).err


def no_store_to_show(lsc: Lsc) -> str:
    shutil.copy(lsc.folder / ODD / "scene-0.png", f"{ODD}.png")
    return lsc("--db", "./new DATA.sqlite", "show", "--", f"{ODD}.png", code=2).err


def nothing_sent(lsc: Lsc) -> str:
    in_odd_store(lsc, "forget", "-m", "order", "--yes")
    done = in_odd_store(lsc, "report", "--metric", "psnr", "--data", ODD, code=None)
    return done.out + done.err


def not_drawn(lsc: Lsc) -> str:
    in_odd_store(lsc, "transmit", "-m", "random", "--captioner", "dataset")
    return in_odd_store(lsc, "report", "--metric", "psnr", "--data", ODD).out


def damaged_file(lsc: Lsc) -> str:
    with closing(sqlite3.connect(f"{ODD}.sqlite")) as plain:
        plain.execute("UPDATE score SET value = 9e999")
        plain.commit()
    return in_odd_store(lsc, "report", code=1).err


ADVICE: dict[str, tuple[Callable[[Lsc], str], str]] = {
    "a data set that is not there": (unknown_data, "caption"),
    "an image that is not there": (unknown_image, "caption"),
    "a store that is not there": (no_store_to_show, "caption"),
    "nothing was sent": (nothing_sent, "transmit"),
    "what was sent is not scored": (not_drawn, "score"),
    "a store that is damaged": (damaged_file, "verify"),
}


@pytest.mark.parametrize("kind", ADVICE)
def test_what_is_advised_can_be_pasted(lsc: Lsc, odd: str, kind: str) -> None:
    make, name = ADVICE[kind]
    for words in commands(make(lsc), name):
        assert words[words.index("--db") + 1] in (f"./{ODD}.sqlite", "./new DATA.sqlite")
        done = lsc(*words, code=None)
        assert done.code == (1 if name == "verify" else 0), (words, done.err)


def test_another_profile_is_named_so_that_it_can_be_pasted(lsc: Lsc, odd: str, tiny_profile: Path) -> None:
    own = tiny_profile.with_name(f"{ODD}.toml")
    own.write_text(tiny_profile.read_text().replace("steps = 2", "steps = 3"))
    own.write_text(re.sub('^name = "', 'name = "own ', own.read_text(), count=1, flags=re.MULTILINE))
    in_odd_store(lsc, "--models", own, "transmit", "-m", "random", "--captioner", "dataset")
    in_odd_store(lsc, "--models", own, "score", "--metric", "ssim")
    told = in_odd_store(lsc, "report", "--metric", "ssim", "-m", "random", code=None)
    for words in commands(told.out + told.err, "report", "score"):
        assert lsc(*words, code=None).code == 0, words


def test_a_file_that_is_broken_is_named_so_that_it_can_be_pasted(lsc: Lsc, odd: str) -> None:
    with open(f"{ODD}.sqlite", "r+b") as file:
        file.seek(5000)
        file.write(b"\x5a" * 40000)
    told = in_odd_store(lsc, "verify", code=1).out
    (command,) = re.findall(r"sqlite3 .* \.recover", told)
    assert shlex.split(command) == ["sqlite3", f"./{ODD}.sqlite", ".recover"]


@pytest.mark.parametrize(
    "name", [ODD, "-a\nb", "\x1b[31m'\\", os.fsdecode(b"caf\xe9'"), "a\u202eb", "", "犬"]
)
def test_a_word_is_what_a_shell_makes_of_it(tmp_path: Path, name: str) -> None:
    word = shell_word(name)
    assert visible(word) == word
    shell = ["bash", "-c", f"printf %s {word}"]
    assert subprocess.run(shell, capture_output=True, check=True).stdout == os.fsencode(name)
    assert shell_word("-x", place=True) == "./-x"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Run: lsc report", "Run: lsc --db x report"),
        ("lsc --models 'a'\"'\"'b c' report", "lsc --db x --models 'a'\"'\"'b c' report"),
        ("No images from lsc/report: lsc caption 'my lsc report'", None),
        ("lsc caption 'it'\"'\"'s lsc runs'", "lsc --db x caption 'it'\"'\"'s lsc runs'"),
        ("Alice's model and Bob's; run lsc score", "Alice's model and Bob's; run lsc --db x score"),
    ],
)
def test_options_in_force_go_into_commands_and_not_into_names(text: str, told: str | None) -> None:
    told = told or "No images from lsc/report: lsc --db x caption 'my lsc report'"
    assert advised(text, ["--db", "x"]) == told
