"""partBob against orders worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsccli.core.methods.base import METHODS, Item

# Contributions: 0: .1+.2+.3 + .2+.0+.1 = 0.9; 1: .2+.4+.1 + .1+.6+.0 = 1.4;
#                2: .0+.6+.5 + .2+.4+.3 = 2.0; 3: .1+.0+.3 + .3+.1+.5 = 1.3
# Combinations:  0-1 .15, 0-2 .10, 0-3 .20, 1-2 .50, 1-3 .05, 2-3 .40
ATTENTION = np.array(
    [
        [0.4, 0.1, 0.2, 0.3],
        [0.2, 0.3, 0.4, 0.1],
        [0.0, 0.6, 0.1, 0.5],
        [0.1, 0.0, 0.3, 0.6],
    ]
)


def rank(attention, importance="most", name="partBob"):
    words = tuple(f"w{number}" for number in range(len(attention)))
    facts = {"bob_attention": np.asarray(attention, dtype=np.float64)}
    return METHODS.find(name).make(Item(" ".join(words), words, importance, facts, {}))


@pytest.mark.parametrize(
    ("importance", "order", "scores"),
    [
        ("most", (2, 1, 0, 3), (2.0, 0.5, 0.15, 0.2)),  # from 1: 0 has .15, 3 has .05
        ("least", (2, 0, 1, 3), (2.0, 0.1, 0.15, 0.05)),  # from 0: 1 has .15, 3 has .20
        ("both", (2, 1, 3, 0), (2.0, 0.5, 0.05, 0.2)),  # highest from 2, then lowest from 1
    ],
)
def test_hand_worked_order(importance, order, scores):
    found = rank(ATTENTION, importance)
    assert found.order == order
    assert found.scores == pytest.approx(scores)


def test_both_alternates_beginning_with_the_highest():
    # Word 0 gives most; the combination of i and j is 0.1 |i - j| among the others.
    attention = np.array([[0.1 * abs(i - j) for j in range(5)] for i in range(5)])
    attention[0] += 1.0
    attention[:, 0] += 1.0
    # from 0 the highest is 4; from 4 the lowest is 3; from 3 the highest is 1; 2 is left
    assert rank(attention, "both").order == (0, 4, 3, 1, 2)


@pytest.mark.parametrize("importance", ["most", "least", "both"])
def test_ties_go_to_the_earlier_word(importance):
    assert rank(np.full((4, 4), 0.25), importance).order == (0, 1, 2, 3)


def test_a_words_attention_to_itself_does_not_count():
    attention = ATTENTION + np.diag([9.0, 0.0, 0.0, 0.0])
    assert rank(attention).order == rank(ATTENTION).order


def test_words_beyond_the_window_come_last_in_order():
    attention = np.full((7, 7), np.nan)
    attention[:4, :4] = ATTENTION
    with pytest.warns(UserWarning, match="4 of a caption's 7 words"):
        found = rank(attention)
    assert found.order == (2, 1, 0, 3, 4, 5, 6)
    assert found.scores[:4] == pytest.approx((2.0, 0.5, 0.15, 0.2))
    assert found.scores[4:] == (None, None, None)


@pytest.mark.filterwarnings("ignore:The text model")
def test_short_captions():
    assert rank(np.zeros((0, 0))).order == ()
    assert rank([[0.3]]).order == (0,)
    assert rank([[np.nan]]).order == (0,)


def test_clip_tx_is_the_same_on_other_captions():
    spec, twin = METHODS.find("partbob"), METHODS.find("partBob_clipTX")
    assert (spec.captioner, twin.captioner) == ("blip", "clip")
    assert spec.default_importance == twin.default_importance == "most"
    assert rank(ATTENTION, "least", "partBob_clipTX") == rank(ATTENTION, "least")


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="shape"):
        METHODS.find("partBob").make(Item("a b", ("a", "b"), "most", {"bob_attention": ATTENTION}, {}))
    with pytest.raises(ValueError, match="importance"):
        rank(ATTENTION, "some")


@given(st.integers(0, 8), st.integers(0, 3), st.sampled_from(["most", "least", "both"]), st.randoms())
@pytest.mark.filterwarnings("ignore:The text model")
def test_every_ranking_is_a_permutation_and_greedy(seen, unseen, importance, random):
    count = seen + unseen
    attention = np.full((count, count), np.nan)
    attention[:seen, :seen] = [
        [random.choice([0.0, 0.1, 0.2, 0.3]) for _ in range(seen)] for _ in range(seen)
    ]
    order = rank(attention, importance).order
    assert sorted(order) == list(range(count))
    assert order[seen:] == tuple(range(seen, count))
    if importance == "most":
        for k in range(1, seen):
            last = order[k - 1]
            rivals = [(attention[last, word] + attention[word, last]) / 2 for word in order[k:seen]]
            assert rivals[0] >= max(rivals) - 1e-12


@pytest.mark.parametrize("importance", ["most", "least", "both"])
def test_two_words_always_tie_whatever_the_last_bits(importance):
    # With two words both contributions are A[0, 1] + A[1, 0], however they are summed.
    generator = np.random.default_rng(0)
    for _ in range(500):
        attention = generator.random((2, 2)).astype(np.float32)
        assert rank(attention, importance).order == (0, 1)


def test_a_difference_in_the_seventh_digit_is_no_tie():
    attention = np.full((3, 3), 0.2)
    attention[1] += [1e-7, 0, 1e-7]
    assert rank(attention).order[0] == 1
    assert rank(attention[::-1, ::-1] - np.diag([0, 1e-12, 0])).order[0] == 1
