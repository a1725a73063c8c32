import numpy as np
import pytest
from skimage.metrics import structural_similarity

from lsccli.core.metrics.base import METRICS


def test_agrees_with_scikit_image(pictures, rng):
    ssim = METRICS.find("ssim").make("cpu")
    noisy = np.clip(pictures + rng.normal(0, 25, pictures.shape), 0, 255).astype(np.uint8)
    pairs = [
        (pictures, noisy),
        (pictures, np.roll(pictures, 1, axis=0)),
        (pictures[:, :40, :21], noisy[:, :40, :21]),
    ]
    for originals, others in pairs:
        ours = ssim.compare(ssim.features(originals), ssim.features(others))
        theirs = [
            structural_similarity(
                a,
                b,
                gaussian_weights=True,
                sigma=1.5,
                use_sample_covariance=False,
                channel_axis=2,
                data_range=255,
            )
            for a, b in zip(originals, others, strict=True)
        ]
        assert ours == pytest.approx(theirs, abs=1e-9)


def test_identical_is_one_and_black_on_white_follows_from_the_formula(pictures):
    ssim = METRICS.find("ssim").make("cpu")
    features = ssim.features(pictures)
    assert ssim.compare(features, features) == pytest.approx([1.0] * 5, abs=1e-12)
    black, white = np.zeros((1, 16, 16, 3), np.uint8), np.full((1, 16, 16, 3), 255, np.uint8)
    c1 = 2.55**2
    assert ssim.compare(ssim.features(black), ssim.features(white)) == pytest.approx([c1 / (255**2 + c1)])


def test_small_or_unequal_images_are_refused(pictures):
    ssim = METRICS.find("ssim").make("cpu")
    assert len(ssim.features(pictures[:, :11, :11])) == 5
    with pytest.raises(ValueError, match="at least 11 px on each side, not 64x10"):
        ssim.features(pictures[:, :10])
    with pytest.raises(ValueError, match="one size"):
        ssim.compare(ssim.features(pictures), ssim.features(pictures[:, :32]))
