"""Words of a caption and their alignment, against examples read by eye."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsccli.core.text.words import Word, align, joined, split_words


@pytest.mark.parametrize(
    ("caption", "words"),
    [
        ("a brown dog is running on the grass", "a|brown|dog|is|running|on|the|grass"),
        ("A man's T-shirt .", "A|man's|T-shirt"),
        ('"Look!" she said, (twice) -- and left...', "Look|she|said|twice|and|left"),
        ("two dogs' toys", "two|dogs|toys"),
        ("a boy 🎉 smiles 👨‍👩‍👧 , 👍🏽 !", "a|boy|🎉|smiles|👨‍👩‍👧|👍🏽"),
        ("stop ‼️ now ‼ then #️⃣", "stop|‼️|now|then|#️⃣"),
        ("«Der Hund» läuft — weit…", "Der|Hund|läuft|weit"),
        ("\ufeffa\tdog\n\u00a0runs\u3000。", "a|dog|runs"),
        ("size 3.5 at 10:30", "size|3.5|at|10:30"),
        ("  ", ""),
        ("", ""),
        ("... - & !", ""),
    ],
)
def test_split_words(caption, words):
    assert [word.text for word in split_words(caption)] == (words.split("|") if words else [])


@given(st.text())
def test_offsets_point_at_the_words(caption):
    words = split_words(caption)
    for word in words:
        assert caption[word.start : word.end] == word.text
        assert word.text
        assert not any(character.isspace() for character in word.text)
    assert all(left.end < right.start for left, right in pairwise(words))


@given(st.text())
def test_splitting_again_changes_nothing(caption):
    words = [word.text for word in split_words(caption)]
    text, placed = joined(words)
    assert [word.text for word in split_words(text)] == words
    assert list(split_words(text)) == list(placed)


def test_joined():
    assert joined(["a", "red", "dog"]) == (
        "a red dog",
        (Word("a", 0, 1), Word("red", 2, 5), Word("dog", 6, 9)),
    )
    assert joined([]) == ("", ())


def test_align_gives_every_overlapping_span():
    # "a t-shirt!" read by a tokenizer as [CLS] a t - shirt ! [SEP]
    words = split_words("a t-shirt!")
    spans = [(0, 0), (0, 1), (2, 3), (3, 4), (4, 9), (9, 10), (0, 0)]
    assert align(words, spans) == [[1], [2, 3, 4]]


def test_align_when_one_span_covers_two_words_or_none_covers_a_word():
    words = split_words("new york city")
    assert align(words, [(0, 8)]) == [[0], [0], []]


def test_touching_is_not_overlapping():
    assert align(split_words("ab cd"), [(0, 2), (2, 3), (3, 5)]) == [[0], [2]]
