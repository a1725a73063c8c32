"""What is equal on paper is a tie under every rule that reads attention or maps, whatever the last bits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsccli.core.methods.base import METHODS, Item

# Each rule: method, importance, options, and the facts that are matrices (the others of n maps of 3 by 3).
RULES = [
    *(("partBob", importance, {}, ("bob_attention",)) for importance in ("most", "least", "both")),
    *(
        ("partBob", importance, {"rule": "scripts"}, ("bob_head",))
        for importance in ("most", "least", "both")
    ),
    ("partBob", "most", {"attention": "causal-corrected"}, ("bob_attention_corrected",)),
    *(
        ("bothAtt", importance, {}, ("alice_attention", "bob_attention"))
        for importance in ("contribute", "combination")
    ),
    *(
        ("bothAtt", importance, {"rule": "scripts"}, ("alice_tokens", "bob_tokens"))
        for importance in ("contribute", "combination")
    ),
    ("prompttune", "heads_partBob", {}, ("bob_attention",)),
    ("prompttune", "heads_partBob", {"rule": "scripts"}, ("bob_head",)),
    ("Alice", None, {}, ("alice_maps",)),
    ("bothcrossatt", None, {}, ("alice_maps", "bob_maps")),
]
NAMES = [f"{name}:{importance} {options}" for name, importance, options, _ in RULES]


def order(rule, values):
    name, importance, options, _ = rule
    words = tuple(f"w{number}" for number in range(len(next(iter(values.values())))))
    heads = {"heads": tuple(range(len(words))), "governors": words}
    item = Item(" ".join(words), words, importance, {**heads, **values}, options)
    return METHODS.find(name).make(item).order


def shape_of(fact, count):
    return (count, 3, 3) if fact.endswith("maps") else (count, count)


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
@given(st.integers(1, 6), st.integers(0, 10**6))
def test_the_last_bits_change_no_order(rule, count, seed):
    random = np.random.default_rng(seed)
    # So few values that sums of some are equal more often than not.
    plain = {fact: random.choice([0.1, 0.2, 0.3], shape_of(fact, count)) for fact in rule[-1]}
    noisy = {fact: value * (1 + random.uniform(-2e-15, 2e-15, value.shape)) for fact, value in plain.items()}
    assert order(rule, noisy) == order(rule, plain)


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
@given(st.integers(1, 6), st.integers(0, 10**6))
def test_every_order_is_a_permutation_and_equal_words_come_as_they_stand(rule, count, seed):
    random = np.random.default_rng(seed)
    values = {fact: random.random(shape_of(fact, count)) for fact in rule[-1]}
    assert sorted(order(rule, values)) == list(range(count))
    alike = {fact: np.full(shape_of(fact, count), 0.1) + 1e-17 * count for fact in rule[-1]}
    first = order(rule, alike)
    # By the scripts the highest of equals is the last: after the first word the others come in reverse.
    last = rule[2].get("rule") == "scripts" and (rule[0], rule[1]) in {
        ("partBob", "most"),
        ("partBob", "both"),
        ("prompttune", "heads_partBob"),
    }
    start = 1 if rule[0] == "partBob" else 0
    expected = (*range(start), *reversed(range(start, count))) if last else tuple(range(count))
    assert first == expected


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule[3][0].endswith(("attention", "corrected"))])
def test_two_words_are_a_tie_also_where_each_attends_to_itself(rule):
    random = np.random.default_rng(1)
    for _ in range(200):
        values = {}
        for fact in rule[3]:
            matrix = random.uniform(0.1, 1, (2, 2))
            matrix[0, 1] *= 1e-7
            matrix[1, 0] *= 1e-7
            values[fact] = matrix
        assert order(rule, values) == (0, 1)


def test_where_both_agree_rounding_is_no_disagreement():
    random = np.random.default_rng(2)
    for importance in ("contribute", "combination"):
        for _ in range(50):
            alice = random.random((5, 5))
            values = {"alice_attention": alice + 2.0, "bob_attention": alice}
            assert order(("bothAtt", importance, {}, ()), values) == (0, 1, 2, 3, 4)
