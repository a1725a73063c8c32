import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from lsccli.core.errors import LscError
from lsccli.core.metrics.base import METRICS, fitted, metric, sha256_of
from lsccli.core.registry.plugins import use_files

PLUGIN = """
from lsccli import check_pixels, metric

@metric("darkest", summary="least value of the other image", better="lower", best=0.0)
class Darkest:
    def __init__(self, device):
        pass

    def features(self, images):
        return [int(image.min()) for image in check_pixels(images)]

    def compare(self, originals, others):
        return [VALUE for _ in others]
"""


def test_fitted_keeps_the_whole_picture_and_averages_fine_detail():
    fine = np.zeros((64, 128, 3), np.uint8)
    fine[:, ::2] = 255  # stripes of one pixel: aliasing would leave black or white, averaging leaves grey
    small = fitted(Image.fromarray(fine), 16)
    assert small.shape == (16, 16, 3)
    assert small.dtype == np.uint8
    assert np.abs(small[:, 2:-2].astype(int) - 127).max() <= 8
    halves = np.zeros((40, 200, 3), np.uint8)
    halves[:, 100:] = (255, 0, 0)
    small = fitted(Image.fromarray(halves), 20)
    assert (small[:, :9] == 0).all()
    assert (small[:, 11:] == (255, 0, 0)).all()


def test_fitted_leaves_a_picture_of_that_size_alone(rng):
    image = rng.integers(0, 256, (24, 24, 3), np.uint8)
    assert (fitted(Image.fromarray(image), 24) == image).all()
    with pytest.raises(ValueError, match="0"):
        fitted(Image.fromarray(image), 0)


def test_a_picture_that_is_not_square_may_be_cropped_or_padded():
    wide = np.zeros((40, 120, 3), np.uint8)
    wide[:, :40], wide[:, 40:80], wide[:, 80:] = 50, 100, 200
    for middle in (wide, wide.transpose(1, 0, 2)):  # at its edges the filter sees the neighbours
        assert abs(fitted(Image.fromarray(middle), 20, "crop").astype(int) - 100).max() <= 10
    padded = fitted(Image.fromarray(wide), 60, "pad")
    assert (padded[:20] == 0).all()
    assert (padded[40:] == 0).all()
    assert (padded[22:38, [5, 30, 55], 0] == [50, 100, 200]).all()
    square = wide[:, :40]
    whole = [fitted(Image.fromarray(square), 16, fit) for fit in ("squash", "crop", "pad")]
    assert (whole[0] == whole[1]).all()
    assert (whole[0] == whole[2]).all()
    with pytest.raises(ValueError, match="'stretch'"):
        fitted(Image.fromarray(wide), 16, "stretch")


def test_identity_names_the_weights():
    def identity(name):
        return METRICS.find(name).identity()

    assert identity("PSNR") == {"version": 1}
    alex, vgg = identity("stlpips-alex"), identity("stlpips-vgg")
    assert len(alex["weights"]) == 64
    assert alex["weights"] != vgg["weights"]
    assert identity("lpips-alex")["backbone"] == "alexnet-owt-7be5be79.pth"
    assert identity("lpips-alex")["weights"] != identity("lpips-squeeze")["weights"]
    with pytest.raises(LscError, match="Did you mean ssim"):
        identity("sssim")


def test_digest_follows_the_file(tmp_path):
    file = tmp_path / "weights"
    file.write_bytes(b"")
    assert sha256_of(file) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    file.write_bytes(b"abc")
    assert sha256_of(file) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_identities_need_no_torch():
    code = (
        "import sys; from lsccli.core.metrics.base import METRICS\n"
        "[spec.identity() for spec in METRICS.all().values()]\n"
        "sys.exit(any(name in sys.modules for name in ('torch', 'lpips', 'torchvision', 'stlpips_pytorch')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_metric_says_what_it_is():
    known = METRICS.all()
    assert set(known) >= {"stlpips-alex", "lpips-alex", "lpips-vgg", "lpips-squeeze", "ssim", "psnr"}
    for spec in known.values():
        assert spec.summary
        assert spec.source
        assert spec.better == ("higher" if spec.name in ("ssim", "psnr") else "lower")
    with pytest.raises(ValueError, match="larger"):
        metric("mine", summary="", better="larger")


def test_a_file_adds_a_metric_and_an_edited_one_is_another(plug_in):
    plug_in(PLUGIN.replace("VALUE", "2.0"))
    first = METRICS.find("Darkest")
    loaded = first.make("cpu")
    assert loaded.compare([0], loaded.features(np.ones((1, 8, 8, 3), np.uint8))) == [2.0]
    assert list(METRICS.all())[-1] == "darkest"
    plug_in(PLUGIN.replace("VALUE", "3.0"))
    assert METRICS.find("darkest").identity() != first.identity()
    assert first.identity()["plugin"].startswith("sha256:")
    use_files([])
    assert "darkest" not in METRICS.all()
