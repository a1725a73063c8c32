"""What is known of the words that were sent."""

import math
from typing import Any

import pytest

from lsccli.core.channel.settings import resolved
from lsccli.core.channel.vocabulary import Vocabulary, shipped
from lsccli.core.report.curves import load_curves
from lsccli.core.report.sent_words import SentWords, as_sent, guessed_right
from lsccli.core.store.store import Store
from tests.core.report.stores import Maker, ask

NOISY = {"channel": "bsc", "ber": 0.1, "decoder": "raw", "seed": 0}


def link(**options: Any) -> Any:
    return resolved(channel="bsc", ber=0.1, **options)


def test_frequencies_are_those_of_the_words_sent() -> None:
    sent = SentWords({"a": 2, "dog": 1, "cat": 1})
    # "a" is known by its length, and of three letters there are two, alike.
    told = as_sent(link(), sent)
    assert told.floor == pytest.approx(0.75)
    assert told.information == pytest.approx(0.5)
    assert as_sent(link(framing="fixed"), sent).floor == 0.5
    assert as_sent(link(framing="fixed"), sent).information == pytest.approx(1.5)


def test_what_guessing_reads_is_by_the_words_that_bob_knows() -> None:
    known = shipped("storybook")
    three = next(word for word in known.words if len(word) == 3)
    other = next(word for word in known.words if len(word) == 3 and word != three)
    sent = SentWords({"a": 3, three: 2, other: 4, "incomprehensible": 1})
    # A length that no word of his has tells all.
    assert guessed_right(link(), known, sent) == pytest.approx(0.6)
    assert known.words[0] == "a"
    assert guessed_right(link(framing="fixed"), known, sent) == pytest.approx(0.3)
    assert guessed_right(link(), Vocabulary({other: 2, three: 1}), sent) == pytest.approx(0.8)


def test_words_come_out_of_the_store(store: Store, maker: Maker) -> None:
    image = maker.image("a")
    maker.score(image, {"": 0.9, "dog": 0.5, "dog big": 0.1})
    maker.send(image, "dog big", channel=NOISY)
    maker.send(image, "dog big", channel=NOISY, trial=1)
    maker.send(image, "dog big")
    curves = {curve.settings["channel"]["channel"]: curve for curve in load_curves(store, ask()).curves}
    assert curves["bsc"].sent == SentWords({"dog": 2, "big": 2}, 4, 112.0, 1, 2)
    assert curves["ideal"].sent == SentWords()


def test_only_words_of_the_images_that_are_compared(store: Store, maker: Maker) -> None:
    first, second = maker.image("a"), maker.image("b")
    maker.score(first, {"": 0.9, "dog": 0.5})
    maker.send(first, "dog", channel=NOISY)
    maker.send(second, "big", channel=NOISY)  # never drawn
    (curve,) = load_curves(store, ask()).curves
    assert curve.sent.counts == {"dog": 1}


def test_transmissions_are_counted_once_however_often_they_were_drawn(store: Store, maker: Maker) -> None:
    image = maker.image("a")
    maker.send(image, "dog", channel=NOISY)
    for seed in (100, 101, 102):
        maker.score(image, {"": 0.9, "dog": 0.5}, seed=seed)
    (curve,) = load_curves(store, ask()).curves
    assert curve.replicates.tolist() == [3]
    assert curve.sent == SentWords({"dog": 1}, 1, 24.0, 1, 1)


def test_words_that_meet_the_same_noise_do_not_count_twice(store: Store, maker: Maker) -> None:
    image = maker.image("a")
    maker.score(image, {"": 0.9, "dog": 0.5, "dog big": 0.1})
    maker.send(image, "dog big", method="random", channel=NOISY)
    maker.send(image, "dog big", method="random", channel=NOISY, seed=1)
    maker.send(image, "dog big", method="random", channel=NOISY, trial=1)
    (curve,) = load_curves(store, ask()).curves
    assert (curve.sent.total, curve.sent.alike, curve.sent.together) == (6, 2, 4)
    assert curve.sent.independent(link()) == 3
    # One length that is read wrong spoils all that follows, but where each packet is answered.
    assert curve.sent.independent(link(framing="coded")) == 1.5
    assert curve.sent.independent(link(framing="coded", crc="crc6", arq=1)) == 3
    assert math.isclose(SentWords({"a": 5}).independent(link()), 5)
