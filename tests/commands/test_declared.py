"""Options declared in core, as options of the command line."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from lsccli.commands.declared import Group, bare, described, distinct, parameter, widened
from lsccli.core.errors import LscError
from lsccli.core.options import Settings, option, options_of


class Own(Settings):
    level: float = option(0.5, ge=0, le=1, help="How loud.")
    seed: int = option(0, ge=0, counts=True, flag="--seeds", help="Average so many.")
    point_db: float | None = option(None, sweeps=True, help="Where, in dB.")
    kind: str = option("soft", choices=("soft", "hard"), help="Which one.")
    quick: bool = option(False, help="In haste.")
    sound: bool = option(True, help="Aloud.")
    hidden: str = option("x", flag="", help="Only in a file.")


OPTIONS = {one.name: one for one in options_of(Own)}


def parameters() -> list[inspect.Parameter]:
    return [parameter(one) for one in distinct(options_of(Own))]


def asked_by(*arguments: str) -> Any:
    """What a command with these options is given; the exit code where it is not called."""
    seen: list[Mapping[str, Any]] = []

    def command(
        name: Annotated[str, typer.Argument()],
        own: Annotated[Mapping[str, Any], Group(parameters, dict)] = {},
        twice: bool = False,
    ) -> None:
        seen.append({"name": name, "twice": twice, **own})

    app = typer.Typer()
    app.command()(widened(command))
    done = CliRunner().invoke(app, list(arguments))
    return seen[0] if seen else done


def test_what_is_not_given_is_left_to_core() -> None:
    assert asked_by("x") == {"name": "x", "twice": False, "quick": False}


def test_values_have_their_types_and_names() -> None:
    found = asked_by(
        "x", "--level", "0.25", "--seeds", "3", "--point-db", "0:4:2", "--kind", "hard", "--quick", "--twice"
    )
    assert found == {
        "name": "x",
        "level": 0.25,
        "seeds": 3,
        "point_db": "0:4:2",
        "kind": "hard",
        "quick": True,
        "twice": True,
    }
    assert asked_by("x", "--no-sound")["sound"] is False
    for wrong in (("--level", "much"), ("--seeds", "0"), ("--hidden", "y")):
        assert asked_by("x", *wrong).exit_code == 2


def test_help_says_what_there_is_to_choose_and_what_is_so_without() -> None:
    said = {name: described(one, one.help) for name, one in OPTIONS.items()}
    assert said["level"] == r"How loud. \[default: 0.5; from 0 to 1]"
    assert said["seed"] == r"Average so many. \[default: 1]"
    assert said["point_db"] == "Where, in dB; LOW:HIGH:STEP sweeps."
    assert said["kind"] == r"Which one: soft or hard. \[default: soft]"
    assert said["quick"] == "In haste."


def test_two_options_of_one_name_are_refused() -> None:
    def command(
        level: int = 0,
        own: Annotated[Mapping[str, Any], Group(parameters, dict)] = {},
    ) -> None:
        """Do."""

    with pytest.raises(LscError, match="--level, which lsc has already"):
        widened(command)


def test_a_command_without_its_options_still_says_what_it_is_for() -> None:
    def command(level: int) -> None:
        """Do."""

    assert bare(command).__doc__ == "Do."
    assert not inspect.signature(bare(command)).parameters


def test_two_options_of_one_flag_are_refused_unless_they_are_one_option() -> None:
    class Other(Settings):
        mine: int = option(3, flag="--level", help="Typed as another is.")

    class Same(Settings):
        level: float = option(0.7, ge=0, le=1, help="The same, with another default.")

    assert len(distinct([*options_of(Own), *options_of(Same)])) == len(distinct(options_of(Own)))
    with pytest.raises(LscError, match=r"Two options are typed --level: level \(float\) and mine \(int\)"):
        distinct([*options_of(Own), *options_of(Other)])
