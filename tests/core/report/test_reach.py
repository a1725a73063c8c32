"""Words and bits to a score: hand-worked, against a brute-force reading, and blind to what lies beyond."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from lsccli.core.errors import LscError
from lsccli.core.metrics.stop import Stop
from lsccli.core.report.curves import load_curves
from lsccli.core.report.document import reach_document
from lsccli.core.report.reach import build_reach, carried, first_reached
from tests.core.report.stores import ask

LOWER = Stop("stlpips-alex", 0.3)


def three_images(maker, *, whole: bool) -> list[int]:
    """One image that gets there at two of three words, one never, one with no word at all."""
    ids = [maker.image(name) for name in "abc"]
    for image, words in zip(ids, ("red dog sea", "two cats", "hat"), strict=True):
        maker.send(image, words)
    maker.score(ids[0], {"": 0.9, "red": 0.5, "red dog": 0.3})
    maker.score(ids[1], {"": 0.8, "two": 0.7, "two cats": 0.31})
    maker.score(ids[2], {"": 0.2})
    if whole:  # worse again, or drawn for nothing
        maker.score(ids[0], {"red dog sea": 0.9})
        maker.score(ids[2], {"hat": 0.1})
    return ids


def test_words_and_bits_to_a_score_by_hand(store, maker):
    three_images(maker, whole=False)
    made = build_reach(store, ask(), LOWER)
    (one,) = made.methods
    assert (made.set.longest, len(made.set.images), list(made.set.missing)) == (3, 3, [])
    assert (one.reached, one.replicates, one.label) == (2, 1, "order")
    # "red" and " dog" are 7 letters with the space; nothing was sent for the third image.
    assert one.words is not None
    assert one.bits is not None
    assert (one.words.mean, one.bits.mean) == (1.0, 28.0)
    assert one.never.mean == pytest.approx(1 / 3)
    assert one.restricted.mean == pytest.approx((2 + 3 + 0) / 3)
    # Two images, 1 ± 12.706 · 1 of one degree of freedom; no number of words is below 0.
    assert (one.words.low, one.words.high) == pytest.approx((0, 1 + 12.7062), abs=1e-3)
    # The second never gets there, and counts as the longest: all of "red dog sea".
    assert made.most == 8 * len("red dog sea")
    assert one.restricted_bits.mean == pytest.approx((8 * len("red dog") + made.most + 0) / 3)


def test_what_was_drawn_beyond_changes_nothing(store, maker, tmp_path):
    from lsccli.core.store.store import Store

    three_images(maker, whole=False)
    other = maker.faster(Store(f"sqlite:///{tmp_path / 'other' / 'lsc.sqlite'}"))
    three_images(other, whole=True)
    assert reach_document(build_reach(store, ask(), LOWER)) == reach_document(
        build_reach(other.store, ask(), LOWER)
    )
    assert load_curves(store, ask()).left_out == 2
    assert load_curves(other.store, ask()).left_out == 0
    other.store.close()


def test_higher_is_better_where_the_metric_says_so(store, maker):
    image = maker.image("a")
    maker.send(image, "red dog")
    maker.score(image, {"": 10.0, "red": 21.0, "red dog": 15.0}, metric="psnr")
    (one,) = build_reach(store, ask("psnr"), Stop("psnr", 20)).methods
    assert one.words is not None
    assert one.words.mean == 1
    (one,) = build_reach(store, ask("psnr"), Stop("psnr", 22)).methods
    assert (one.words, one.bits, one.never.mean, one.restricted.mean) == (None, None, 1.0, 2.0)


def test_trials_and_receiver_seeds_are_averaged_within_the_image(store, maker):
    first, second = maker.image("a"), maker.image("b")
    maker.send(first, "red dog", trial=0)
    maker.send(first, "red dog", trial=1, sent=[1, 0])
    maker.send(second, "sea", trial=0)
    maker.send(second, "sea", trial=1)
    for seed, final in ((100, 0.1), (101, 0.9)):
        maker.score(first, {"": 0.9, "red": 0.2, "dog": 0.8, "dog red": final}, seed=seed)
        maker.score(second, {"": 0.9, "sea": 0.9}, seed=seed)
    (one,) = build_reach(store, ask(), LOWER).methods
    # The first image: 1, 2, 1 words and once never; the second never.
    assert one.replicates == 4
    assert one.words is not None
    assert one.words.mean == pytest.approx(4 / 3)
    assert one.never.mean == pytest.approx((1 / 4 + 1) / 2)
    assert one.restricted.mean == pytest.approx(((1 + 2 + 1 + 2) / 4 + 2) / 2)


def test_an_image_that_may_still_get_there_is_left_out_and_named(store, maker):
    done, open_, gap = (maker.image(name) for name in "abc")
    for image in (done, open_, gap):
        maker.send(image, "red dog")
    maker.score(done, {"": 0.1})
    maker.score(open_, {"": 0.9, "red": 0.8})
    # Reached at two words, and nobody knows whether it was there at one.
    maker.score(gap, {"": 0.9, "red dog": 0.2})
    made = build_reach(store, ask(), LOWER)
    assert (len(made.set.images), made.set.left_out) == (1, 2)
    assert {missing.command for missing in made.set.missing} == {
        "lsc generate --stop-at 0.3 --metric stlpips-alex"
    }
    # All three have the same prompts, so all are drawn; two images' scores are not known.
    assert [(missing.what, missing.images) for missing in made.set.missing] == [("score", 2)]
    nothing = build_reach(store, ask(image_ids=(open_,)), LOWER)
    assert nothing.set.nothing is not None
    assert "lsc generate --stop-at 0.3" in nothing.set.nothing
    assert list(nothing.methods) == []


def test_steps_against_a_brute_force_reading():
    random = np.random.default_rng(5)
    for _ in range(200):
        lengths = random.integers(1, 6, 7)
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        order = random.permutation(7)  # transmissions do not come as their steps lie
        values = np.where(random.random(lengths.sum()) < 0.2, np.nan, random.random(lengths.sum()))
        owner = np.empty(lengths.sum(), np.int64)
        for place, number in enumerate(order):
            owner[starts[number] : starts[number] + lengths[number]] = place
        sent = SimpleNamespace(start=starts[order], last=lengths[order] - 1, owner=owner)
        first = first_reached(sent, values, LOWER)
        held = carried(sent, values, LOWER)
        for place, number in enumerate(order):
            own = values[starts[number] : starts[number] + lengths[number]]
            expected = next((k for k, value in enumerate(own) if value <= 0.3), -1)
            assert first[place] == expected
            after = held[starts[number] : starts[number] + lengths[number]]
            if expected >= 0:
                own = np.concatenate([own[: expected + 1], np.full(len(own) - expected - 1, own[expected])])
            np.testing.assert_array_equal(after, own)


@pytest.mark.parametrize("score", [float("nan"), float("inf"), float("-inf")])
def test_a_score_that_is_no_number_is_refused(score):
    with pytest.raises(LscError, match="finite number"):
        Stop("stlpips-alex", score)
