"""Which transmissions and scores of the store count."""

import time

import numpy as np

from lsccli.core.report.curves import load_curves
from lsccli.core.report.summary import build_report
from tests.core.report.stores import METHODS_FILLED, ask, by_image, fill


def test_of_an_edited_caption_the_text_in_force_counts(store, maker):
    image = maker.image("a")
    maker.send(image, "red dog", captioner="dataset")
    maker.score(image, {"": 0.9, "red": 0.5, "red dog": 0.3})
    maker.send(image, "sea", captioner="dataset", edition=2)
    maker.score(image, {"sea": 0.1})
    np.testing.assert_allclose(load_curves(store, ask()).curves[0].scores, [[0.9, 0.1]])


def test_the_data_set_s_first_caption_counts_unless_all_are_asked_for(store, maker):
    image = maker.image("a")
    maker.send(image, "red dog", captioner="dataset", position=0)
    maker.send(image, "hound", captioner="dataset", position=1)
    maker.score(image, {"": 0.8, "red": 0.5, "red dog": 0.3, "hound": 0.1})
    (first,) = load_curves(store, ask()).curves
    np.testing.assert_allclose(first.scores, [[0.8, 0.5, 0.3]])
    (both,) = load_curves(store, ask(all_captions=True)).curves
    np.testing.assert_allclose(both.scores, [[0.8, 0.3, 0.2]])
    assert both.words[0] == 1.5


def test_a_search_s_other_candidates_do_not_disturb(store, maker, two_images):
    maker.score(two_images[0], {"dog": 0.1, "dog red": 0.2, "never sent": 0.0})
    np.testing.assert_allclose(
        by_image(found := load_curves(store, ask()), found.curves[0], two_images)[0],
        [[0.9, 0.5, 0.3], [0.7, 0.1, 0.1]],
    )


def test_eight_thousand_steps_take_less_than_a_second(store, maker):
    steps = fill(maker, 160, 13, METHODS_FILLED)
    assert steps == 8000
    start = time.process_time()
    made = build_report(store, ask())
    assert time.process_time() - start < 1
    assert len(made.set.images) == 160
