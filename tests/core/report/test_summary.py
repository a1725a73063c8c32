import json

import numpy as np
import pytest

from lsccli.core.errors import LscError
from lsccli.core.report.selection import Selection
from lsccli.core.report.summary import as_dict, build_report, report_dict


def select(**options) -> Selection:
    return Selection(**{"metric": "stlpips-alex", "profile": "storybook", **options})


@pytest.fixture
def duel(maker):
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


def test_the_dictionary_is_what_was_agreed_on(store, duel):
    facts = report_dict(store, select())
    assert (facts["metric"], facts["better"], facts["images"]) == ("stlpips-alex", "lower", 12)
    order, part, oracle = facts["curves"]
    assert [curve["method"] for curve in facts["curves"]] == ["order", "partBob", "allBob"]
    assert (part["importance"], part["captioner"], part["images"]) == ("most", "blip", 12)
    assert (order["oracle"], oracle["oracle"]) == (False, True)
    # (0.9 / 2 + 0.5 + 0.3 / 2) / 2, and with (0.4 + 0.3) / 2 after the first word
    assert order["auc"] == pytest.approx(0.55)
    assert part["auc"] == pytest.approx((0.45 + 0.35 + 0.15) / 2)
    assert [point["words"] for point in part["points"]] == [0, 1, 2]
    assert [point["mean"] for point in part["points"]] == pytest.approx([0.9, 0.35, 0.3])
    # "dog0" has 4 letters, "dog10" and "dog11" have 5.
    assert part["points"][1]["bits"] == pytest.approx(8 * (10 * 4 + 2 * 5) / 12)
    assert all(point["low"] <= point["mean"] + 1e-12 for point in part["points"])
    assert all(point["mean"] <= point["high"] + 1e-12 for point in part["points"])
    assert part["points"][1]["low"] < 0.35 < part["points"][1]["high"]
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts


def test_differences_are_paired_and_their_direction_is_told(store, duel):
    order, part, _ = as_dict(build_report(store, select()))["curves"]
    assert order["difference"] is None
    # Per image the difference of AUCs is half of that after one word: -0.05 or -0.1.
    assert part["difference"]["auc"]["mean"] == pytest.approx(-0.075)
    assert -0.1 <= part["difference"]["auc"]["low"] < -0.075 < part["difference"]["auc"]["high"] <= -0.05
    assert (part["difference"]["clear"], part["difference"]["verdict"]) == (True, "better")
    assert part["difference"]["baseline"] == "order"
    # The oracle's curve is the very same: against it the interval is exactly nothing.
    against = as_dict(build_report(store, select(), "PARTBOB:most"))["curves"]
    assert against[2]["difference"]["auc"] == {"mean": 0.0, "low": 0.0, "high": 0.0}
    assert (against[2]["difference"]["clear"], against[2]["difference"]["verdict"]) == (False, "")
    assert against[0]["difference"]["verdict"] == "worse"


def test_where_higher_is_better_the_verdict_turns(store, maker):
    for number in range(5):
        image = maker.image(f"i{number}")
        for method, sent in (("order", [0, 1]), ("allBob", [1, 0])):
            maker.send(image, "red dog", method=method, sent=sent)
        scores = {"": 5.0, "red": 6.0, "dog": 9.0 + number, "red dog": 12.0, "dog red": 12.0}
        maker.score(image, scores, metric="psnr")
    report = build_report(store, select(metric="PSNR"))
    assert report.set.better == "higher"
    assert report.summaries[1].difference.verdict == "better"


def test_a_baseline_has_the_same_receiver_and_the_nearest_captions(store, maker):
    image = maker.image("a")
    for captioner in ("blip", "clip"):
        maker.send(image, f"{captioner} dog", captioner=captioner)
        maker.send(image, f"{captioner} dog", captioner=captioner, method="allBob", sent=[1, 0])
    words = ["", "blip", "clip", "dog", "blip dog", "clip dog", "dog blip", "dog clip"]
    for steps in (4, 8):
        values = {word: 0.1 * index / steps for index, word in enumerate(words)}
        maker.score(image, values, steps=steps)
    report = build_report(store, select())
    assert len(report.summaries) == 8
    orders = {
        (s.curve.captioner, s.curve.settings["receiver"]["steps"]): s
        for s in report.summaries
        if s.curve.method == "order"
    }
    for summary in report.summaries:
        base = orders[summary.curve.captioner, summary.curve.settings["receiver"]["steps"]]
        if summary is base:
            assert summary.difference is None
        else:
            assert summary.difference.auc.mean == pytest.approx(summary.auc.mean - base.auc.mean)
            assert summary.difference.verdict == ""  # a single image makes nothing clear


def test_a_baseline_that_is_not_there_is_one_clear_line(store, duel):
    with pytest.raises(LscError, match=r"no curve of partBob:least .* lsc run DATA --method partBob:least"):
        build_report(store, select(), "partBob:least")
    assert build_report(store, select(methods=("partBob",))).baseline is None


def test_nothing_makes_a_dictionary_too(store, maker):
    maker.image("a")
    facts = report_dict(store, select())
    assert facts["curves"] == []
    assert "lsc transmit" in facts["nothing"]


def test_the_report_does_not_depend_on_the_order_of_making(store, maker, tmp_path):
    from lsccli.core.store.store import Store

    other = Store(str(tmp_path / "other.sqlite"))
    for target, names in ((maker, "abcdef"), (maker.faster(other), "fdbeca")):
        for name in names:
            image = target.image(name)
            for seed in (0, 1) if names[0] == "a" else (1, 0):
                target.send(image, f"red dog{name}", seed=seed, sent=[seed, 1 - seed])
            values = np.random.default_rng(ord(name)).random(5)
            prompts = ["", "red", f"dog{name}", f"red dog{name}", f"dog{name} red"]
            target.score(image, dict(zip(prompts, map(float, values), strict=True)))
    assert json.dumps(report_dict(store, select())) == json.dumps(report_dict(other, select()))
    other.close()
