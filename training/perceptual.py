"""ST-LPIPS with the shift-tolerant AlexNet, differentiable, with the weights of `stlpips-pytorch`.

A. Ghildyal, F. Liu, "Shift-tolerant Perceptual Similarity Metric", ECCV 2022. The package itself imports
IPython and torchsummary, which training does not need, so only its weight file is read.
"""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_CONVS = ("net.slice1.0", "net.slice2.5", "net.slice3.9", "net.slice4.11", "net.slice5.13")


def weight_file() -> Path:
    """The AlexNet weights inside the installed `stlpips-pytorch`."""
    for entry in metadata.files("stlpips-pytorch") or []:
        if entry.name == "alex_shift_tolerant.pth":
            return Path(str(entry.locate()))
    raise FileNotFoundError("stlpips-pytorch has no alex_shift_tolerant.pth: pip install stlpips-pytorch")


class StLpips(nn.Module):
    """Sum over five layers of the weighted squared distance of unit features, averaged over the picture."""

    def __init__(self) -> None:
        super().__init__()
        state = torch.load(weight_file(), map_location="cpu", weights_only=True)
        for i, name in enumerate(_CONVS):
            self.register_buffer(f"w{i}", state[f"{name}.weight"])
            self.register_buffer(f"b{i}", state[f"{name}.bias"])
            self.register_buffer(f"lin{i}", state[f"lin{i}.model.1.weight"])
        self.register_buffer("shift", state["scaling_layer.shift"])
        self.register_buffer("scale", state["scaling_layer.scale"])

    def features(self, images: Tensor) -> list[Tensor]:
        """Unit features of images [B, 3, H, W] in [-1, 1], one tensor a layer."""
        x = (images - self.shift) / self.scale
        x = F.relu(self._down(F.conv2d(x, self.w0, self.b0, padding=2)))
        out = [x]
        for i in (1, 2):
            x = self._down(F.max_pool2d(x, 3, 1))
            x = F.relu(F.conv2d(x, getattr(self, f"w{i}"), getattr(self, f"b{i}"), padding=3 - i))
            out.append(x)
        for i in (3, 4):
            x = F.relu(F.conv2d(x, getattr(self, f"w{i}"), getattr(self, f"b{i}"), padding=1))
            out.append(x)
        return [f / (f.float().pow(2).sum(1, keepdim=True) + 1e-10).sqrt().to(f.dtype) for f in out]

    def compare(self, a: list[Tensor], b: list[Tensor]) -> Tensor:
        """Distances [B] of two batches of features."""
        total = torch.zeros(max(len(a[0]), len(b[0])))
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            total = total + F.conv2d((x - y).pow(2), getattr(self, f"lin{i}")).float().mean((1, 2, 3))
        return total

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Distances [B] of two batches [B, 3, H, W] in [-1, 1]."""
        return self.compare(self.features(a), self.features(b))

    def _down(self, x: Tensor) -> Tensor:
        # The filter [1, 2, 1] x [1, 2, 1] / 16 is two averages of 2x2: faster on a CPU than a grouped one.
        return F.avg_pool2d(F.avg_pool2d(F.pad(x, (2, 2, 2, 2), mode="reflect"), 2, 1), 2, 2)


def at_size(images: Tensor, pixels: int) -> Tensor:
    """Images [B, 3, H, W] resized bilinearly with antialiasing to pixels x pixels."""
    return F.interpolate(images, (pixels, pixels), mode="bilinear", antialias=True, align_corners=False)
