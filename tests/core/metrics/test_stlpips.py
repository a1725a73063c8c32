import sys
from types import SimpleNamespace

import numpy as np
import pytest

from lsccli.core.errors import MissingModelError
from lsccli.core.metrics import perceptual
from lsccli.core.metrics.base import METRICS

# Made by the publication's own code (package stlpips-pytorch 0.0.2) from the fixture `pictures`:
# each against the list in reverse, against itself one pixel to the right, and the first cropped to 45×61 px.
PUBLISHED = {
    "stlpips-alex": (
        [0.64537, 0.45842, 0.0, 0.45842, 0.64537],
        [0.00371, 0.00524, 0.00908, 0.00541, 0.0044],
        [0.62243, 0.4386, 0.0, 0.4386, 0.62243],
    ),
    "stlpips-vgg": (
        [0.58117, 0.5086, 0.0, 0.5086, 0.58117],
        [0.01261, 0.01383, 0.0317, 0.02132, 0.01417],
        [0.52893, 0.43455, 0.0, 0.43455, 0.52893],
    ),
}


@pytest.fixture(scope="module")
def alex():
    return METRICS.find("stlpips-alex").make("cpu")


@pytest.mark.parametrize("name", PUBLISHED)
def test_agrees_with_the_published_code(name, pictures):
    loaded = METRICS.find(name).make("cpu")

    def distance(a, b):
        return loaded.compare(loaded.features(a), loaded.features(b))

    reverse, shifted, cropped = PUBLISHED[name]
    assert distance(pictures, pictures[::-1]) == pytest.approx(reverse, abs=2e-5)
    assert distance(pictures, np.roll(pictures, 1, axis=2)) == pytest.approx(shifted, abs=2e-5)
    odd = pictures[:, :45, :61]
    assert distance(odd, odd[::-1]) == pytest.approx(cropped, abs=2e-5)
    assert "stlpips_pytorch" not in sys.modules


def test_the_weight_file_is_used_whole(alex):
    keys = {key for key in alex._tensors if key.startswith(("net.", "lin"))}
    numbered = {
        f"net.slice{number}.{index}"
        for number, index in [(1, 0), (1, 1), (2, 4), (2, 5), (3, 8), (3, 9), (4, 11), (5, 13)]
    }
    assert {key.rpartition(".")[0] for key in keys if key.startswith("net.")} == numbered


def test_values_do_not_depend_on_the_batch(alex, pictures, monkeypatch):
    together = alex.features(pictures)
    monkeypatch.setattr(perceptual, "CHUNK", 2 * 64 * 64)
    alone = [alex.features(pictures[i : i + 1])[0] for i in range(5)]
    assert alex.compare(together, alone) == pytest.approx([0] * 5, abs=1e-9)
    assert alex.compare(together, together[::-1]) == pytest.approx(alex.compare(alone, alone[::-1]), abs=1e-6)
    assert alex.compare(together, alex.features(pictures)) == pytest.approx([0] * 5, abs=1e-9)
    # An image kept for later must not hold the memory of its whole batch.
    assert together[0].untyped_storage().nbytes() == together[0].numel() * 4


def test_no_image_no_value_and_small_images_are_refused(alex, pictures):
    assert alex.compare(alex.features(pictures[:0]), []) == []
    assert len(alex.features(pictures[:, :21, :21])) == 5
    with pytest.raises(ValueError, match="at least 21 px"):
        alex.features(pictures[:, :20])
    with pytest.raises(ValueError):
        alex.compare(alex.features(pictures[:2]), alex.features(pictures[:1]))


@pytest.mark.parametrize("problem", ["no package", "no file"])
def test_missing_weights_are_named(problem, monkeypatch, tmp_path):
    from importlib import metadata

    def missing(package):
        if problem == "no package":
            raise metadata.PackageNotFoundError(package)
        return SimpleNamespace(locate_file=lambda path: tmp_path / path)

    monkeypatch.setattr(metadata, "distribution", missing)
    with pytest.raises(MissingModelError, match=r"stlpips-alex needs .*: pip install stlpips-pytorch"):
        METRICS.find("stlpips-alex").make("cpu")
    with pytest.raises(MissingModelError):
        METRICS.find("stlpips-alex").identity()
