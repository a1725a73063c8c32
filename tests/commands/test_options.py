"""Methods with their options, as asked for on the command line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from lsccli.cli import make_app
from lsccli.commands.options import check_reorder, choice, choices
from lsccli.core.errors import LscError
from lsccli.core.registry.plugins import use_files

OWN = """
from lsccli.core.methods.base import method
from lsccli.core.options import Settings, option

class Step(Settings):
    stride: int = option(2, ge=1, help="strided: every so many words first.")

@method("strided", summary="s", direction="d", options=Step)
def strided(item):
    stride = item.options["stride"]
    return sorted(range(len(item.words)), key=lambda at: (at % stride, at))
"""


def test_a_method_has_the_options_that_differ_from_the_default() -> None:
    assert choice("random", None, {"seed": 3}).seeds == 3
    assert choice("random", None, {"seed": 3}).options == {}
    assert choice("ALLBOB", None, {"penalty": 0.1}, "coded").options == {"penalty": 0.1, "reorder": "free"}
    assert choice("allBob", None, {"penalty": 0.0}).options == {}
    assert choice("prompttune:heads", None, {"only_heads": True}).options == {"only_heads": True}
    # A value that changes nothing goes with every method.
    assert choice("order", None, {"penalty": 0.0, "only_heads": False, "seed": 1}, "free").options == {}


@pytest.mark.parametrize(
    ("method", "asked", "line"),
    [
        (
            "order",
            {"seed": 2},
            "Method order takes no --seeds; it goes with prompttune:heads_random, random.",
        ),
        ("order", {"penalty": 0.1}, "Method order takes no --penalty; it goes with allBob, allBob_clipTX."),
        (
            "prompttune:nouns",
            {"only_heads": True},
            "Method prompttune:nouns takes no --only-heads; it goes with prompttune:heads, "
            "prompttune:heads_partBob, prompttune:heads_random, prompttune:heads_skd.",
        ),
        ("allBob", {"penalty": -1.0}, "--method allBob --penalty -1.0: give a number from 0."),
    ],
)
def test_what_does_not_go_with_a_method_is_refused(method: str, asked: dict[str, object], line: str) -> None:
    with pytest.raises(LscError, match=f"^{re.escape(line)}$"):
        choice(method, None, asked)


def test_of_several_methods_each_takes_what_goes_with_it() -> None:
    found = choices(["order", "random", "allBob"], {"seed": 2, "penalty": 0.5})
    assert [(one.spec.name, one.seeds, dict(one.options)) for one in found] == [
        ("order", 1, {}),
        ("random", 2, {}),
        ("allBob", 1, {"penalty": 0.5}),
    ]
    with pytest.raises(LscError, match="Method order takes no --only-heads"):
        choices(["order", "random"], {"only_heads": True})
    every = {one.label: one.seeds for one in choices(None, {"seed": 2})}
    assert (every["random"], every["prompttune:heads_random"], every["order"]) == (2, 2, 1)


def test_an_option_of_a_method_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    use_files([tmp_path / "own.py"])
    try:
        assert choice("strided", None, {"stride": 3}).options == {"stride": 3}
        with pytest.raises(LscError, match="--stride; it goes with strided"):
            choice("order", None, {"stride": 3})
        with pytest.raises(LscError, match="--stride 0: give a whole number from 1"):
            choice("strided", None, {"stride": 0})
        commands = typer.main.get_group(make_app({"rank"})).commands
        assert "stride" in {each.name for each in commands["rank"].params}
    finally:
        use_files([])


def test_an_unknown_way_to_restore_the_order_is_refused() -> None:
    check_reorder("CODED")
    with pytest.raises(LscError, match="--reorder 'magic': choose none, free, coded"):
        check_reorder("magic")
