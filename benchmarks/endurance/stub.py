"""A Bob and a metric of no weights, so that `lsc` spends its time on what is tried: its store."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsccli.api import Receiver, check_pixels, metric, receiver

Pixels = NDArray[np.uint8]


@receiver("stub", summary="colours", serves=lambda folder: (folder / "stub.json").is_file())
class Stub(Receiver):
    """Paints a patch for each word, of a colour that the word alone decides."""

    def __init__(self, directory: Path, role: Any, device: str, dtype: str, batch_size: int) -> None:
        self.size = role.height, role.width

    def draw(self, prompts: Sequence[str], seed: int) -> Pixels:
        """(B, H, W, 3) uint8 RGB."""
        images = np.zeros((len(prompts), *self.size, 3), np.uint8)
        for image, prompt in zip(images, prompts, strict=True):
            for place, word in enumerate(prompt.split()):
                image[:, 2 * place : 2 * place + 2] = list(sha256(word.encode()).digest()[:3])
        return images


@metric("difference", summary="mean absolute difference", better="lower", best=0.0, source="closed form")
class Difference:
    """Mean absolute difference of 8-bit values, 0 to 255."""

    def __init__(self, device: str) -> None:
        """Computed on the CPU whatever the device."""

    def features(self, images: Pixels) -> list[NDArray[np.float64]]:
        """Each (H, W, 3) image of (B, H, W, 3) uint8, in float."""
        return list(check_pixels(images).astype(float))

    def compare(self, originals: Sequence[Any], others: Sequence[Any]) -> list[float]:
        """The value of each pair."""
        return [float(abs(a - b).mean()) for a, b in zip(originals, others, strict=True)]
