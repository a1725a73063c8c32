import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from lsccli.core.errors import LscError
from lsccli.core.metrics.base import METRICS, metric, sha256_of, squash
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


def test_squash_keeps_the_whole_picture_and_averages_fine_detail():
    fine = np.zeros((64, 128, 3), np.uint8)
    fine[:, ::2] = 255  # stripes of one pixel: aliasing would leave black or white, averaging leaves grey
    small = squash(Image.fromarray(fine), 16)
    assert small.shape == (16, 16, 3)
    assert small.dtype == np.uint8
    assert np.abs(small[:, 2:-2].astype(int) - 127).max() <= 8
    halves = np.zeros((40, 200, 3), np.uint8)
    halves[:, 100:] = (255, 0, 0)
    small = squash(Image.fromarray(halves), 20)
    assert (small[:, :9] == 0).all()
    assert (small[:, 11:] == (255, 0, 0)).all()


def test_squash_leaves_a_picture_of_that_size_alone(rng):
    image = rng.integers(0, 256, (24, 24, 3), np.uint8)
    assert (squash(Image.fromarray(image), 24) == image).all()
    with pytest.raises(ValueError, match="0"):
        squash(Image.fromarray(image), 0)


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
