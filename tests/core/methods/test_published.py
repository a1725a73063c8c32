"""The published scripts' rules against orders by hand, and against their sentences done literally."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsccli.core.methods.base import METHODS, Item

# Contributions 0.9, 1.4, 2.0, 1.3; in reverse 1.3, 2.0, 1.4, 0.9: the largest stands at place 1.
# Sums of both directions: 0-1 .3, 0-2 .2, 0-3 .4, 1-2 1.0, 1-3 .1, 2-3 .8
HEAD = np.array([[0.4, 0.1, 0.2, 0.3], [0.2, 0.3, 0.4, 0.1], [0.0, 0.6, 0.1, 0.5], [0.1, 0.0, 0.3, 0.6]])


def rank(name, importance, text, facts, **options):
    words = tuple(text.split())
    options = {"rule": "scripts", **options}
    return METHODS.find(name).make(Item(text, words, importance, facts, options))


def part_bob(head, importance="most", words=None):
    text = " ".join(f"w{number}" for number in range(len(head) if words is None else words))
    return rank("partBob", importance, text, {"bob_head": np.asarray(head, np.float64)})


@pytest.mark.parametrize(
    ("importance", "order", "scores"),
    [
        # from 1: 2; the last in the caption that was sent is 2, not the last one sent: from 2: 3; 0 is left
        ("most", (1, 2, 3, 0), (2.0, 1.0, 0.8, 0.4)),
        # from 1: 3 (.1); from 3: 0 (.4); from 3 again, which still stands last: 2
        ("least", (1, 3, 0, 2), (2.0, 0.1, 0.4, 0.8)),
        ("both", (1, 2, 3, 0), (2.0, 1.0, 0.8, 0.4)),
    ],
)
def test_part_bob_by_hand(importance, order, scores):
    found = part_bob(HEAD, importance)
    assert found.order == order
    assert found.scores == pytest.approx(scores)


@given(st.integers(1, 7), st.integers(0, 10**6))
def test_part_bob_both_is_most_and_all_are_permutations(count, seed):
    head = np.random.default_rng(seed).random((count, count))
    orders = {importance: part_bob(head, importance).order for importance in ("most", "least", "both")}
    assert orders["both"] == orders["most"]
    assert all(sorted(order) == list(range(count)) for order in orders.values())
    given = [head[i].sum() + head[:, i].sum() - 2 * head[i, i] for i in range(count)]
    if count > 2:  # two words are always a tie
        assert orders["least"][0] == orders["most"][0] == count - 1 - int(np.argmax(given))


@pytest.mark.parametrize("importance", ["most", "least", "both"])
def test_two_words_tie_whatever_the_last_bits(importance):
    generator = np.random.default_rng(0)
    for _ in range(300):
        head = np.tril(generator.random((2, 2)).astype(np.float32))
        assert part_bob(head, importance).order == (0, 1)


def test_of_equals_the_last_where_the_highest_is_taken_and_the_first_where_the_lowest_is():
    flat = np.full((4, 4), 0.25)
    assert part_bob(flat, "most").order == (0, 3, 2, 1)
    assert part_bob(flat, "least").order == (0, 1, 2, 3)


def test_tokens_are_indexed_as_words_and_where_that_fails_it_is_said():
    # Three words of four tokens: contributions of the first three in reverse are 2.0, 1.4, 0.9.
    with pytest.warns(UserWarning, match=r"stop.*'w0 w1 w2' \(4 tokens for 3 words\)"):
        found = part_bob(HEAD, "most", words=3)
    # from 0 token 3 has the most, .4, and is no word; among words 1 has it, then 2
    assert found.order == (0, 1, 2)
    with pytest.warns(UserWarning, match="4 tokens for 6 words"):
        assert part_bob(HEAD, "most", words=6).order[4:] == (4, 5)
    assert part_bob(np.zeros((0, 0))).order == ()


def both_att(alice, bob, importance, words):
    facts = {"alice_tokens": np.asarray(alice, np.float64), "bob_tokens": np.asarray(bob, np.float64)}
    return rank("bothAtt", importance, " ".join("w" * words), facts)


def literal(alice, bob, importance, words):
    """The sentences of the scripts one by one: squares of 50, flat soft-max, signed differences."""
    shares = []
    for small in (alice, bob):
        square = np.zeros((50, 50))
        square[: len(small), : len(small)] = small
        flat = np.exp(square.flatten() - np.max(square.flatten()))
        shares.append((flat / np.sum(flat)).reshape(50, 50))
    d = shares[0] - shares[1]
    sums = [np.sum(d[t, :]) + np.sum(d[:, t]) - 2 * d[t, t] for t in range(words)]
    order = [int(t) for t in np.argsort(sums)]
    if importance == "combination":
        order = order[:1]
        while len(order) < words:
            order.append(
                int(
                    np.argmin(
                        [99 if t in order else (d[t, order[-1]] + d[order[-1], t]) / 2 for t in range(words)]
                    )
                )
            )
    return tuple(order)


@given(
    st.sampled_from([1, 3, 4, 5, 6, 7]),  # two words are always a tie
    st.integers(0, 2),
    st.sampled_from(["contribute", "combination"]),
    st.integers(0, 10**6),
)
def test_both_att_is_what_the_scripts_compute(words, more, importance, seed):
    random = np.random.default_rng(seed)
    alice, bob = random.random((words + more, words + more)), np.tril(random.random((words, words)))
    found = both_att(alice, bob, importance, words)
    assert found.order == literal(alice, bob, importance, words)


def test_the_difference_is_signed():
    # Word 0 gives Bob far more than Alice: least of all, and so first, where the plain rule has it last.
    alice, bob = np.full((3, 3), 0.2), np.full((3, 3), 0.2)
    bob[0, 1:] = 0.9
    found = both_att(alice, bob, "contribute", 3)
    assert found.order[0] == 0
    assert found.scores[0] < 0
    plain = {"alice_attention": alice, "bob_attention": bob}
    words = ("w", "w", "w")
    assert METHODS.find("bothAtt").make(Item("w w w", words, "contribute", plain, {})).order[-1] == 0


def test_both_att_breaks_ties_by_place_and_says_where_tokens_are_not_words():
    assert both_att(np.eye(3), np.eye(3), "contribute", 3).order == (0, 1, 2)
    assert both_att(np.eye(3), np.eye(3), "combination", 3).order == (0, 1, 2)
    with pytest.warns(UserWarning, match="51 and 3 tokens for 3 words"):
        both_att(np.eye(51), np.eye(3), "contribute", 3)


CAPTION = "a brown dog is running on the grass with a dog"


def heads(governors, importance="heads", text=CAPTION, **more):
    facts = {"governors": tuple(governors), **more.pop("facts", {})}
    return rank("prompttune", importance, text, facts, **more)


def test_heads_are_words_by_spelling_and_repeats_in_a_row_are_one():
    found = heads(["running", "running", "grass"], text="a dog is running on grass")
    with pytest.warns(
        UserWarning, match="more than once"
    ):  # "running" comes again: the scripts send it twice
        again = heads(["running", "grass", "running"], text="a dog is running on grass")
    assert again.order == (3, 5, 0, 1, 2, 4)
    assert found.order == (3, 5, 0, 1, 2, 4)


@pytest.mark.filterwarnings("ignore:--rule scripts")
def test_a_governor_that_is_no_word_is_left_out_and_said_of_the_first():
    assert heads(["dog", "'s", "grass"], text="dog eats grass").order == (0, 2, 1)
    with pytest.warns(UserWarning, match="is no word of the caption"):
        assert heads(["man", "grass"], text="man's grass").order == (1, 0)
    with pytest.warns(UserWarning, match="there is none"):
        assert heads([], text="grass").order == (0,)


def test_a_word_spelled_like_a_head_is_no_rest():
    with pytest.warns(UserWarning, match="more than once"):
        found = heads(["dog", "running"])
    # The second "dog" is neither a head nor of the rest: there the scripts run out of words.
    assert found.order == (2, 4, 0, 1, 3, 5, 6, 7, 8, 9, 10)


def test_a_word_like_the_one_before_it_is_not_sent():
    found = heads(["dog"], text="a very very old dog")
    assert (found.order, found.stop) == ((4, 0, 1, 3), True)
    assert heads(["dog"], text="a very old dog", only_heads=True).order == (3,)


def test_heads_by_bob_follow_the_reversed_contributions():
    # In reverse 1.3, 2.0, 1.4, 0.9 for the places 0 to 3.
    found = heads(["w0", "w1", "w3"], "heads_partBob", "w0 w1 w2 w3", facts={"bob_head": HEAD})
    assert found.order == (1, 0, 3, 2)
    assert found.scores[:3] == pytest.approx((2.0, 1.3, 0.9))
    assert found.scores[3] is None


def test_shuffled_heads_are_followed_by_a_shuffled_rest():
    text = "a brown dog is running on the grass"
    facts = {"governors": ("dog", "running", "grass")}
    shuffled = METHODS.find("random").make(Item(text, tuple(text.split()), None, {}, {"seed": 1})).order
    found = rank("prompttune", "heads_random", text, facts, seed=1).order
    assert found[:3] == tuple(word for word in shuffled if word in (2, 4, 7))
    assert found[3:] == tuple(word for word in shuffled if word not in (2, 4, 7))


@pytest.mark.filterwarnings("ignore:--rule scripts")
@given(
    st.lists(st.sampled_from(["a", "dog", "runs", "#", "red"]), min_size=1, max_size=8),
    st.lists(st.sampled_from(["a", "dog", "runs", "cat"]), max_size=6),
    st.sampled_from(["heads", "heads_random", "heads_partBob"]),
    st.booleans(),
)
def test_nothing_is_sent_twice(words, governors, importance, only):
    head = np.tril(np.random.default_rng(len(words)).random((len(words), len(words))))
    found = heads(governors, importance, " ".join(words), facts={"bob_head": head}, only_heads=only, seed=0)
    assert len(set(found.order)) == len(found.order)
    kept = {n for n, word in enumerate(words) if n == 0 or word != words[n - 1]}
    assert set(found.order) <= kept
    if not only:
        assert set(found.order) == kept


def test_the_rule_changes_what_is_read():
    spec = METHODS.find("prompttune")
    assert spec.reads_of("heads_partBob", {"rule": "scripts"}) == ("governors", "bob_head")
    assert spec.reads_of("heads_partBob", {"attention": "causal-corrected"}) == (
        "heads",
        "bob_attention_corrected",
    )
    assert METHODS.find("bothAtt").reads_of("combination", {"rule": "scripts"}) == (
        "alice_tokens",
        "bob_tokens",
    )
    assert METHODS.find("partBob_clipTX").reads_of("most", {"rule": "scripts"}) == ("bob_head",)
    assert METHODS.find("partBob").reads_of("most") == ("bob_attention",)
