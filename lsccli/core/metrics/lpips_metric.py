"""LPIPS, from its authors' package `lpips` with torchvision's backbones.

Source: R. Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric", CVPR 2018.
"""

from __future__ import annotations

import sys
import urllib.request
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from lsccli.core.errors import MissingModelError
from lsccli.core.metrics.base import metric, packaged_file, sha256_of
from lsccli.core.metrics.perceptual import Perceptual

if TYPE_CHECKING:
    from torch import Tensor

SOURCE = (
    'R. Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric", CVPR 2018 '
    "(package lpips, v0.1)"
)
HUB = "https://download.pytorch.org/models/"
PATIENCE = 10  # seconds until a server that does not answer counts as out of reach


class Lpips(Perceptual):
    """LPIPS v0.1; a subclass names the network.

    Two files make it: the linear weights, which come with the package, and the backbone trained on ImageNet,
    which torchvision keeps in its cache under a name that ends in the first eight digits of its SHA-256.
    """

    net: ClassVar[str]
    backbone: ClassVar[str]
    smallest: ClassVar[int]  # px: below it a pooling window finds no pixel

    def __init__(self, device: str) -> None:
        linear = packaged_file(f"lpips-{self.net}", "lpips", f"lpips/weights/v0.1/{self.net}.pth")
        fetch_backbone(f"lpips-{self.net}", self.backbone)
        import lpips

        with warnings.catch_warnings():
            # lpips asks torchvision for weights by an older name of the same option.
            warnings.simplefilter("ignore")
            model = lpips.LPIPS(net=self.net, version="0.1", model_path=str(linear), verbose=False)
        model = model.requires_grad_(False).to(device)
        self._net = model.net
        super().__init__(self._activations, [lin.model[-1].weight for lin in model.lins], self.smallest)

    @classmethod
    def identity(cls) -> dict[str, str]:
        """Package version, digest of the linear weights and name of the backbone, which has its digest in it.

        It is the same before the backbone is there and after.
        """
        linear = packaged_file(f"lpips-{cls.net}", "lpips", f"lpips/weights/v0.1/{cls.net}.pth")
        return {"lpips": version("lpips"), "weights": sha256_of(linear), "backbone": cls.backbone}

    def _activations(self, pixels: Tensor) -> list[Tensor]:
        # The network's inputs are normalised already: its own scaling layer is not part of `net`.
        return list(self._net(pixels))


def fetch_backbone(name: str, backbone: str) -> Path:
    """The backbone's file in torchvision's cache, downloaded where it is not there yet.

    Raises:
        MissingModelError: it cannot be downloaded, or the file there is not the one its name promises.
    """
    import torch

    path = Path(torch.hub.get_dir()) / "checkpoints" / backbone
    digest = path.stem.rpartition("-")[2]
    if not path.is_file():
        try:
            # torch's own download waits for a silent server as long as the system does: minutes.
            with urllib.request.urlopen(HUB + backbone, timeout=PATIENCE):
                pass
            path.parent.mkdir(parents=True, exist_ok=True)
            progress = sys.stderr.isatty()
            torch.hub.download_url_to_file(HUB + backbone, str(path), digest, progress=progress)
        except (OSError, RuntimeError) as error:
            reason = getattr(error, "reason", None) or error
            raise MissingModelError(
                f"Metric {name} needs {HUB}{backbone}, which cannot be downloaded here ({reason}). "
                f"Put that file at {path}, or choose --metric stlpips-alex, which needs no download."
            ) from error
    if not sha256_of(path).startswith(digest):
        raise MissingModelError(
            f"Metric {name}: {path} is damaged (its SHA-256 does not begin with {digest}). "
            "Delete it and try again."
        )
    return path


@metric("lpips-alex", summary="LPIPS, AlexNet", better="lower", best=0.0, source=SOURCE)
class LpipsAlex(Lpips):
    """LPIPS on AlexNet, the publication's metric."""

    net, backbone, smallest = "alex", "alexnet-owt-7be5be79.pth", 31


@metric("lpips-vgg", summary="LPIPS, VGG-16", better="lower", best=0.0, source=SOURCE)
class LpipsVgg(Lpips):
    """LPIPS on VGG-16."""

    net, backbone, smallest = "vgg", "vgg16-397923af.pth", 16


@metric("lpips-squeeze", summary="LPIPS, SqueezeNet 1.1", better="lower", best=0.0, source=SOURCE)
class LpipsSqueeze(Lpips):
    """LPIPS on SqueezeNet 1.1."""

    net, backbone, smallest = "squeeze", "squeezenet1_1-b8a52dc0.pth", 17
