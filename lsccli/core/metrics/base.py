"""The interface of a metric, and the picture that all metrics see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]  # (B, H, W, 3)


class Metric(Protocol):
    """A comparison of two images of one size, split so that an original is looked at only once."""

    def features(self, images: Pixels) -> Sequence[Any]:
        """Per image of (B, H, W, 3) uint8 RGB, whatever `compare` needs of it."""
        ...

    def compare(self, originals: Sequence[Any], others: Sequence[Any]) -> list[float]:
        """One value per pair of features."""
        ...
