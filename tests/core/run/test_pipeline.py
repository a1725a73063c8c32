"""Rows flow downhill: each choice is ranked once, each leg sent once; what is remembered is only read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from lsccli.core.channel.settings import resolved
from lsccli.core.data.dataset import read_dataset
from lsccli.core.methods.base import METHODS
from lsccli.core.models.models import Models, resolve_compute
from lsccli.core.models.profile import load_profile
from lsccli.core.run import pipeline as module
from lsccli.core.run.experiment import experiment, forecast
from lsccli.core.run.pipeline import Pipeline
from lsccli.core.run.plan import Choice, Leg
from lsccli.core.run.sent import sent_so_far
from lsccli.core.run.workspace import Workspace
from lsccli.core.store.selection import Selection
from lsccli.core.store.store import Store
from tests.cli.shell import make_scenes

POINTS = range(40, 61, 5)


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """Every statement that SQLite is given meanwhile."""
    heard: list[str] = []

    def connected(connection: Any, _: object) -> None:
        connection.set_trace_callback(heard.append)

    event.listen(Engine, "connect", connected)
    yield heard
    event.remove(Engine, "connect", connected)


@pytest.fixture
def scenes(tmp_path: Path) -> Path:
    return make_scenes(tmp_path / "scenes", ["a red ball", "two birds"])


def begin(folder: Path, tiny_profile: Path) -> Workspace:
    """A workspace on the store in a folder, with models that were not loaded yet."""
    models = Models(load_profile(str(tiny_profile)), resolve_compute("cpu", "auto", "auto"))
    return Workspace(Store(str(folder / "lsc.sqlite")), models)


def sweep(*methods: str) -> list[Leg]:
    return [
        Leg(Choice(METHODS.find(name)), resolved(channel="awgn", ebn0_db=float(point)), captioner="dataset")
        for name in methods
        for point in POINTS
    ]


def run(workspace: Workspace, scenes: Path, legs: list[Leg]) -> dict[str, tuple[int, int]]:
    """All stages of a run; per stage how many units were made and remembered."""
    pipeline = Pipeline(workspace, Selection(), separate=True)
    results = [pipeline.register(read_dataset(scenes), None, ["dataset"])]
    results += experiment(pipeline, legs, ["ssim"])
    return {result.stage: (result.new, result.cached) for result in results}


def test_each_choice_is_ranked_once_and_each_leg_sent_once(
    tmp_path: Path, scenes: Path, tiny_profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranked: Counter[str] = Counter()
    sent: Counter[tuple[object, ...]] = Counter()

    class Ranker(module.Ranker):
        def rank(self, captions: Any) -> Any:
            ranked[self.choice.label] += 1
            return super().rank(captions)

    class Sender(module.Sender):
        def send(self, legs: Any) -> Any:
            sent.update(leg.name for leg, _, _ in legs)
            return super().send(legs)

    monkeypatch.setattr(module, "Ranker", Ranker)
    monkeypatch.setattr(module, "Sender", Sender)
    made = run(begin(tmp_path, tiny_profile), scenes, sweep("order", "random"))
    assert ranked == {"order": 1, "random": 1}
    assert set(sent.values()) == {1}
    assert len(sent) == 2 * len(POINTS)
    assert made["rank"] == (4, 0)
    assert made["transmit"] == (20, 0)


def test_a_warm_run_writes_nothing_and_looks_each_configuration_up_once(
    tmp_path: Path, scenes: Path, tiny_profile: Path, statements: list[str]
) -> None:
    legs = sweep("order", "random")
    run(begin(tmp_path, tiny_profile), scenes, legs)
    statements.clear()
    workspace = begin(tmp_path, tiny_profile)
    made = run(workspace, scenes, legs)
    assert all(new == 0 for new, _ in made.values())
    verbs = Counter(statement.split()[0] for statement in statements)
    assert not {"INSERT", "UPDATE", "DELETE"} & set(verbs)
    assert not [statement for statement in statements if statement.startswith("BEGIN IMMEDIATE")]
    looked_up = [s for s in statements if re.search(r"FROM config\s+WHERE config.\"?key", s)]
    # One captioner, two methods, a channel at each point, a receiver, a metric.
    assert len(looked_up) == 1 + 2 + len(POINTS) + 1 + 1
    assert workspace.models._loaded == {}, "nothing was missing, and yet a model was loaded"


def test_more_points_cost_no_more_statements_but_for_their_configurations(
    tmp_path: Path, scenes: Path, tiny_profile: Path, statements: list[str]
) -> None:
    legs = sweep("order")
    run(begin(tmp_path, tiny_profile), scenes, legs)
    counts = []
    for few in (legs[:1], legs):
        statements.clear()
        run(begin(tmp_path, tiny_profile), scenes, few)
        counts.append(len(statements))
    # Each point asks once for its configuration: BEGIN, the lock, SELECT, ROLLBACK.
    assert counts[1] - counts[0] <= 4 * (len(legs) - 1)


def test_what_a_stage_needs_is_made_first_and_named(tmp_path: Path, scenes: Path, tiny_profile: Path) -> None:
    workspace = begin(tmp_path, tiny_profile)
    Pipeline(workspace, Selection()).register(read_dataset(scenes), None, ["dataset"])
    legs = [Leg(Choice(METHODS.find("order")), resolved(), captioner="dataset")]
    drawn, scored = Pipeline(workspace, Selection()).score(legs, ["ssim"])
    assert drawn.made_first == ["rank", "transmit"]
    assert scored.made_first == ["rank", "transmit", "generate"]
    again = Pipeline(workspace, Selection()).score(legs, ["ssim"])[1]
    assert (again.made_first, again.new, again.cached) == ([], 0, scored.new)


def test_what_was_sent_is_found_again_with_its_options(
    tmp_path: Path, scenes: Path, tiny_profile: Path
) -> None:
    workspace = begin(tmp_path, tiny_profile)
    pipeline = Pipeline(workspace, Selection())
    pipeline.register(read_dataset(scenes), None, ["dataset"])
    random = Choice(METHODS.find("random"), seeds=3)
    link = resolved(channel="bsc", ber=0.1, crc="crc6", arq=2)
    pipeline.transmit([Leg(random, link, trials=2, captioner="dataset")])
    (found,) = sent_so_far(workspace, Selection())
    assert (found.choice.label, found.choice.seeds, found.trials) == ("random", 3, 2)
    assert (found.channel, found.captioner) == (link, "dataset")
    assert Pipeline(workspace, Selection()).transmit([found]).new == 0


def test_the_estimate_counts_each_word_once_a_leg(tmp_path: Path, scenes: Path, tiny_profile: Path) -> None:
    pipeline = Pipeline(begin(tmp_path, tiny_profile), Selection())
    pipeline.register(read_dataset(scenes), None, ["dataset"])
    ahead = forecast(pipeline, sweep("order", "random"))
    assert (ahead.images, ahead.methods, ahead.drawings) == (2, 2, 2 * len(POINTS) * (3 + 2))
    search = [Leg(Choice(METHODS.find("allBob")), resolved(), captioner="dataset")]
    assert forecast(pipeline, search).drawings == 3 * 4 // 2 + 2 * 3 // 2
