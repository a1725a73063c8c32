"""allBob against exhaustive search and orders worked out by hand."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsccli.core.methods.base import METHODS, Item, method


def search(words, score, name="allBob", penalty=0.0, reorder="none"):
    """Run the search on a made-up Bob; the ranking and the prompts of each round."""
    words = tuple(words)
    options = {"penalty": penalty, "reorder": reorder}
    steps = METHODS.find(name).make(Item(" ".join(words), words, None, {}, options))
    rounds = []
    try:
        prompts = next(steps)
        while True:
            rounds.append(prompts)
            prompts = steps.send([score(prompt) for prompt in prompts])
    except StopIteration as stop:
        return stop.value, rounds


TABLE = {
    "red": 0.6, "dog": 0.5, "runs": 0.7,
    "dog red": 0.4, "dog runs": 0.3,
    "dog runs red": 0.1,
}  # fmt: skip


def test_hand_worked_search():
    found, rounds = search(["red", "dog", "runs"], TABLE.__getitem__)
    assert rounds == [["red", "dog", "runs"], ["dog red", "dog runs"], ["dog runs red"]]
    assert found.order == (1, 2, 0)
    assert found.scores == (0.5, 0.3, 0.1)


def test_the_penalty_counts_the_words_own_characters_and_stays_out_of_the_scores():
    scores = {"elephant": 0.30, "dog": 0.34, "dog elephant": 0.2, "elephant dog": 0.2}
    assert search(["elephant", "dog"], scores.__getitem__, penalty=0.007)[0].order == (0, 1)
    found, _ = search(["elephant", "dog"], scores.__getitem__, penalty=0.009)  # 0.372 against 0.367
    assert found.order == (1, 0)
    assert found.scores == (0.34, 0.2)


@pytest.mark.parametrize("reorder", ["free", "coded"])
def test_reordered_prompts_stand_in_caption_order(reorder):
    seen = []
    found, rounds = search(
        ["red", "dog", "runs"], lambda prompt: seen.append(prompt) or -len(seen), reorder=reorder
    )
    assert found.order == (2, 1, 0)
    assert rounds == [["red", "dog", "runs"], ["red runs", "dog runs"], ["red dog runs"]]


def test_ties_and_repeated_words_go_to_the_earlier_one():
    found, rounds = search(["a", "dog", "a"], lambda prompt: 1.0)
    assert found.order == (0, 1, 2)
    assert rounds[0] == ["a", "dog", "a"]  # a repeated word is two words
    assert rounds[1] == ["a dog", "a a"]


def test_no_words_ask_nothing():
    found, rounds = search([], lambda prompt: 0.0)
    assert (found.order, found.scores, rounds) == ((), (), [])


@pytest.mark.parametrize("answers", [[0.1], [0.1, 0.2, 0.3], [0.1, float("nan")]])
def test_answers_that_do_not_fit_are_refused(answers):
    options = {"penalty": 0.0, "reorder": "none"}
    steps = METHODS.find("allBob").make(Item("a b", ("a", "b"), None, {}, options))
    next(steps)
    with pytest.raises(ValueError, match="2 prompts"):
        steps.send(answers)


def test_it_simulates_bob_and_is_a_search():
    for name, captioner in (("allBob", "blip"), ("allBob_clipTX", "clip")):
        spec = METHODS.find(name)
        assert (spec.simulates_bob, spec.search, spec.captioner, spec.cost) == (
            True,
            True,
            captioner,
            "n(n+1)/2",
        )


@given(st.lists(st.floats(0, 1), min_size=15, max_size=15), st.sampled_from(["none", "free"]))
def test_three_words_against_exhaustive_search(values, reorder):
    # Of all six orders the greedy one is the least, prefix by prefix, in (score, position) order.
    words = ("x", "y", "z")
    prompts = [" ".join(order) for size in (1, 2, 3) for order in permutations(words, size)]
    table = dict(zip(prompts, values, strict=True))

    def trace(order):
        steps = []
        for size in (1, 2, 3):
            head = order[:size] if reorder == "none" else sorted(order[:size])
            steps.append((table[" ".join(words[word] for word in head)], order[size - 1]))
        return steps

    best = min(permutations(range(3)), key=trace)
    found, rounds = search(words, table.__getitem__, reorder=reorder)
    assert found.order == best
    assert list(found.scores) == [score for score, _ in trace(best)]
    assert sum(map(len, rounds)) == 3 * 4 // 2


@given(st.lists(st.sampled_from(["a", "dog", "runs"]), max_size=7), st.floats(0, 0.1))
def test_every_ranking_is_a_permutation(words, penalty):
    found, rounds = search(words, lambda prompt: sum(map(ord, prompt)) % 7 / 7, penalty=penalty)
    assert sorted(found.order) == list(range(len(words)))
    assert sum(map(len, rounds)) == len(words) * (len(words) + 1) // 2


def test_the_mark_is_understood_by_its_old_name(monkeypatch):
    METHODS.all()
    monkeypatch.setattr(METHODS, "_entries", dict(METHODS._entries))
    method("older", summary="a plug-in of 0.2", direction="any", oracle=True)(lambda item: [0])
    assert METHODS.find("older").simulates_bob
