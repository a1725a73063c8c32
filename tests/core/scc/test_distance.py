"""Distances to the rest of a vocabulary, against the definition."""

from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from lsccli.core.channel.vocabulary import shipped
from lsccli.core.scc.distance import Surroundings


@cache
def levenshtein(a: str, b: str) -> int:
    """The definition, by recursion."""
    if not a or not b:
        return len(a) + len(b)
    if a[0] == b[0]:
        return levenshtein(a[1:], b[1:])
    return 1 + min(levenshtein(a[1:], b), levenshtein(a, b[1:]), levenshtein(a[1:], b[1:]))


def test_by_hand() -> None:
    around = Surroundings(["kitten", "sitting", "cat", "bat"])
    assert around.nearest("kitten") == 3
    assert around.nearest("cat") == 1
    assert around.nearest("mitten") == 1
    assert Surroundings(["cat"]).nearest("cat") is None
    assert Surroundings([]).nearest("cat") is None
    assert Surroundings(["cat"]).nearest("") == 3


@given(st.lists(st.text("abc", max_size=6), max_size=6), st.text("abcd", max_size=6))
def test_is_the_least_distance_to_another_word(words: list[str], word: str) -> None:
    others = set(words) - {word}
    expected = min((levenshtein(word, other) for other in others), default=None)
    assert Surroundings(words).nearest(word) == expected


def test_over_bobs_vocabulary() -> None:
    words = shipped("storybook").words
    around = Surroundings(words)
    for word in words[:40]:
        assert around.nearest(word) == min(levenshtein(word, other) for other in words if other != word)
