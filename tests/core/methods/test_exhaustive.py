"""exhaustive against all orders written out, and against the greedy search."""

import math
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsccli.core.methods.base import METHODS, Item
from tests.core.methods.test_allbob import search

OPTIONS = {"reorder": "none"}

# Greedy takes "dog" first (0.5 < 0.6), after which nothing is good; "red" opens the way to 0.1.
TRAP = {
    "red": 0.6, "dog": 0.5, "runs": 0.9,
    "red dog": 0.1, "red runs": 0.8, "dog red": 0.6, "dog runs": 0.6, "runs red": 0.9, "runs dog": 0.9,
    "red dog runs": 0.1, "red runs dog": 0.1, "dog red runs": 0.4, "dog runs red": 0.4,
    "runs red dog": 0.4, "runs dog red": 0.4,
}  # fmt: skip


def area(scores):
    return sum(scores) - scores[-1] / 2


def test_it_finds_what_greedy_walks_past():
    words = ["red", "dog", "runs"]
    found, rounds = search(words, TRAP.__getitem__, "exhaustive")
    assert (found.order, found.scores) == ((0, 1, 2), (0.6, 0.1, 0.1))
    greedy, _ = search(words, TRAP.__getitem__)
    assert greedy.order == (1, 0, 2)
    assert area(found.scores) == pytest.approx(0.75)
    assert area(greedy.scores) == pytest.approx(1.3)
    assert rounds[0] == words
    assert [len(each) for each in rounds] == [3, 6, 6]


def test_six_words_are_1956_prompts_and_seven_are_refused():
    spec = METHODS.find("exhaustive")
    assert [spec.tries(n) for n in (0, 1, 2, 3, 6)] == [0, 1, 4, 15, 1956]
    _, rounds = search("abcdef", lambda prompt: 0.5, "exhaustive")
    assert sum(map(len, rounds)) == 1956
    steps = spec.make(Item("a b c d e f g", tuple("abcdefg"), None, {}, OPTIONS))
    with pytest.raises(ValueError, match="7 words"):
        next(steps)


def test_where_bob_puts_back_each_subset_is_drawn_once_in_caption_order():
    found, rounds = search(
        "abcd", lambda prompt: -len(prompt) * ("d" in prompt), "exhaustive", reorder="free"
    )
    assert [len(each) for each in rounds] == [4, 6, 4, 1]
    assert all(prompt == " ".join(sorted(prompt.split())) for each in rounds for prompt in each)
    assert found.order == (3, 0, 1, 2)


def test_ties_to_nine_digits_go_to_the_order_that_is_first():
    assert search("abc", lambda prompt: 0.3, "exhaustive")[0].order == (0, 1, 2)
    # 0.1 + 0.2 and 0.3 differ in the last bit.
    table = {"a": 0.1 + 0.2, "b": 0.3, "a b": 0.0, "b a": 0.0}
    assert search("ab", table.__getitem__, "exhaustive")[0].order == (0, 1)
    table["b"] = 0.3 - 1e-8
    assert search("ab", table.__getitem__, "exhaustive")[0].order == (1, 0)


def test_no_words_ask_nothing():
    found, rounds = search([], lambda prompt: 0.0, "exhaustive")
    assert (found.order, rounds) == ((), [])


@pytest.mark.parametrize("answers", [[0.1], [0.1, math.nan]])
def test_answers_that_do_not_fit_are_refused(answers):
    steps = METHODS.find("exhaustive").make(Item("a b", ("a", "b"), None, {}, OPTIONS))
    next(steps)
    with pytest.raises(ValueError, match="2 prompts"):
        steps.send(answers)


@given(
    st.lists(st.floats(0, 1), min_size=64, max_size=64), st.integers(0, 4), st.sampled_from(["none", "free"])
)
def test_no_order_is_better_nor_is_greedy(values, count, reorder):
    words = "wxyz"[:count]
    orders = [order for size in range(1, 5) for order in permutations("wxyz", size)]
    table = {" ".join(order): value for order, value in zip(orders, values, strict=True)}

    def prompts(order):
        heads = [order[: size + 1] for size in range(count)]
        return [" ".join(words[i] for i in (head if reorder == "none" else sorted(head))) for head in heads]

    found, _ = search(words, table.__getitem__, "exhaustive", reorder=reorder)
    assert sorted(found.order) == list(range(count))
    if count:
        areas = [area([table[p] for p in prompts(order)]) for order in permutations(range(count))]
        assert area(found.scores) == pytest.approx(min(areas), abs=2e-9)
        greedy, _ = search(words, table.__getitem__, reorder=reorder)
        assert area(found.scores) <= area(greedy.scores) + 2e-9
