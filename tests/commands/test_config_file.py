"""`lsc.toml`, read for a small app: what goes to the group and what to each command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pytest
import typer

from lsccli.commands.config_file import read_globals, set_command_defaults
from lsccli.commands.context import GLOBALS
from lsccli.core.errors import LscError


def run(folder: Path, content: str, *arguments: str) -> dict[str, Any]:
    """What the group and the command of a small app get."""
    got: dict[str, Any] = {}
    app = typer.Typer()

    @app.callback()
    def group(
        models: str = "storybook",
        batch_size: str = "auto",
        plugins: Annotated[list[str] | None, typer.Option("--plugin")] = None,
        quiet: bool = False,
    ) -> None:
        got.update(models=models, batch_size=batch_size, plugins=plugins, quiet=quiet)

    @app.command("models")
    def of_models(limit: int = 0) -> None:
        got.update(limit=limit)

    @app.command()
    def draw(
        limit: int = 0,
        metric: Annotated[list[str] | None, typer.Option()] = None,
        share: float | None = None,
        all: bool = False,
        yes: bool = False,
        out: Path | None = None,
    ) -> None:
        got.update(limit=limit, metric=metric)

    (folder / "link").unlink(missing_ok=True)
    (folder / "link").symlink_to(folder.parent)
    path = folder / "lsc.toml"
    path.write_text(content, encoding="utf-8")
    command = typer.main.get_group(app)
    defaults = read_globals(path, command.commands)
    set_command_defaults(path, command.commands)
    command.main(list(arguments), standalone_mode=False, default_map=defaults)
    return got


def test_the_group_and_each_command_get_their_own(tmp_path: Path) -> None:
    content = (
        'batch-size = 3\nquiet = true\nplugins = ["a.py", "b.py"]\n[draw]\nlimit = 2\nmetric = ["x", "y"]\n'
    )
    got = run(tmp_path, content, "draw")
    assert got == {
        "models": "storybook",
        "batch_size": "3",
        "quiet": True,
        "plugins": ["a.py", "b.py"],
        "limit": 2,
        "metric": ["x", "y"],
    }
    assert run(tmp_path, content, "draw", "--limit", "5")["limit"] == 5
    assert run(tmp_path, content, "models")["limit"] == 0
    assert run(tmp_path, 'plugins = "one.py"\n', "models")["plugins"] == ["one.py"]
    # One of those that may be repeated is not a list of letters.
    assert run(tmp_path, '[draw]\nmetric = "psnr"\nout = "deep/x.csv"\n', "draw")["metric"] == ["psnr"]


def test_a_global_option_may_be_called_as_a_command(tmp_path: Path) -> None:
    assert run(tmp_path, 'models = "turbo"\n', "models") == {
        "models": "turbo",
        "batch_size": "auto",
        "plugins": None,
        "quiet": False,
        "limit": 0,
    }
    assert run(tmp_path, "[models]\nlimit = 4\n", "models")["limit"] == 4
    got = run(tmp_path, "[models]\nlimit = 4\n", "draw")
    assert (got["models"], got["limit"]) == ("storybook", 0)


def test_without_a_file_nothing_is_set(tmp_path: Path) -> None:
    assert read_globals(tmp_path / "nothing.toml", []) == {}
    assert {"db", "models", "plugins", "json"} <= set(GLOBALS)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("device = \n", "not a TOML file"),
        ('colour = "red"\n', "unknown name 'colour'"),
        ("[draw]\nspeed = 3\n", "unknown name 'speed'"),
        ("[paint]\nlimit = 3\n", "unknown name 'paint'"),
        ("[device]\nlimit = 3\n", "device must be text, not a table"),
        ("batch-size = [1, 2]\n", r"batch-size must be a number or text, not \[1, 2\]"),
        ("batch-size = 1.5\n", "batch-size must be a number or text, not 1.5"),
        ("batch-size = true\n", "batch-size must be a number or text, not true"),
        ("db = 3\n", "db must be text, not 3"),
        ("models = 2026-01-01\n", "models must be text, not 2026-01-01"),
        ("models = ['turbo']\n", r"models must be text, not \['turbo'\]"),
        ("device = false\n", "device must be text, not false"),
        ("quiet = 'yes'\n", "quiet must be true or false, not 'yes'"),
        ("json = 1\n", "json must be true or false, not 1"),
        ("plugins = 3\n", "plugins must be the name of a file, or a list of them, not 3"),
        ("plugins = {a = 3}\n", "plugins must be the name of a file, or a list of them, not a table"),
        ("plugins = ['a.py', 3]\n", "plugins must be the name of a file"),
        ("trust = true\n", "unknown name 'trust'"),
        ("version = true\n", "unknown name 'version'"),
        ("'' = 1\n", "unknown name ''"),
        ('db = "a\\u001b[31m"\n', "db must be text, not"),
        ("[draw.limit]\nmost = 3\n", r"\[draw\] limit must be a whole number, not a table"),
        ("[draw]\nlimit = 'many'\n", r"\[draw\] limit must be a whole number, not 'many'"),
        ("[draw]\nlimit = true\n", r"\[draw\] limit must be a whole number, not true"),
        ("[draw]\nlimit = [1, 2]\n", r"\[draw\] limit must be one value, not \[1, 2\]"),
        ("[draw]\nmetric = 2026-01-01\n", r"\[draw\] metric must be text, or a list of such, not 2026-01-01"),
        ("[draw]\nmetric = [['x']]\n", r"\[draw\] metric must be text, or a list of such"),
        ("[draw]\nshare = '1'\n", r"\[draw\] share must be a number, not '1'"),
        ("[draw]\nall = 1\n", r"\[draw\] all must be true or false, not 1"),
        ("[draw]\nyes = true\n", r"unknown name 'yes' in \[draw\]"),
        ("[draw]\nout = '../x.csv'\n", r"\[draw\] out '../x.csv' lies outside of this folder"),
        ("[draw]\nout = '/tmp/x.csv'\n", r"\[draw\] out '/tmp/x.csv' lies outside of this folder"),
        ("[draw]\nout = 'link/x.csv'\n", r"\[draw\] out 'link/x.csv' lies outside of this folder"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(LscError, match=told) as caught:
        run(tmp_path, content, "draw")
    assert "\n" not in str(caught.value)


def test_a_file_to_be_written_may_be_no_link_that_leads_out(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "inside.csv").symlink_to("other.csv")
    run(tmp_path, "[draw]\nout = 'out'\n", "draw")
    (tmp_path / "out" / "curves.csv").symlink_to("/etc/passwd")
    with pytest.raises(LscError, match="lies outside of this folder"):
        run(tmp_path, "[draw]\nout = 'out'\n", "draw")
