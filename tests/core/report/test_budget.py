"""Areas over words, bits and energy: worked by hand, and against a brute-force reading."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lsccli.core.errors import LscError
from lsccli.core.report.axes import Budget
from lsccli.core.report.budget import POINTS, Spending, word_areas
from lsccli.core.report.curves import load_curves
from lsccli.core.report.document import report_document
from lsccli.core.report.summary import build_report
from tests.core.report.stores import ask

START, LAST = np.array([0, 3]), np.array([2, 1])
# One transmission has spent 0, 10, 30 after its steps, the other 0, 20.
SPENT = np.array([0.0, 10, 30, 0, 20])
SCORES = np.array([0.9, 0.5, 0.1, 0.8, 0.4])


def judged(axis: str, **fixed: float):
    return replace(ask(), budget=Budget(axis, fixed))


@pytest.mark.parametrize(
    ("end", "areas"),
    [
        # 10 · 0.9 + 20 · 0.5 and 20 · 0.8 + 10 · 0.4 of 30
        (30, [19 / 30, 20 / 30]),
        # carried forward for 10 more
        (40, [(19 + 1) / 40, (20 + 4) / 40]),
        # cut: nothing that comes later counts
        (15, [(9 + 2.5) / 15, 0.8]),
        # nothing was spent
        (0, [0.9, 0.8]),
    ],
)
def test_a_score_holds_until_the_next_word_is_there(end, areas):
    assert Spending(SPENT, end).areas(SCORES, START, LAST) == pytest.approx(areas)
    assert Spending(SPENT, end).areas(SCORES, START[::-1], LAST[::-1]) == pytest.approx(areas[::-1])


def test_points_along_an_axis_are_the_steps_reached():
    own = Spending(SPENT, 40)
    found = own.along(SCORES, START, LAST)
    assert found.shape == (2, POINTS + 1)
    for row, (spent, scores) in enumerate([(SPENT[:3], SCORES[:3]), (SPENT[3:], SCORES[3:])]):
        assert found[row].tolist() == [scores[np.flatnonzero(spent <= at)[-1]] for at in own.grid]


def test_areas_and_points_against_each_other():
    random = np.random.default_rng(3)
    for _ in range(20):
        last = random.integers(0, 6, 5)
        start = np.concatenate([[0], np.cumsum(last + 1)[:-1]])
        steps = [np.concatenate([[0], np.cumsum(random.integers(0, 3, n))]) for n in last]
        spent, scores = np.concatenate(steps).astype(float), random.random(int((last + 1).sum()))
        own = Spending(spent, float(POINTS))  # a point per unit: each holds until the next
        assert own.areas(scores, start, last) == pytest.approx(own.along(scores, start, last)[:, :-1].mean(1))


def test_over_words_a_range_may_be_shorter_or_longer_than_the_captions():
    scores = np.array([[0.9, 0.5, 0.3]])
    assert word_areas(scores, 2) == pytest.approx([(0.45 + 0.5 + 0.15) / 2])
    assert word_areas(scores, 1) == pytest.approx([0.7])
    assert word_areas(scores, 10**12) == pytest.approx([0.3])
    assert word_areas(scores, 4) == pytest.approx([(0.45 + 0.5 + 0.3 + 0.3 + 0.15) / 4])


def test_long_words_first_are_dearer_over_bits_than_over_words(store, maker):
    for number in range(8):
        image = maker.image(f"i{number}")
        maker.send(image, "a elephant")
        maker.send(image, "a elephant", method="allBob", sent=[1, 0])
        maker.score(image, {"": 0.9, "a": 0.6, "elephant": 0.55, "a elephant": 0.3, "elephant a": 0.3})
    words, bits = (
        report_document(build_report(store, judged(axis)))["curves"][1]["difference"]
        for axis in ("words", "bits")
    )
    assert words["auc"]["mean"] == pytest.approx((0.55 - 0.6) / 2)
    # "a" costs 8 bits, "elephant" 64, the space between them 8: 80 in all.
    assert bits["auc"]["mean"] == pytest.approx((64 * 0.9 + 16 * 0.55 - 8 * 0.9 - 72 * 0.6) / 80)
    assert (words["verdict"], bits["verdict"]) == ("better", "worse")


def test_ranges_that_are_fixed_compare_between_reports(store, maker, two_images):
    whole = report_document(build_report(store, judged("bits", bits=100, words=4)))
    one = report_document(
        build_report(store, replace(judged("bits", bits=100, words=4), selection=ask(limit=1).selection))
    )
    assert whole["ends"] == one["ends"] == {"words": 4, "bits": 100.0}
    # "sea" costs 24 bits; "red" 24 and " dog" 32.
    first = (24 * 0.9 + 32 * 0.5 + 44 * 0.3) / 100
    second = (24 * 0.7 + 76 * 0.1) / 100
    assert whole["curves"][0]["auc"] == pytest.approx((first + second) / 2)
    assert one["curves"][0]["auc"] == pytest.approx(first)
    assert report_document(build_report(store, ask()))["ends"] == {"words": 2, "bits": 56.0}


AWGN = {"channel": "awgn", "modulation": "bpsk", "code": "none", "crc": "none", "decoder": "raw"}


def test_energy_weighs_symbols_by_their_es_n0(store, maker):
    image = maker.image("a")
    for point in (0.0, 10.0):
        maker.send(image, "red dog", channel={**AWGN, "ebn0_db": point})
    maker.score(image, {"": 0.9, "red": 0.5, "red dog": 0.3})
    curves = load_curves(store, judged("energy"))
    # 56 symbols in all, each at an Es/N0 of 1 or 10.
    assert curves.ends == pytest.approx({"words": 2, "bits": 56, "energy": 560})
    cheap, dear = (float(curve.areas["energy"][0]) for curve in curves.curves)
    assert cheap == pytest.approx((24 * 0.9 + 32 * 0.5 + 504 * 0.3) / 560)
    assert dear == pytest.approx((240 * 0.9 + 320 * 0.5) / 560)


def test_without_noise_there_is_no_energy_to_judge_by(store, two_images):
    with pytest.raises(LscError, match="--by energy compares curves over channels with an Es/N0"):
        load_curves(store, judged("energy"))
    assert "energy" not in load_curves(store, ask()).ends
    with pytest.raises(LscError, match="--to-energy ends the axis of energy"):
        load_curves(store, judged("bits", energy=5.0))
