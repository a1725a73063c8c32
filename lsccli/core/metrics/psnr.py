"""Peak signal-to-noise ratio."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lsccli.core.metrics.base import Pixels, check_pixels, metric

SOURCE = 'Q. Huynh-Thu and M. Ghanbari, "Scope of validity of PSNR", Electronics Letters 44(13), 2008'
# The mean square of rounding to 8 bits. Below it two pictures are one picture to 8-bit files, and without a
# floor a single perfect image would make the mean of a thousand infinite.
MSE_FLOOR = 1 / 12


class Psnr:
    """10 log₁₀(255² / max(MSE, 1/12)) dB, MSE over all pixels and channels; higher is more alike.

    The floor caps it at 58.92 dB, the value of identical images.
    """

    def features(self, images: Pixels) -> list[Pixels]:
        """Each (H, W, 3) image of (B, H, W, 3) uint8, as it is."""
        return [image.copy() for image in check_pixels(images)]

    def compare(self, originals: Sequence[Pixels], others: Sequence[Pixels]) -> list[float]:
        """The value of each pair in dB."""
        return [_psnr(a, b) for a, b in zip(originals, others, strict=True)]


def _psnr(a: Pixels, b: Pixels) -> float:
    if a.shape != b.shape:
        raise ValueError(f"images must be of one size, not {a.shape} and {b.shape}")
    difference = a.astype(np.int32) - b
    return 10 * math.log10(255**2 / max(float(np.mean(difference * difference)), MSE_FLOOR))


@metric(
    "psnr",
    summary="peak signal-to-noise ratio in dB",
    better="higher",
    best=10 * math.log10(255**2 / MSE_FLOOR),
    source=SOURCE,
)
def load_psnr(device: str) -> Psnr:
    """PSNR, computed on the CPU whatever the device."""
    return Psnr()
