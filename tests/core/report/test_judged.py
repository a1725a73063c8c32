"""Verdicts over a table of differences."""

import numpy as np
import pytest

from lsccli.core.report.judged import judge


def verdicts(gaps, better="lower"):
    found, family = judge(gaps, [""] * gaps.shape[1], better)
    return [one.verdict for one in found], family


def test_no_verdict_where_so_few_images_can_give_none():
    for count, comparisons, told in (
        (7, 1, "too few"),
        (8, 1, "better"),
        (9, 19, "too few"),
        (10, 19, "better"),
    ):
        gaps = -1 - np.random.default_rng(1).random((count, comparisons)) / 10
        found, family = verdicts(gaps)
        assert set(found) == {told}
        assert (family.images, family.comparisons) == (count, comparisons)
        assert any("too few for a verdict" in line for line in family.lines(3)) == (told == "too few")
    assert verdicts(-np.ones((9, 19)))[1].needed == 10


def test_what_stays_unclear_is_called_nothing():
    gaps = np.array([[0.1, -1.0]] * 6 + [[-0.1, -1.1]] * 6)
    assert verdicts(gaps)[0] == ["", "better"]
    assert verdicts(gaps, "higher")[0] == ["", "worse"]


def test_equal_methods_are_called_different_in_one_table_of_twenty_at_most():
    # 19 methods that share the baseline, as in a report; skewed as distances are.
    tables, wrong = 300, dict.fromkeys((2, 8, 10, 24), 0)
    for count in wrong:
        random = np.random.default_rng(count)
        for _ in range(tables):
            scores = random.lognormal(0, 0.6, (count, 20))
            found, _ = verdicts(scores[:, 1:] - scores[:, :1])
            wrong[count] += bool({"better", "worse"} & set(found))
    limit = 0.05 + 3 * np.sqrt(0.05 * 0.95 / tables)
    assert {count: rate / tables for count, rate in wrong.items() if rate / tables > limit} == {}
    assert wrong[2] == wrong[8] == 0


def test_the_foot_says_what_so_many_images_can_show():
    gaps = np.random.default_rng(1).normal(0, 0.1, (12, 2))
    _, family = verdicts(gaps)
    low, middle, high = family.detectable
    assert low <= middle <= high
    assert family.lines(3) == [
        f"So many images show a difference of {middle:.3f} (over the rows: {low:.3f} to {high:.3f}) "
        "four times in five, beside the others."
    ]
    one = verdicts(gaps[:, :1])[1]
    assert one.lines(2) == [
        f"So many images show a difference of {one.detectable[1]:.2f} four times in five."
    ]
    assert len(verdicts(gaps[:2])[1].lines(3)) == 2
    assert verdicts(gaps[:1])[1].lines(3) == [
        "1 image: too few for a verdict on 2 differences, which takes at least 8."
    ]


def test_p_is_told_beside_what_holm_makes_of_it():
    gaps = np.random.default_rng(2).normal(0.2, 0.1, (8, 3))
    found, _ = judge(gaps, ["a", "b", "c"], "lower")
    assert [one.baseline for one in found] == ["a", "b", "c"]
    assert all(one.adjusted >= one.p for one in found)
    assert found[0].auc.mean == pytest.approx(gaps[:, 0].mean())
