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
        ("a dog \u00ad runs", "a|dog|runs"),
        ("\u00adwall\u00adpaper\u00ad, \u200bred.\u00ad", "wall\u00adpaper|red"),
        ("\u2066a\u2069 \u061c\u180e dog\u2063 \u202eno\u202c \ufff9", "a|dog|no"),
        ("a \ufe0f \u034f \u3164 \u200d \u200c \U000e0001 \U000e0067 dog\u200d\u00ad", "a|dog"),
        ("\u00ad\ufe0f a \u200d\ufe0f", "a"),
        # The flag of Scotland; a family; a heart as a picture; the number sign of Arabic.
        (
            "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f!",
            "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        ),
        (
            "👩\u200d❤\ufe0f\u200d👨\u200d \u2764\ufe0f\u00ad \u0600",
            "👩\u200d❤\ufe0f\u200d👨|\u2764\ufe0f|\u0600",
        ),
        # Malayalam's chillu n and a Persian word keep the joiners that are seen.
        (
            "\u0d05\u0d35\u0d28\u0d4d\u200d \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645\u200c",
            "\u0d05\u0d35\u0d28\u0d4d\u200d|\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
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
