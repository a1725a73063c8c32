"""What both ends of the channel share is learnt as it is said to be, by hand-made texts."""

import gzip
import random

import numpy as np

from lsccli.core.channel.source.lm import ALPHABET, WEIGHTS
from lsccli.core.channel.vocabulary import shipped
from training import lm, tables
from training.english import WORDS, chosen


def test_the_most_frequent_words_and_those_needed() -> None:
    lines = "".join(f"w{i} {(30_000 - i) * 100_000}\n" for i in range(20_000)) + "rare 5\n"
    found = chosen(lines, ["w3", "rare", "unheard"])
    assert len(found) == WORDS + 2
    assert list(found.items())[:2] == [("w0", 30_000), ("w1", 29_999)]
    assert list(found.items())[-2:] == [("rare", 1), ("unheard", 1)]


def test_english_is_stored_compactly() -> None:
    data = (tables.FOLDER / "english.txt.gz").read_bytes()
    assert len(data) < 100_000
    assert gzip.decompress(data).decode().splitlines()[0].split()[0] == "the"


def test_followers_by_hand() -> None:
    counts = lm.followers(["a dog", "a dog a"], ["a", "dog"])
    # a -> dog twice, dog -> a once; both captions begin with a.
    assert counts.tolist() == [[0, 2], [1, 0], [2, 0]]


def test_letters_by_hand() -> None:
    counts = lm.letters(["ab", "b"])
    at = {letter: place for place, letter in enumerate(ALPHABET)}
    assert counts.sum() == 5
    assert counts[at[""], at["a"]] == counts[at["a"], at["b"]] == counts[at[""], at["b"]] == 1
    assert counts[at["b"], at[""]] == 2


def test_the_shipped_tables_are_of_the_shipped_vocabulary() -> None:
    with np.load(tables.FOLDER / "lm.npz") as arrays:
        followers, letters = arrays["followers"], arrays["letters"]
    known = shipped("storybook")
    # Each use of a word begins a caption or follows a word.
    assert followers.sum(axis=0).tolist() == list(known.counts.values())
    assert (letters == lm.letters(list(known.words))).all()


def test_weights_share_one_and_heed_the_word_before() -> None:
    texts = tables.learn(600)
    found = lm.weights(texts, random.Random(0))
    assert sum(found) == sum(WEIGHTS) == 64
    assert min(found) >= 1
    assert max(abs(a - b) for a, b in zip(found, WEIGHTS, strict=True)) <= 4
