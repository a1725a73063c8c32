"""Alice and bothcrossatt against orders worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsccli.core.methods.base import METHODS, Item
from lsccli.core.methods.bothcrossatt import on_grid


def rank(name, **facts):
    count = len(next(iter(facts.values())))
    words = tuple(f"w{number}" for number in range(count))
    return METHODS.find(name).make(Item(" ".join(words), words, None, facts, {}))


def spots(*places, side=24):
    """One map per place: 1 there, 0 elsewhere; None is a word that the model does not see."""
    maps = np.zeros((len(places), side, side))
    for index, place in enumerate(places):
        if place is None:
            maps[index] = np.nan
        else:
            maps[index][place] = 1.0
    return maps


LEFT, RIGHT, TOP = np.s_[:, :12], np.s_[:, 12:], np.s_[:12, :]


def test_the_heaviest_map_goes_first():
    maps = np.array([[[1, 0], [0, 2]], [[0, 0], [9, 0]], [[2, 2], [2, 2]], [[3, 0], [0, 0]]], dtype=float)
    found = rank("alice", alice_maps=maps)
    assert found.order == (1, 2, 0, 3)  # masses 3, 9, 8, 3: of equals the earlier
    assert found.scores == pytest.approx((9, 8, 3, 3))


def test_words_without_a_map_go_last_in_order():
    maps = np.full((4, 2, 2), np.nan)
    maps[0], maps[1] = 1.0, 2.0
    with pytest.warns(UserWarning, match="2 of a caption's 4 words"):
        found = rank("Alice", alice_maps=maps)
    assert found.order == (1, 0, 2, 3)
    assert found.scores == (8.0, 4.0, None, None)


def test_maps_that_agree_go_first():
    # Alice and Bob: apart everywhere (1), on three quarters and a quarter (1/2), in agreement (0)
    alice = 7.0 * spots(LEFT, LEFT, TOP)
    bob = 0.1 + 3.0 * spots(RIGHT, TOP, TOP)
    found = rank("bothcrossatt", alice_maps=alice, bob_maps=bob)
    assert found.order == (2, 1, 0)
    assert found.scores == pytest.approx((0.0, 0.5, 1.0))


def test_each_map_is_scaled_and_a_constant_one_is_zero():
    scaled = on_grid(np.stack([spots(LEFT)[0] * 5 - 2, np.full((24, 24), 3.3)]))
    np.testing.assert_array_equal(scaled[0], spots(LEFT)[0])
    assert not scaled[1].any()
    # Rounding is no pattern.
    noise = 0.2 + 1e-12 * np.random.default_rng(0).random((1, 24, 24))
    assert not on_grid(noise).any()
    assert rank("bothcrossatt", alice_maps=spots(LEFT), bob_maps=np.ones((1, 24, 24))).scores == (0.5,)


def test_maps_of_another_size_come_onto_the_grid():
    small = on_grid(spots(np.s_[:, :4], side=8))
    assert small.shape == (1, 24, 24)
    assert np.abs(small - spots(LEFT)).mean() < 0.06
    assert on_grid(np.zeros((0, 1, 1))).shape == (0, 24, 24)


def test_words_that_either_does_not_see_go_last():
    with pytest.warns(UserWarning, match="1 of a caption's 3 words"):
        found = rank("bothcrossatt", alice_maps=spots(LEFT, LEFT, None), bob_maps=spots(None, LEFT, LEFT))
    assert found.order == (1, 0, 2)
    assert found.scores == (0.0, None, None)


def test_no_words():
    assert rank("Alice", alice_maps=np.zeros((0, 1, 1))).order == ()
    assert rank("bothcrossatt", alice_maps=np.zeros((0, 1, 1)), bob_maps=np.zeros((0, 24, 24))).order == ()


@given(st.integers(0, 6), st.integers(0, 99))
def test_every_ranking_is_a_permutation(count, seed):
    random = np.random.default_rng(seed)
    alice, bob = random.random((count, 8, 8)), random.random((count, 24, 24))
    assert sorted(rank("Alice", alice_maps=alice).order) == list(range(count))
    assert sorted(rank("bothcrossatt", alice_maps=alice, bob_maps=bob).order) == list(range(count))


def test_maps_of_another_caption_are_refused():
    words = ("a", "b")
    with pytest.raises(ValueError, match="maps of shape"):
        METHODS.find("Alice").make(Item("a b", words, None, {"alice_maps": np.zeros((3, 2, 2))}, {}))
