"""Curves on the same images, carried forward, and averaged within the image."""

from dataclasses import replace

import numpy as np
import sqlmodel

from lsccli.core.report.curves import load_curves
from lsccli.core.store.tables import Image
from tests.core.report.stores import ask, by_image


def test_scores_and_bits_are_carried_forward_to_the_longest_caption(store, two_images):
    found = load_curves(store, ask())
    (curve,) = found.curves
    assert (found.longest, found.better, found.nothing, list(found.missing)) == (2, "lower", None, [])
    scores, bits = by_image(found, curve, two_images)
    np.testing.assert_allclose(scores, [[0.9, 0.5, 0.3], [0.7, 0.1, 0.1]])
    # red: 3 letters; dog: a space and 3 letters; sea: 3 letters.
    np.testing.assert_array_equal(bits, [[0, 24, 56], [0, 24, 24]])
    assert sorted(curve.words) == [1, 2]
    assert (curve.method, curve.importance, curve.captioner, curve.label) == ("order", None, "blip", "order")
    assert curve.settings["receiver"]["steps"] == 4
    assert curve.settings["metric"] == {"metric": "stlpips-alex", "size": 64, "fit": "squash"}


def test_images_come_in_the_order_of_their_keys_not_of_their_making(store, maker):
    names = ["a", "b", "c", "d", "e"]
    ids = {}
    for name in names:
        ids[name] = maker.image(name)
        maker.send(ids[name], "sea")
        maker.score(ids[name], {"": 0.7, "sea": 0.1})
    with store.read() as session:
        keys = {image.id: image.key for image in session.exec(sqlmodel.select(Image))}
    ordered = sorted(ids.values(), key=keys.__getitem__)
    assert ordered != sorted(ordered)
    assert list(load_curves(store, ask()).images) == ordered
    assert list(load_curves(store, ask(image_ids=(ids["b"],))).images) == [ids["b"]]


def test_seeds_trials_and_captions_are_averaged_within_the_image(store, maker):
    first, second = maker.image("a"), maker.image("b")
    # Image a: two ranking seeds and two trials of one of them; image b once.
    maker.send(first, "red dog", seed=0)
    maker.send(first, "red dog", seed=1, sent=[1, 0])
    maker.send(first, "red dog", seed=1, trial=1, sent=[1, 0])
    maker.score(first, {"": 0.9, "red": 0.6, "dog": 0.3, "red dog": 0.2, "dog red": 0.5})
    maker.send(second, "sea")
    maker.score(second, {"": 0.8, "sea": 0.4})
    found = load_curves(store, ask())
    (curve,) = found.curves
    scores, _ = by_image(found, curve, [first, second])
    np.testing.assert_allclose(scores, [[0.9, (0.6 + 0.3 + 0.3) / 3, (0.2 + 0.5 + 0.5) / 3], [0.8, 0.4, 0.4]])
    assert sorted(curve.replicates) == [1, 3]


def test_receiver_seeds_are_averaged_within_the_image(store, maker, two_images):
    first, second = two_images
    maker.score(first, {"": 0.7, "red": 0.3, "red dog": 0.1}, seed=101)
    # Image b has the empty prompt only at the second seed: that seed is not used for it.
    maker.score(second, {"": 0.2}, seed=101)
    found = load_curves(store, ask())
    (curve,) = found.curves
    scores, bits = by_image(found, curve, two_images)
    np.testing.assert_allclose(scores, [[0.8, 0.4, 0.2], [0.7, 0.1, 0.1]])
    np.testing.assert_array_equal(bits, [[0, 24, 56], [0, 24, 24]])
    assert found.left_out == 0


def test_a_ranking_that_stops_early_is_carried_forward_over_the_whole_caption(store, maker):
    image = maker.image("a")
    maker.send(image, "a red dog runs", sent=[2])
    maker.score(image, {"": 0.8, "dog": 0.5})
    found = load_curves(store, ask())
    assert found.longest == 4
    np.testing.assert_allclose(found.curves[0].scores, [[0.8, 0.5, 0.5, 0.5, 0.5]])
    assert found.curves[0].words[0] == 1


def test_receivers_and_metrics_with_other_settings_make_separate_curves(store, maker, two_images):
    first, second = two_images
    for image, values in (
        (first, {"": 0.5, "red": 0.4, "red dog": 0.2}),
        (second, {"": 0.5, "sea": 0.2}),
    ):
        maker.score(image, values, steps=8)
    found = load_curves(store, ask())
    assert [curve.label for curve in found.curves] == ["order [steps=4]", "order [steps=8]"]
    maker.score(first, {"": 0.3, "red": 0.2, "red dog": 0.1}, size=128)
    labels = [curve.label for curve in load_curves(store, ask(strict=True)).curves]
    assert "order [steps=4, size=128]" in labels


def test_channels_make_separate_curves(store, maker, two_images):
    for image, words in zip(two_images, ("red dog", "sea"), strict=True):
        maker.send(image, words, channel={"reorder": "coded"})
    labels = [curve.label for curve in load_curves(store, ask()).curves]
    assert sorted(labels) == ["order [reorder=coded]", "order [reorder=none]"]


def test_a_receiver_that_completes_a_few_images_by_chance_does_not_shrink_the_comparison(store, maker):
    images = [maker.image(name) for name in "abcde"]
    for image in images:
        maker.send(image, "sea")
        maker.score(image, {"": 0.7, "sea": 0.1})
    # Another method was tried with eight steps on one image, and shares its prompts with `order`.
    maker.score(images[0], {"": 0.7, "sea": 0.1}, steps=8)
    found = load_curves(store, ask())
    assert [curve.label for curve in found.curves] == ["order"]
    assert len(found.images) == 5


def test_importance_and_captioner_ask(store, maker, two_images):
    for importance in ("most", "least"):
        maker.send(two_images[0], "red dog", method="partBob", importance=importance)
    maker.send(two_images[0], "red dog", captioner="clip")

    def labels(**options):
        return [(c.label, c.captioner) for c in load_curves(store, ask(**options)).curves]

    # As in `run`: without an importance the default one is meant.
    assert labels(methods=("partBob",)) == [("partBob:most", "blip")]
    both = ("partBob:most", "partBob:least")
    assert labels(methods=both) == [(name, "blip") for name in both]
    assert labels(methods=("partBob:LEAST",)) == [("partBob:least", "blip")]
    assert labels(captioner="CLIP") == [("order", "clip")]


def test_a_seed_that_only_a_search_is_whole_at_does_not_count(store, maker, two_images):
    first, second = two_images
    maker.send(first, "red dog", method="allBob", sent=[1, 0])
    maker.send(second, "sea", method="allBob")
    maker.score(first, {"dog": 0.4, "dog red": 0.1})
    before = load_curves(store, ask())
    maker.score(first, {"": 0.7, "dog": 0.0, "dog red": 0.0}, seed=101)
    maker.score(second, {"": 0.7, "sea": 0.0}, seed=101)
    found = load_curves(store, ask())
    assert found.receiver_seeds == [100]
    for one, other in zip(found.curves, before.curves, strict=True):
        np.testing.assert_array_equal(one.scores, other.scores)
    only = load_curves(store, replace(ask(), seeds=(101,)))
    assert only.receiver_seeds == [101]
    assert [curve.method for curve in only.curves] == ["allBob"]
