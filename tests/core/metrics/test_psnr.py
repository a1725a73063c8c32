import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio

from lsccli.core.metrics.base import METRICS


def test_agrees_with_scikit_image_and_with_a_closed_form(pictures, rng):
    psnr = METRICS.find("psnr").make("cpu")
    noisy = np.clip(pictures + rng.normal(0, 9, pictures.shape), 0, 255).astype(np.uint8)
    ours = psnr.compare(psnr.features(pictures), psnr.features(noisy))
    theirs = [peak_signal_noise_ratio(a, b, data_range=255) for a, b in zip(pictures, noisy, strict=True)]
    assert ours == pytest.approx(theirs, abs=1e-9)
    black, white = np.zeros((1, 4, 4, 3), np.uint8), np.full((1, 4, 4, 3), 255, np.uint8)
    assert psnr.compare(psnr.features(black), psnr.features(white)) == [0.0]
    assert psnr.compare(psnr.features(black), psnr.features(white // 10)) == pytest.approx(
        [20 * np.log10(255 / 25)]
    )


def test_identical_images_have_a_finite_value(pictures):
    psnr = METRICS.find("psnr").make("cpu")
    features = psnr.features(pictures)
    cap = 10 * np.log10(255**2 * 12)
    assert cap == pytest.approx(58.92, abs=0.01)
    assert psnr.compare(features, features) == pytest.approx([cap] * 5)
    nearly = pictures.copy()
    nearly[0, 0, 0, 0] ^= 1
    assert psnr.compare(features, psnr.features(nearly))[0] == pytest.approx(cap)


def test_what_is_no_batch_of_images_is_refused(pictures):
    psnr = METRICS.find("psnr").make("cpu")
    with pytest.raises(ValueError, match="uint8"):
        psnr.features(pictures[0])
    with pytest.raises(ValueError, match="float64"):
        psnr.features(pictures / 255)
    with pytest.raises(ValueError, match="one size"):
        psnr.compare(psnr.features(pictures), psnr.features(pictures[:, :32]))
    with pytest.raises(ValueError):
        psnr.compare(psnr.features(pictures), psnr.features(pictures[:2]))
