"""Structural similarity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsccli.core.metrics.base import Pixels, check_pixels, metric

SOURCE = (
    'Z. Wang et al., "Image quality assessment: from error visibility to structural similarity", '
    "IEEE Transactions on Image Processing 13(4), 2004"
)
WINDOW, SIGMA = 11, 1.5  # px
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2

Plane = NDArray[np.float64]  # (H, W, 3)


@dataclass(frozen=True)
class Local:
    """An image with its local means and variances under the window, (H − 10, W − 10, 3)."""

    image: Pixels
    mean: Plane
    variance: Plane


class Ssim:
    """Mean of (2μ_xμ_y + C₁)(2σ_xy + C₂) / ((μ_x² + μ_y² + C₁)(σ_x² + σ_y² + C₂)); higher is more alike.

    Means, variances and covariance are those under a Gaussian window, 11×11, σ = 1.5 px; C₁ = (0.01·255)²,
    C₂ = (0.03·255)². The mean is over all windows that lie inside the picture and over R, G and B. Within
    [−1, 1], 1 for identical images.
    """

    def features(self, images: Pixels) -> list[Local]:
        """What one image of (B, H, W, 3) uint8 contributes by itself; ValueError below 11 px."""
        return [_local(image) for image in check_pixels(images, WINDOW)]

    def compare(self, originals: Sequence[Local], others: Sequence[Local]) -> list[float]:
        """The value of each pair."""
        return [_ssim(a, b) for a, b in zip(originals, others, strict=True)]


def _ssim(a: Local, b: Local) -> float:
    if a.image.shape != b.image.shape:
        raise ValueError(f"images must be of one size, not {a.image.shape} and {b.image.shape}")
    covariance = _blur(a.image.astype(float) * b.image) - a.mean * b.mean
    luminance = (2 * a.mean * b.mean + C1) / (a.mean**2 + b.mean**2 + C1)
    structure = (2 * covariance + C2) / (a.variance + b.variance + C2)
    return float(np.mean(luminance * structure))


def _local(image: Pixels) -> Local:
    plane = image.astype(float)
    mean = _blur(plane)
    return Local(image.copy(), mean, _blur(plane * plane) - mean * mean)


def _blur(plane: Plane) -> Plane:
    """The weighted mean under every window that fits, (H, W, 3) -> (H − 10, W − 10, 3)."""
    offsets = np.arange(WINDOW) - WINDOW // 2
    weights = np.exp(-(offsets**2) / (2 * SIGMA**2))
    weights /= weights.sum()
    for axis in (0, 1):
        length = plane.shape[axis] - WINDOW + 1
        shifted = [plane.take(range(i, i + length), axis=axis) for i in range(WINDOW)]
        plane = np.asarray(sum(weight * part for weight, part in zip(weights, shifted, strict=True)))
    return plane


@metric("ssim", summary="structural similarity", better="higher", best=1.0, smallest=WINDOW, source=SOURCE)
def load_ssim(device: str) -> Ssim:
    """SSIM, computed on the CPU whatever the device."""
    return Ssim()
