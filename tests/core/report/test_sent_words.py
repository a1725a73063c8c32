"""What Bob knows of the words that were sent."""

import math

import pytest

from lsccli.core.channel.settings import resolved
from lsccli.core.channel.vocabulary import shipped
from lsccli.core.report.curves import load_curves
from lsccli.core.report.sent_words import SentWords, expected, helped
from lsccli.core.store.store import Store
from tests.core.report.stores import Maker, ask


def test_lengths_and_frequencies_are_known() -> None:
    known = shipped("storybook")
    ones = {word: share for word, share in zip(known.words, known.share, strict=True) if len(word) == 1}
    found, guessed = expected(resolved(channel="bsc", ber=0.1), SentWords({"a": 3, "dog": 1}))
    assert len(ones) == 1
    three = sorted((p for w, p in zip(known.words, known.share, strict=True) if len(w) == 3), reverse=True)
    # "a" is known by its length; of three letters, which one is guessed.
    assert found.floor == pytest.approx(3 / 4 + three[0] / sum(three) / 4)
    assert guessed == 0.25
    framed, guessed = expected(
        resolved(channel="bsc", ber=0.1, framing="fixed"), SentWords({"a": 3, "dog": 1})
    )
    assert (framed.floor, guessed) == (pytest.approx(known.share.max()), 0.25)


def test_a_length_that_no_word_has_tells_all() -> None:
    found, guessed = expected(resolved(channel="bsc", ber=0.1), SentWords({"incomprehensible": 2}))
    assert (found.floor, found.information, guessed) == (1.0, pytest.approx(0.0), 0.0)


def test_words_before_help_only_where_they_are_heeded() -> None:
    sent = SentWords({"red": 1, "ball": 1}, [("red", "ball")])
    assert helped(resolved(channel="bsc", ber=0.1, decoder="vocabulary"), sent) == 0
    language = helped(resolved(channel="bsc", ber=0.1, decoder="language"), sent)
    code = helped(resolved(channel="bsc", ber=0.1, source_code="lm", framing="fixed"), sent)
    assert 0 < language == code < math.log2(196)
    # With lengths of lm told for nothing, these as well: two of them, or one.
    assert helped(resolved(channel="bsc", ber=0.1, source_code="lm"), sent) - code in (0.0, 1.0)


def test_words_come_out_of_the_store(store: Store, maker: Maker) -> None:
    noisy = {"channel": "bsc", "ber": 0.1, "decoder": "raw", "seed": 0}
    image = maker.image("a")
    maker.score(image, {"": 0.9, "dog": 0.5, "dog big": 0.1})
    maker.send(image, "dog big", channel=noisy)
    maker.send(image, "dog big", channel=noisy, trial=1)
    maker.send(image, "dog big")
    curves = {curve.settings["channel"]["channel"]: curve for curve in load_curves(store, ask()).curves}
    assert curves["bsc"].sent == SentWords({"dog": 2, "big": 2}, [("dog", "big"), ("dog", "big")])
    assert curves["ideal"].sent == SentWords()
    assert curves["bsc"].right.tolist() == [2.0]
