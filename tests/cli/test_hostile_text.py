"""Text of others on the command line: names, paths and messages are shown as written, and are only that."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from lsccli.core.registry import plugins
from tests.cli.shell import Done, Lsc, make_scenes

WORDS = (
    "[/models/v2]",
    "[v2]",
    "[bold]",
    ":dog:",
    "\x1b[31m",
    "\x9b2J",
    "\u202e",
    "a\nError: b",
    "$x$",
    "\x07",
)


def assert_plain(done: Done) -> None:
    """Nothing hidden was printed."""
    for text in (done.out, done.err):
        for letter in text:
            assert letter == "\n" or unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def shown(text: str) -> str:
    """A text as the terminal shows it."""
    from lsccli.core.report.escape import visible

    return visible(text)


@pytest.fixture(autouse=True)
def without_plugins() -> Iterator[None]:
    yield
    plugins.use_files([])


@pytest.fixture
def profile(lsc: Lsc, tiny_profile: Path) -> Path:
    """The small models under a name and with a purpose that hold everything."""
    path = lsc.folder / "mine.toml"
    head = {"extends": str(tiny_profile), "name": " ".join(WORDS), "purpose": "for " + " ".join(WORDS)}
    path.write_text(
        "".join(f"{name} = {json.dumps(text)}\n" for name, text in head.items()), encoding="utf-8"
    )
    return path


@pytest.mark.parametrize("purpose", ["smaller Bob, weights in [/models/v2]", "[v2]", ":dog: [red]x[/red]"])
def test_the_purpose_of_a_profile_is_shown_as_written(lsc: Lsc, tiny_profile: Path, purpose: str) -> None:
    path = lsc.folder / "p.toml"
    path.write_text(f'extends = "{tiny_profile}"\nname = "mine"\npurpose = "{purpose}"\n', encoding="utf-8")
    assert f"models mine: {purpose}" in lsc("--models", path, "models").out
    assert f"models mine: {purpose}" in lsc("--models", path, "score", code=None).err


def test_a_name_of_a_profile_in_every_output(lsc: Lsc, profile: Path) -> None:
    scenes = make_scenes(lsc.folder / "scenes", ("a red ball", "two birds"))
    name = " ".join(WORDS)
    command = ("--models", profile)
    done = lsc(*command, "run", scenes, "--captioner", "dataset", "-m", "order", "-m", "random")
    assert_plain(done)
    assert f"models {shown(name)}: for {shown(name)}" in done.err
    for again in (("report",), ("report", "--compare"), ("models",), ("export", "captions"), ("config",)):
        assert_plain(lsc(*command, *again))
    made = lsc(*command, "--json", "report")
    assert_plain(made)
    assert made.json["profile"] == name
    assert_plain(lsc(*command, "report", "--out", "out"))
    table = Path("out/table.tex").read_text(encoding="utf-8").splitlines()
    assert table[0].startswith("% ")
    assert f"profile {shown(name)};" in table[0]
    assert table[1].startswith(r"\begin{tabular}")
    assert json.loads(Path("out/curves.json").read_text(encoding="utf-8"))["profile"] == name


def test_names_of_files_in_messages_and_figures(lsc: Lsc) -> None:
    scenes = make_scenes(lsc.folder / "scenes", ("a red ball",))
    # Names without a slash, each on one image of its own.
    words = [word.replace("/", "") for word in WORDS]
    content = (scenes / "scene-0.png").read_bytes()
    for number, word in enumerate(words):
        (scenes / f"{word}.png").write_bytes(content + bytes([number]))
        (scenes / f"broken {word}.png").write_bytes(b"no picture")
    done = lsc("caption", scenes, code=1)
    assert_plain(done)
    failed = [line for line in done.err.splitlines() if line.startswith("  failed: ")]
    assert len(failed) == len(words)
    for word in words:
        assert any(f"broken {shown(word)}.png" in line for line in failed)
    assert not any(line.startswith("Error: b") for line in done.err.splitlines())
    lsc("run", scenes / f"{words[0]}.png", "-m", "order")
    assert_plain(lsc("show", f"{words[0]}.png", "--out", f"{words[2]} {words[4]}.svg"))
    assert_plain(lsc("show", "--heatmaps", f"{words[8]}.png", "--out", "map.svg"))
    assert "$x$.png" in Path("map.svg").read_text(encoding="utf-8")
    for command in (
        ("show", "nothing \x1b[31m\n.png"),
        ("caption", "nothing \x1b[31m\n"),
        ("rank", "-m", "\x1b"),
    ):
        wrong = lsc(*command, code=2)
        assert_plain(wrong)
        assert wrong.error


def test_texts_of_a_plugin(lsc: Lsc) -> None:
    text = " ".join(WORDS)
    (lsc.folder / "mine.py").write_text(
        f'''
from lsccli.api import Settings, method, metric, option

TEXT = {text!r}

class Own(Settings):
    """Options."""

    odd: int = option(4, ge=1, help=TEXT)

@method("[/mine]", summary=TEXT, direction=TEXT, source=TEXT, cost=TEXT, options=Own)
def run(item):
    raise ValueError(TEXT)

@metric("_$m$", summary=TEXT, better="lower", source=TEXT)
class Mine:
    """Nothing."""
''',
        encoding="utf-8",
    )
    scenes = make_scenes(lsc.folder / "scenes", ("a red ball",))
    plugin = ("--plugin", "mine.py")
    for command in ("methods", "models", "plugins"):
        done = lsc(*plugin, command)
        assert_plain(done)
        assert "[/" in done.out
        assert_plain(lsc("--json", *plugin, command))
    helped = lsc(*plugin, "rank", "--help")
    # The frame is Typer's; what is in it is of the plug-in.
    assert all(word in " ".join(helped.out.split()) for word in ("[/models/v2]", "[v2]", "[bold]", ":dog:"))
    assert "\x1b" not in helped.out
    assert_plain(lsc(*plugin, "rank", "-m", "[/mine]", "--odd", "0", code=2))
    lsc("caption", scenes, "--captioner", "dataset")
    failed = lsc(*plugin, "rank", "-m", "[/mine]", "--captioner", "dataset", code=None)
    assert failed.code
    assert_plain(failed)
    # A failure is one line, whatever an exception says.
    assert shown(text).replace("\\n", " ") in failed.err


def test_captions_in_tables_are_no_formulas(lsc: Lsc) -> None:
    texts = ("=1+1 is two", "-3 degrees", "@home a cat", "a [/x] $a$ b")
    scenes = make_scenes(lsc.folder / "scenes", texts)
    lines = [{"file_name": f"scene-{number}.png", "text": text} for number, text in enumerate(texts)]
    (scenes / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    (scenes / "captions.txt").unlink()
    lsc("run", scenes, "--captioner", "dataset", "-m", "order")
    told = list(csv.DictReader(lsc("export", "captions").out.splitlines()))
    assert [row["caption"] for row in told] == ["'=1+1 is two", "'-3 degrees", "'@home a cat", "a [/x] $a$ b"]
    for table in ("captions", "rankings", "steps", "scores"):
        lsc("export", table, "--out", f"{table}.csv")
        with open(f"{table}.csv", encoding="utf-8", newline="") as stream:
            for row in csv.reader(stream):
                assert not [cell for cell in row if cell.startswith(("=", "@", "\t", "\r"))]
    exact = [row["caption"] for row in lsc("export", "captions", "--format", "json").json["captions"]]
    assert exact == list(texts)
