"""What a report is asked for, and which configurations answer."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lsccli.core.errors import LscError
from lsccli.core.methods.base import METHODS, MethodSpec
from lsccli.core.options import Settings, option
from lsccli.core.report.curves import load_curves
from lsccli.core.report.request import ReportRequest, completed
from lsccli.core.store.keys import Identity
from lsccli.core.store.selection import Selection
from tests.core.report.stores import ABSENT, ask


def test_only_receivers_of_the_profile_in_force_count(store, maker, two_images):
    maker.score(two_images[0], {"": 0.2, "red": 0.1, "red dog": 0.0}, profile="paper", steps=50)
    assert len(load_curves(store, ask()).curves) == 1
    paper = load_curves(store, ask(profile="paper"))
    assert list(paper.images) == [two_images[0]]
    settings = paper.curves[0].settings["receiver"]
    assert settings["steps"] == 50
    assert not load_curves(store, ask(profile="mine")).curves
    # A receiver that was first used under another profile counts when it is the very same.
    mine = load_curves(store, ask(profile="mine", receiver=lambda: settings))
    np.testing.assert_array_equal(mine.curves[0].scores, paper.curves[0].scores)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"methods": ("partBbo",)}, "Did you mean partBob"),
        ({"methods": ("partBob:never",)}, "choose one of most, least"),
        ({"methods": ("order:most",)}, "takes no --importance"),
        ({"metric": "nothing"}, "Unknown metric"),
        ({"captioner": "nobody"}, "Unknown captioner"),
        ({"limit": 0}, "at least 1"),
    ],
)
def test_wrong_names_are_one_clear_line(store, two_images, options, message):
    with pytest.raises(LscError, match=message):
        load_curves(store, ask(**options))


class Options(Settings):
    """Of a made-up method."""

    only_heads: bool = option(False, help="")
    penalty: float = option(0.5, born=0.0, help="")
    seed: int = option(0, help="", counts=True)
    workers: int = option(1, help="", runtime=True)


def test_an_option_that_a_row_is_too_old_for_has_the_value_it_was_born_with(monkeypatch):
    spec = MethodSpec(name="order", make=Options, settings={None: Options})
    monkeypatch.setattr(METHODS, "all", lambda: {"order": spec})
    old = {"method": "order", "importance": None, "options": {"only_heads": True}}
    assert completed("method", old)["options"] == {"only_heads": True, "penalty": 0.0}
    assert completed("method", {"method": "order"})["options"] == {"only_heads": False, "penalty": 0.0}
    assert completed("method", gone := {"method": "gone", "options": {"x": 1}}) == gone
    short = {"channel": "bsc", "ber": 0.1, "source_code": "ascii8"}
    full = completed("channel", short)
    assert {name: full[name] for name in short} == short
    assert (full["reorder"], full["decoder"]) == ("none", "raw")
    assert completed("channel", gone := {"channel": "pigeon", "wind": 3}) == gone
    assert completed("metric", {"metric": "psnr"}) == {"metric": "psnr", "fit": "squash"}
    assert completed("metric", {"metric": "psnr", "fit": "pad"})["fit"] == "pad"
    assert completed("captioner", old) == old


def test_two_rows_that_differ_only_by_an_option_at_its_birth_are_not_told_apart(store, maker, two_images):
    for image, words in zip(two_images, ("red dog", "sea"), strict=True):
        # One row made before `reorder` was an option, and over a noisier channel.
        maker.send(image, words, channel={"channel": "bsc", "ber": 0.1, "decoder": "raw", "seed": 0})
        short = {"channel": "bsc", "ber": 0.2, "decoder": "raw", "seed": 0, "reorder": ABSENT}
        maker.send(image, words, channel=short)
    labels = [curve.label for curve in load_curves(store, ask()).curves]
    assert not any("reorder" in label for label in labels)
    assert len(set(labels)) == 3


def test_a_request_takes_metric_and_receiver_of_the_profile():
    facts = Identity({"model": "sha256:11", "steps": 4, "seed": 100})
    profile: Any = SimpleNamespace(
        name="mine",
        need=lambda role: SimpleNamespace(name="PSNR"),
        identity=lambda role: facts,
        domain=None,
        roles={},
    )
    made = ReportRequest.of(profile, Selection(limit=3))
    assert (made.metric, made.profile, made.selection.limit) == ("psnr", "mine", 3)
    assert made.receiver is not None
    assert made.receiver() == {"model": "sha256:11", "steps": 4}
    assert ReportRequest.of(profile, Selection(), "stlpips-ALEX").metric == "stlpips-alex"
