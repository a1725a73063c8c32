"""What ST-LPIPS and LPIPS share: a weighted distance between unit-length features of several layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from lsccli.core.metrics.base import Pixels, check_pixels

if TYPE_CHECKING:
    from torch import Tensor

# Pixels that pass through the network at once: 8 images at 256 px, about half a gigabyte of activations.
CHUNK = 2**19
# Of an image in [−1, 1], as the networks were trained.
SHIFT = (-0.030, -0.088, -0.188)
SCALE = (0.458, 0.448, 0.450)


class Perceptual:
    """d(x, y) = Σₗ 1/(HₗWₗ) Σ_hw Σ_c w_lc (x̂_lhwc − ŷ_lhwc)², x̂ being x's features of unit length over c.

    As no weight is negative, the feature of an image is the vector of all √(w_lc / HₗWₗ) x̂_lhwc, channels of
    weight 0 left out, and d is the squared Euclidean distance of two of them. Unitless, 0 for equal images.

    Source: R. Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric",
    CVPR 2018, equation 1.
    """

    def __init__(
        self, layers: Callable[[Tensor], Sequence[Tensor]], weights: Sequence[Tensor], smallest: int
    ) -> None:
        """`layers` maps (B, 3, H, W) normalised pixels to L activations, `weights` are L vectors (Cₗ,)."""
        if any(bool((weight < 0).any()) for weight in weights):
            raise ValueError("a weight of the distance is negative")
        self._layers = layers
        self._weights = [weight.flatten() for weight in weights]
        self._smallest = smallest

    def features(self, images: Pixels) -> list[Tensor]:
        """One vector (D,) float32 per image of (B, H, W, 3) uint8, on the metric's device."""
        check_pixels(images, self._smallest)
        chunk = max(1, CHUNK // (images.shape[1] * images.shape[2]))
        found: list[Tensor] = []
        for start in range(0, len(images), chunk):
            # Each image gets memory of its own, so that one kept does not keep its whole chunk.
            found += [row.clone() for row in self._vectors(images[start : start + chunk])]
        return found

    def compare(self, originals: Sequence[Tensor], others: Sequence[Tensor]) -> list[float]:
        """The distance of each pair; lower is more alike."""
        import torch

        pairs = [(a - b).square().sum() for a, b in zip(originals, others, strict=True)]
        return torch.stack(pairs).tolist() if pairs else []

    def _vectors(self, images: Pixels) -> Tensor:
        import torch

        device = self._weights[0].device
        with torch.inference_mode(), _full_precision():
            pixels = torch.from_numpy(np.array(images)).to(device).permute(0, 3, 1, 2).contiguous()
            shift = torch.tensor(SHIFT, device=device)[:, None, None]
            scale = torch.tensor(SCALE, device=device)[:, None, None]
            parts = []
            for layer, weight in zip(
                self._layers((pixels.float() / 127.5 - 1 - shift) / scale), self._weights, strict=True
            ):
                unit = layer / (layer.square().sum(dim=1, keepdim=True).sqrt() + 1e-10)
                used = weight > 0
                share = (weight[used] / (layer.shape[2] * layer.shape[3])).sqrt()
                parts.append((unit[:, used] * share[:, None, None]).flatten(1))
            return torch.cat(parts, dim=1)


@contextmanager
def _full_precision() -> Iterator[None]:
    """No TF32 in convolutions: a score must not depend on the kind of GPU beyond rounding."""
    import torch

    with torch.backends.cudnn.flags(enabled=torch.backends.cudnn.enabled, allow_tf32=False):
        yield
