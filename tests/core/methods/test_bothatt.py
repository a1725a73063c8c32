"""bothAtt against orders worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsccli.core.methods.base import METHODS, Item
from lsccli.core.methods.bothatt import soft_max

# All entries are logarithms of whole numbers, so that the soft-max gives fractions: entry / sum of entries.
# Alice's sum is 20, Bob's is 40.
ALICE = np.log([[1, 2, 3], [2, 1, 4], [3, 3, 1]])
BOB = np.log([[2, 8, 2], [4, 2, 6], [4, 10, 2]])
# Contribution, Alice: 0: (2+3+2+3)/20 = .50; 1: (2+4+2+3)/20 = .55; 2: (3+3+3+4)/20 = .65
#                Bob: 0: (8+2+4+4)/40 = .45; 1: (4+6+8+10)/40 = .70; 2: (4+10+2+6)/40 = .55
# Apart: .05, .15, .10
# Combination, Alice: 0-1 2/20 = .100, 0-2 3/20 = .150, 1-2 3.5/20 = .175
#                Bob: 0-1 6/40 = .150, 0-2 3/40 = .075, 1-2 8/40 = .200
# Apart: .050, .075, .025


def rank(alice, bob, importance="contribute"):
    words = tuple(f"w{number}" for number in range(len(alice)))
    facts = {"alice_attention": np.asarray(alice, float), "bob_attention": np.asarray(bob, float)}
    return METHODS.find("bothatt").make(Item(" ".join(words), words, importance, facts, {}))


@pytest.mark.parametrize(
    ("importance", "order", "scores"),
    [("contribute", (0, 2, 1), (0.05, 0.1, 0.15)), ("combination", (0, 1, 2), (0.05, 0.05, 0.025))],
)
def test_hand_worked_order(importance, order, scores):
    found = rank(ALICE, BOB, importance)
    assert found.order == order
    assert found.scores == pytest.approx(scores)


def test_the_soft_max_is_over_all_entries():
    shares = soft_max(ALICE)
    assert shares.sum() == pytest.approx(1.0)
    assert shares[1, 2] == pytest.approx(4 / 20)
    # Not row by row: rows have unequal shares.
    assert shares.sum(axis=1) == pytest.approx([6 / 20, 7 / 20, 7 / 20])
    assert soft_max(np.array([[1000.0, 1000.0 + math.log(3)], [1000.0, 1000.0]])).max() == pytest.approx(0.5)


@pytest.mark.parametrize("importance", ["contribute", "combination"])
def test_agreement_everywhere_leaves_caption_order(importance):
    assert rank(BOB, BOB, importance).order == (0, 1, 2)
    # A constant added to all of one matrix is no difference after the soft-max.
    assert rank(BOB + 2.0, BOB, importance).scores == pytest.approx((0.0, 0.0, 0.0))


def test_words_that_either_does_not_see_come_last_in_order():
    alice, bob = np.full((6, 6), np.nan), np.full((6, 6), np.nan)
    alice[:3, :3], bob[:3, :3] = ALICE, BOB
    bob[3, 3] = bob[3, :3] = bob[:3, 3] = 0.1
    with pytest.warns(UserWarning, match="of a caption's 6 words"):
        found = rank(alice, bob)
    assert found.order == (0, 2, 1, 3, 4, 5)
    assert found.scores[3:] == (None, None, None)


def test_the_first_importance_is_the_default():
    assert METHODS.find("bothAtt").default_importance == "contribute"


@pytest.mark.filterwarnings("ignore:The text model")
def test_short_captions():
    assert rank(np.zeros((0, 0)), np.zeros((0, 0))).order == ()
    assert rank([[0.3]], [[0.9]], "combination").order == (0,)
    assert rank([[np.nan]], [[0.9]]).order == (0,)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="shapes"):
        rank(ALICE, BOB[:2, :2])
    with pytest.raises(ValueError, match="importance"):
        rank(ALICE, BOB, "most")


@given(st.integers(0, 6), st.sampled_from(["contribute", "combination"]), st.integers(0, 999))
def test_every_ranking_is_a_permutation(count, importance, seed):
    random = np.random.default_rng(seed)
    order = rank(random.random((count, count)), random.random((count, count)), importance).order
    assert sorted(order) == list(range(count))
