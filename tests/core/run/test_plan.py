"""Which methods are run: no order twice under two names."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lsccli.core.channel.settings import ChannelSettings, resolved
from lsccli.core.errors import LscError
from lsccli.core.methods.base import METHODS
from lsccli.core.run import plan
from lsccli.core.run.plan import Choice, Leg, baselines, every_choice, served


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[list[str], list[str]]]:
    """Serve choices with every model there: the labels left, and what was said."""
    monkeypatch.setattr(plan, "method_identity", lambda *_: None)

    def of(choices: list[Choice], captioner: str | None, **how: Any) -> tuple[list[str], list[str]]:
        said: list[str] = []
        space: Any = SimpleNamespace(
            watcher=SimpleNamespace(say=said.append),
            models=SimpleNamespace(captioner_identity=lambda _: None),
            profile=SimpleNamespace(name="x"),
        )
        return [choice.label for choice in served(space, choices, captioner, **how)], said

    return of


BOUND = ["allBob_clipTX", "partBob_clipTX:most", "partBob_clipTX:least", "partBob_clipTX:both"]
BOUND += ["prompttune:heads_skd"]


def named(*labels: str) -> list[Choice]:
    return [choice for choice in every_choice() if choice.label in labels]


@pytest.mark.parametrize("captioner", ["dataset", "blip", "clip", "skd"])
def test_with_a_captioner_nothing_is_ranked_twice(serve, captioner: str) -> None:
    left, said = serve(every_choice(), captioner)
    assert sorted({c.label for c in every_choice()} - set(left)) == sorted(BOUND)
    assert sorted(line.split(":")[0].removeprefix("skipped ") for line in said) == sorted(
        label.split(":")[0] for label in BOUND
    )
    one = next(line for line in said if "heads_skd" in line)
    why = "on the captions of skd it is prompttune:heads" if captioner == "skd" else "it means the captions"
    assert why in one


def test_without_one_everything_is(serve) -> None:
    assert serve(every_choice(), None) == ([choice.label for choice in every_choice()], [])


def test_by_name_captions_that_it_does_not_mean_are_a_mistake(serve) -> None:
    for label, own in (("prompttune:heads_skd", "skd"), ("partBob_clipTX:least", "clip")):
        twin = {"skd": "prompttune:heads", "clip": "partBob:least"}[own]
        line = f"{label} means the captions of {own}, not of dataset: .* or take {twin}, the same"
        with pytest.raises(LscError, match=line):
            serve(named(label), "dataset", named=True)
        assert serve(named(label), own, named=True) == ([label], [])
        assert serve(named(label, twin), own, named=True)[0] == [twin]
        assert serve(named(label, twin), None, named=True)[0] == [
            choice.label for choice in named(label, twin)
        ]


def test_a_plug_in_s_importance_may_mean_a_captioner_too(serve, plug_in: Callable[[str], Path]) -> None:
    plug_in(
        "from lsccli.api import method\n"
        "@method('mine', summary='s', direction='d', importances=('plain', 'skd', 'odd'),\n"
        "        captioners={'skd': 'skd', 'odd': 'blip'}, twins={'skd': 'plain'})\n"
        "def mine(item):\n    return range(len(item.words))\n"
    )
    mine = [Choice(METHODS.find("mine"), name) for name in ("plain", "skd", "odd")]
    assert serve(mine, "dataset")[0] == ["mine:plain"]
    assert serve(mine, "skd")[0] == ["mine:plain"]
    assert serve(mine, "blip")[0] == ["mine:plain", "mine:odd"]
    assert serve(mine[1:], "skd")[0] == ["mine:skd"]


def test_each_captioner_has_its_baseline_once() -> None:
    noisy = resolved(channel="bsc", ber=0.1)
    legs = [Leg(choice, at, 2) for choice in every_choice() for at in (ChannelSettings(), noisy)]
    found = baselines(legs, "order")
    assert {(leg.choice.label, leg.speaker, leg.channel, leg.trials) for leg in found} == {
        ("order", speaker, at, 2) for speaker in ("clip", "skd") for at in (ChannelSettings(), noisy)
    }
    assert len(found) == 4
    # Nothing to add where all are on one captioner's, nor where it is not among the methods.
    assert baselines([Leg(choice, noisy, 1, "dataset") for choice in every_choice()], "order") == []
    assert baselines([Leg(choice, noisy) for choice in named("random", "allBob_clipTX")], "order") == []
