"""An option is declared once; a wrong value is one line."""

from __future__ import annotations

import math
from typing import Any

import pytest

from lsccli.core.errors import LscError
from lsccli.core.options import MISSING, Settings, checked, option, options_of


class Mine(Settings):
    """All kinds of options."""

    model: str = option(help="A name.")
    steps: int = option(4, ge=1, le=1000, help="Solver steps.")
    guidance: float = option(1.5, ge=0, help="Scale.")
    rule: str | None = option(None, choices=("longer", "distance"), help="A rule.")
    loud: bool = option(False, runtime=True, help="Whether to shout.")
    seed: int = option(0, flag="--seeds", counts=True, help="Which.")
    tau: float = option(0.5, born=0.1, gt=0, help="A weight.", since="0.3.0")


def test_what_is_declared_is_all_there() -> None:
    by_name = {one.name: one for one in options_of(Mine)}
    assert list(by_name) == ["model", "steps", "guidance", "rule", "loud", "seed", "tau"]
    assert by_name["model"].default is MISSING
    assert (by_name["steps"].type, by_name["steps"].low, by_name["steps"].high) == (int, 1, 1000)
    assert by_name["steps"].range == "from 1 to 1000"
    assert (by_name["rule"].type, by_name["rule"].optional) == (str, True)
    assert by_name["rule"].range == "longer, distance"
    assert not by_name["loud"].identity
    assert (by_name["seed"].flag, by_name["seed"].counts) == ("--seeds", True)
    assert by_name["guidance"].flag == "--guidance"
    assert (by_name["tau"].default, by_name["tau"].born, by_name["tau"].range) == (0.5, 0.1, "above 0")
    assert (by_name["tau"].since, by_name["steps"].since) == ("0.3.0", "0.2.0")


def test_a_field_that_is_no_option_is_refused() -> None:
    class Sloppy(Settings):
        colour: str = "red"

    with pytest.raises(ValueError, match="colour"):
        options_of(Sloppy)


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"steps": 4}, "Here: lacks model."),
        ({"model": "m", "colour": "red"}, "Here: has no setting 'colour'; it has model, steps, "),
        ({"model": "m", "steps": 0}, "Here: steps 0: give a whole number from 1 to 1000."),
        ({"model": "m", "steps": "4"}, "Here: steps '4': give a whole number from 1 to 1000."),
        ({"model": "m", "steps": 4.0}, "Here: steps 4.0: give a whole number from 1 to 1000."),
        ({"model": "m", "steps": True}, "Here: steps True: give a whole number from 1 to 1000."),
        ({"model": "m", "guidance": math.nan}, "Here: guidance nan: give a number from 0."),
        ({"model": "m", "guidance": math.inf}, "Here: guidance inf: give a number from 0."),
        ({"model": "m", "rule": "short"}, "Here: rule 'short': choose longer, distance."),
        ({"model": "m", "rule": "longerer"}, "Here: rule 'longerer': choose longer, distance."),
        ({"model": "m", "tau": 0.0}, "Here: tau 0.0: give a number above 0."),
        ({"model": 3}, "Here: model 3: give a text."),
    ],
)
def test_a_wrong_value_is_one_line(values: dict[str, Any], line: str) -> None:
    with pytest.raises(LscError) as caught:
        checked(Mine, values, "Here:")
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)


def test_a_whole_number_may_stand_for_a_float_and_options_are_named_as_typed() -> None:
    assert checked(Mine, {"model": "m", "guidance": 3}, "").guidance == 3.0
    with pytest.raises(LscError, match=r"^--seeds 'x': give a whole number"):
        checked(Mine, {"model": "m", "seed": "x"}, "", typed=True)


def test_choices_are_texts_and_no_patterns() -> None:
    class Odd(Settings):
        kind: str = option("5.1", choices=("5.1", "c+"), help="A kind.")

    assert checked(Odd, {"kind": "c+"}, "").kind == "c+"
    with pytest.raises(LscError, match=r"choose 5\.1, c"):
        checked(Odd, {"kind": "5x1"}, "")
