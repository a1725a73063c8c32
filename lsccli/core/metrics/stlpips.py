"""Shift-tolerant LPIPS: a perceptual distance that a small shift of the picture hardly changes.

Source: A. Ghildyal and F. Liu, "Shift-tolerant Perceptual Similarity Metric", ECCV 2022 (arXiv 2207.13686).
Anti-aliased pooling: R. Zhang, "Making Convolutional Networks Shift-Invariant Again", ICML 2019.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from lsccli.core.metrics.base import metric, packaged_file, sha256_of
from lsccli.core.metrics.perceptual import Perceptual

if TYPE_CHECKING:
    from torch import Tensor

SOURCE = 'A. Ghildyal and F. Liu, "Shift-tolerant Perceptual Similarity Metric", ECCV 2022 (arXiv 2207.13686)'
# The weights of the distribution are read, its code is not run: it imports packages that it does not declare.
PACKAGE = "stlpips-pytorch"


class StLpips(Perceptual):
    """Perceptual distance over the five slices of an anti-aliased network; a subclass names the network.

    A slice is written as its modules in order: `convP` a convolution padded by P zeros, `poolK` a K×K
    maximum at every pixel, `blur` BlurPool (reflect-pad 2, [1 2 1]⊗[1 2 1]/16, every second pixel), `relu`.
    The weight file numbers the modules through all slices.
    """

    net: ClassVar[str]
    slices: ClassVar[tuple[str, ...]]
    smallest: ClassVar[int]  # px: below it a reflection would reach beyond the picture

    def __init__(self, device: str) -> None:
        import torch

        tensors: dict[str, Tensor] = torch.load(self.weights_file(), map_location="cpu", weights_only=True)
        self._tensors = {key: value.float().to(device) for key, value in tensors.items()}
        weights = [self._tensors[f"lin{i}.model.1.weight"] for i in range(len(self.slices))]
        super().__init__(self._activations, weights, self.smallest)

    @classmethod
    def weights_file(cls) -> Path:
        """The publication's weights, as installed."""
        path = f"stlpips_pytorch/weights/vST0.0/{cls.net}_shift_tolerant.pth"
        return packaged_file(f"stlpips-{cls.net}", PACKAGE, path)

    @classmethod
    def identity(cls) -> dict[str, str]:
        """The digest of the weights; see `lsccli.core.metrics.base.MetricSpec`."""
        return {"weights": sha256_of(cls.weights_file())}

    def _activations(self, pixels: Tensor) -> list[Tensor]:
        found, number = [], 0
        for slice_number, modules in enumerate(self.slices, start=1):
            for module in modules.split():
                pixels = self._apply(module, f"net.slice{slice_number}.{number}", pixels)
                number += 1
            found.append(pixels)
        return found

    def _apply(self, module: str, key: str, x: Tensor) -> Tensor:
        from torch.nn import functional

        f: Any = functional
        result: Tensor
        if module == "relu":
            result = f.relu(x)
        elif module == "blur":
            kernel = self._tensors[f"{key}.filt"]
            result = f.conv2d(f.pad(x, (2, 2, 2, 2), mode="reflect"), kernel, stride=2, groups=len(kernel))
        elif module.startswith("pool"):
            result = f.max_pool2d(x, kernel_size=int(module[4:]), stride=1)
        else:
            bias = self._tensors[f"{key}.bias"]
            result = f.conv2d(x, self._tensors[f"{key}.weight"], bias, padding=int(module[4:]))
        return result


@metric("stlpips-alex", summary="shift-tolerant LPIPS, AlexNet", better="lower", best=0.0, source=SOURCE)
class StLpipsAlex(StLpips):
    """ST-LPIPS on AlexNet, whose first convolution moves pixel by pixel and is blurred afterwards."""

    net = "alex"
    slices = ("conv2 blur relu", "pool3 blur conv2 relu", "pool3 blur conv1 relu", "conv1 relu", "conv1 relu")
    smallest = 21


@metric("stlpips-vgg", summary="shift-tolerant LPIPS, VGG-16", better="lower", best=0.0, source=SOURCE)
class StLpipsVgg(StLpips):
    """ST-LPIPS on VGG-16."""

    net = "vgg"
    slices = (
        "conv1 relu conv1 relu",
        "pool2 blur conv1 relu conv1 relu",
        "pool2 blur conv1 relu conv1 relu conv1 relu",
        "pool2 blur conv1 relu conv1 relu conv1 relu",
        "pool2 blur conv1 relu conv1 relu conv1 relu",
    )
    smallest = 18
