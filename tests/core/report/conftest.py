"""A store filled by hand, and registries of made-up names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lsccli.core.captioners.base import CAPTIONERS, CaptionerSpec
from lsccli.core.methods.base import METHODS, MethodSpec
from lsccli.core.metrics.base import METRICS, MetricSpec
from lsccli.core.store.store import Store
from tests.core.report.stores import METHODS_FILLED, Maker, fast, fill


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = fast(Store(f"sqlite:///{tmp_path / 'lsc.sqlite'}"))
    yield made
    made.close()


@pytest.fixture
def maker(store: Store) -> Maker:
    return Maker(store)


@pytest.fixture
def filled(maker: Maker) -> None:
    """Twelve images times four methods."""
    fill(maker, 12, 9, METHODS_FILLED)


@pytest.fixture
def two_images(maker: Maker) -> tuple[int, int]:
    """`order` on two captions, of two words and of one."""
    first, second = maker.image("a"), maker.image("b")
    maker.send(first, "red dog")
    maker.score(first, {"": 0.9, "red": 0.5, "red dog": 0.3})
    maker.send(second, "sea")
    maker.score(second, {"": 0.7, "sea": 0.1})
    return first, second


@pytest.fixture
def duel(maker: Maker) -> None:
    """Twelve images: partBob sends the other word first, and does better by 0.1 to 0.2 after one word."""
    for number in range(12):
        image = maker.image(f"i{number}")
        maker.send(image, f"red dog{number}")
        maker.send(image, f"red dog{number}", method="partBob", importance="most", sent=[1, 0])
        maker.send(image, f"red dog{number}", method="allBob", sent=[1, 0])
        better = 0.5 - 0.1 - 0.1 * (number % 2)
        scores = {
            "": 0.9,
            "red": 0.5,
            f"dog{number}": better,
            f"red dog{number}": 0.3,
            f"dog{number} red": 0.3,
        }
        maker.score(image, scores)


def _run(item: object) -> list[int]:
    return []


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The registries, with names that the tests use."""
    methods = {
        name: MethodSpec(name=name, make=_run, importances=importances, simulates_bob=name == "allBob")
        for name, importances in (("order", ()), ("partBob", ("most", "least")), ("allBob", ()))
    }
    metrics = {
        name: MetricSpec(name=name, make=_run, better=better, best=0.0 if better == "lower" else None)
        for name, better in (("stlpips-alex", "lower"), ("psnr", "higher"))
    }
    captioners = {name: CaptionerSpec(name=name, make=_run) for name in ("blip", "clip", "dataset")}
    monkeypatch.setattr(METHODS, "all", lambda: methods)
    monkeypatch.setattr(METRICS, "all", lambda: metrics)
    monkeypatch.setattr(CAPTIONERS, "all", lambda: captioners)
