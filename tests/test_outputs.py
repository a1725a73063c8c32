"""Nothing is printed, written as CSV, or put into a figure but through the functions that escape it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "lsccli"
TERMINAL = PACKAGE / "commands" / "terminal.py"
MODULES = sorted(PACKAGE.rglob("*.py"))
# rich as it prints by itself; tables, bars and boxes print through the console that they are given.
PRINTERS = ("rich.console", "rich.text", "rich.markup", "rich.prompt", "rich.pretty", "rich.print")
PRINTING = ("print", "input", "typer.echo", "typer.secho", "typer.confirm", "typer.prompt", "click.echo")
STREAMS = ("sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__")
TEXTS = {"set_title": 0, "suptitle": 0, "set_xlabel": 0, "set_ylabel": 0, "text": 2, "annotate": 0}


def printing(tree: ast.AST) -> Iterator[str]:
    """What prints around the terminal, each with its line."""
    for node in walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in PRINTING:
            yield f"{node.lineno}: {ast.unparse(node.func)}"
        # Asking a stream what it is (isatty) prints nothing.
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in STREAMS and node.attr != "isatty":
            yield f"{node.lineno}: {ast.unparse(node)}"
        if isinstance(node, ast.Call):
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                if ast.unparse(argument) in STREAMS:
                    yield f"{node.lineno}: {ast.unparse(node)}"
            if any(
                keyword.arg == "markup" and ast.unparse(keyword.value) != "False" for keyword in node.keywords
            ):
                yield f"{node.lineno}: markup"
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            if name.startswith(PRINTERS):
                yield f"{node.lineno}: import {name}"


def walk(tree: ast.AST) -> Iterator[ast.AST]:
    """All but what is there for types alone."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from walk(child)


def drawn(tree: ast.AST) -> Iterator[str]:
    """Texts of figures that are neither constants nor escaped."""
    for node in walk(tree):
        if not isinstance(node, ast.Call):
            continue
        texts = [keyword.value for keyword in node.keywords if keyword.arg == "label"]
        place = TEXTS.get(node.func.attr, -1) if isinstance(node.func, ast.Attribute) else -1
        texts += node.args[place : place + 1] if place >= 0 else []
        for text in texts:
            sides = [text.body, text.orelse] if isinstance(text, ast.IfExp) else [text]
            if not all(
                isinstance(side, ast.Constant) or "figure_text" in ast.unparse(side) for side in sides
            ):
                yield f"{node.lineno}: {ast.unparse(text)}"


def named(file: Path) -> str:
    return str(file.relative_to(PACKAGE))


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "source",
    [
        "print(1)",
        "import typer\ntyper.echo(1)",
        "import sys\nsys.stderr.write('x')",
        "import sys\ncsv.writer(sys.stdout)",
        "from rich import print",
        "from rich.console import Console",
        "console.print(x, markup=True)",
    ],
)
def test_printing_is_found(source: str) -> None:
    assert list(printing(ast.parse(source)))


def test_what_prints_nothing_is_not() -> None:
    source = "import sys\nsys.stdout.isatty()\nfrom rich.table import Table\nif TYPE_CHECKING:\n"
    assert not list(printing(ast.parse(source + "    from rich.console import Console\n")))


@pytest.mark.parametrize("file", [one for one in MODULES if one != TERMINAL], ids=named)
def test_nothing_prints_but_the_terminal(file: Path) -> None:
    assert not list(printing(tree_of(file)))


@pytest.mark.parametrize("file", MODULES, ids=named)
def test_csv_is_written_with_its_escape(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not ("csv.writer" in text or "csv.DictWriter" in text) or "csv_cell" in text


@pytest.mark.parametrize("file", sorted((PACKAGE / "commands").glob("*.py")), ids=named)
def test_commands_write_json_by_its_function(file: Path) -> None:
    assert "json.dump" not in file.read_text(encoding="utf-8")


def test_no_text_of_a_figure_is_a_formula() -> None:
    figures = [file for file in MODULES if "report.canvas import" in file.read_text(encoding="utf-8")]
    assert len(figures) >= 4
    for file in figures:
        assert not list(drawn(tree_of(file))), file.name


def test_a_text_that_is_not_escaped_is_found() -> None:
    assert list(drawn(ast.parse("axis.set_title(word)")))
    assert list(drawn(ast.parse("axis.text(0, 1, f'{word}')")))
    assert not list(drawn(ast.parse("axis.text(0, 1, figure_text(word))")))
