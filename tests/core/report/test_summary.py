import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from lsccli.core.errors import LscError
from lsccli.core.report.axes import Budget
from lsccli.core.report.document import report_document
from lsccli.core.report.summary import build_report
from tests.core.report.stores import ask


def by_words(**more):
    return replace(ask(**more), budget=Budget("words"))


def test_differences_are_paired_and_their_direction_is_told(store, duel):
    order, part, _ = report_document(build_report(store, by_words()))["curves"]
    assert order["difference"] is None
    # Per image the difference of AUCs is half of that after one word: -0.05 or -0.1.
    assert part["difference"]["auc"]["mean"] == pytest.approx(-0.075)
    gaps = [-0.05, -0.1] * 6
    reach = stats.t.ppf(0.975, 11) * np.std(gaps, ddof=1) / 12**0.5
    assert part["difference"]["auc"]["low"] == pytest.approx(-0.075 - reach)
    assert part["difference"]["auc"]["high"] == pytest.approx(-0.075 + reach)
    # All twelve have the same sign, of 2^12; and there is a second difference in the table.
    assert part["difference"]["p"] == pytest.approx(2 / 2**12)
    assert part["difference"]["adjusted"] == pytest.approx(4 / 2**12)
    assert part["difference"]["baseline"] == "order"
    # The search's curve is the very same: against it the interval is exactly nothing.
    against = report_document(build_report(store, by_words(), "PARTBOB:most"))["curves"]
    assert against[2]["difference"]["auc"] == {"mean": 0.0, "low": 0.0, "high": 0.0}


def test_below_eight_images_there_is_no_verdict(store, maker):
    def told(baseline: str) -> list[tuple[bool, str]]:
        curves = report_document(build_report(store, ask(), baseline))["curves"]
        return [(c["difference"]["clear"], c["difference"]["verdict"]) for c in curves if c["difference"]]

    for number in range(8):
        image = maker.image(f"i{number}")
        for method, sent in (("order", [0, 1]), ("allBob", [1, 0]), ("Alice", [1, 0])):
            maker.send(image, "red dog", method=method, sent=sent)
        values = {"": 0.9, "red": 0.8, "dog": 0.5 + number / 100, "red dog": 0.3, "dog red": 0.3}
        maker.score(image, values)
        if number < 7:
            assert told("order") == [(False, "too few")] * 2
    assert told("order") == [(True, "better")] * 2
    assert told("allBob") == [(True, "worse"), (False, "")]


def test_where_higher_is_better_the_verdict_turns(store, maker):
    for number in range(8):
        image = maker.image(f"i{number}")
        for method, sent in (("order", [0, 1]), ("allBob", [1, 0])):
            maker.send(image, "red dog", method=method, sent=sent)
        scores = {"": 5.0, "red": 6.0, "dog": 9.0 + number, "red dog": 12.0, "dog red": 12.0}
        maker.score(image, scores, metric="psnr")
    report = build_report(store, ask(metric="PSNR"))
    assert report.set.better == "higher"
    assert report.summaries[1].difference.verdict == "better"


def test_a_baseline_has_the_same_receiver_and_the_same_captions(store, maker):
    image = maker.image("a")
    for captioner in ("blip", "clip"):
        maker.send(image, f"{captioner} dog", captioner=captioner)
        maker.send(image, f"{captioner} dog", captioner=captioner, method="allBob", sent=[1, 0])
    words = ["", "blip", "clip", "dog", "blip dog", "clip dog", "dog blip", "dog clip"]
    for steps in (4, 8):
        values = {word: 0.1 * index / steps for index, word in enumerate(words)}
        maker.score(image, values, steps=steps)
    report = build_report(store, ask())
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
            assert summary.difference.verdict == "too few"


def test_a_baseline_that_is_not_there_is_one_clear_line(store, duel):
    with pytest.raises(LscError, match=r"no curve of partBob:least .* lsc run DATA --method partBob:least"):
        build_report(store, ask(), "partBob:least")
    assert build_report(store, ask(methods=("partBob",))).baseline is None


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
    assert json.dumps(report_document(build_report(store, ask()))) == json.dumps(
        report_document(build_report(other, ask()))
    )
    other.close()


def test_other_captions_are_no_baseline_and_what_helps_is_said(store, maker):
    for number in range(8):
        image = maker.image(f"i{number}")
        maker.send(image, "red dog")
        maker.send(image, "a cat", captioner="clip", method="allBob", sent=[1, 0])
        maker.send(image, "red dog", method="partBob", channel={"channel": "bsc", "ber": 0.1})
        maker.score(image, {"": 0.9, "red": 0.8, "red dog": 0.5, "cat": 0.2, "cat a": 0.1})
    report = build_report(store, ask())
    order, far, other = report.summaries
    assert (order.is_baseline, far.is_baseline, other.is_baseline) == (True, False, False)
    assert [one.difference for one in report.summaries] == [None] * 3
    assert "no order on the captions of blip over the same channel" in report.unpaired[0]
    assert "lsc transmit --method order --captioner blip --channel bsc --ber 0.1" in report.unpaired[0]
    assert "lsc transmit --method order --captioner clip, then: lsc score" in report.unpaired[1]
    assert report_document(report)["unpaired"] == list(report.unpaired)


def test_a_baseline_that_may_be_several_curves_is_to_be_chosen(store, maker):
    image = maker.image("a")
    for rule in ("design", "scripts"):
        number = maker.config("method", method="partBob", importance="most", options={"rule": rule})
        sent = maker.send(image, "red dog", method="partBob", importance="most")
        with store.write() as session:
            from sqlalchemy import update

            from lsccli.core.store.tables import RankingRow, Transmission

            ranking = session.get(Transmission, sent).ranking_id
            session.execute(
                update(RankingRow)
                .where(RankingRow.id == ranking)
                .values(config_id=number, key=rule.encode().ljust(32, b"."))
            )
            session.execute(
                update(Transmission).where(Transmission.id == sent).values(key=rule.encode().ljust(32, b"-"))
            )
    maker.score(image, {"": 0.9, "red": 0.5, "red dog": 0.3})
    with pytest.raises(
        LscError, match=r"--baseline partBob:most may be each of partBob:most \[rule=design\], part"
    ):
        build_report(store, ask(), "partBob:most")


def test_intervals_stay_where_means_can_be(store, maker):
    for number, value in enumerate((0.0, 0.0, 0.9)):
        image = maker.image(f"i{number}")
        maker.send(image, "sea")
        maker.score(image, {"": 0.9, "sea": value})
    (one,) = build_report(store, ask()).summaries
    assert one.low[1] == 0.0
    assert one.high[1] > one.mean[1]
    assert one.auc.low >= 0


def test_a_long_axis_is_told_of(store, maker):
    from lsccli.core.report.tables import notes

    image = maker.image("a")
    maker.send(image, "sea")
    maker.send(image, "sea " * 5, method="allBob")
    maker.score(image, {"": 0.9, **{("sea " * k).strip(): 0.5 for k in range(1, 6)}})
    told = " ".join(notes(build_report(store, ask()), compare=True))
    assert "The bits axis is 6 times as long as what some curves spend" in told
    only = notes(build_report(store, ask(methods=("order",))), compare=True)
    assert "times as long" not in " ".join(only)
