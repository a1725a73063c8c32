"""What a report is asked for, and which configurations answer."""

import numpy as np
import pytest

from lsccli.core.errors import LscError
from lsccli.core.report.curves import load_curves
from tests.core.report.stores import ask


def test_only_receivers_of_the_profile_in_force_count(store, maker, two_images):
    maker.score(two_images[0], {"": 0.2, "red": 0.1, "red dog": 0.0}, profile="paper", steps=50)
    assert len(load_curves(store, ask()).curves) == 1
    paper = load_curves(store, ask(profile="paper"))
    assert list(paper.images) == [two_images[0]]
    settings = paper.curves[0].settings["receiver"]
    assert settings["steps"] == 50
    assert not load_curves(store, ask(profile="mine")).curves
    # A receiver that was first used under another profile counts when it is the very same.
    mine = load_curves(store, ask(profile="mine", receiver=lambda: settings))
    np.testing.assert_array_equal(mine.curves[0].scores, paper.curves[0].scores)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"methods": ("partBbo",)}, "Did you mean partBob"),
        ({"methods": ("partBob:never",)}, "choose one of most, least"),
        ({"methods": ("order:most",)}, "takes no --importance"),
        ({"metric": "nothing"}, "Unknown metric"),
        ({"captioner": "nobody"}, "Unknown captioner"),
        ({"captions": "some"}, "choose first or all"),
        ({"limit": 0}, "at least 1"),
    ],
)
def test_wrong_names_are_one_clear_line(store, two_images, options, message):
    with pytest.raises(LscError, match=message):
        load_curves(store, ask(**options))
