"""The vision tower of the captioners and the matcher: a ViT trained on dense labels, which the world gives.

Every patch names the kind, colour, size and action of the subject it shows; the class token tells the facts
of the scene. The heads are thrown away; CLIP's picture tower starts from the same weights.

    python -m training.vision --minutes 20 --threads 1
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training import bank, common
from training.text_tower import facts_loss
from training.trainer import Losses, fit, trained
from training.truth import CLASSES, labels
from training.world import ACTIONS, COLOURS, KINDS, SIZES, Scene, draw

NAME = "vision"
WIDTH, LAYERS, HEADS = 192, 4, 6
PATCH = 8
PATCH_CLASSES = (len(KINDS) + 1, len(COLOURS) + 1, len(SIZES) + 1, len(ACTIONS) + 1)


def vision_config() -> dict[str, object]:
    """The vision half of the BLIP configurations."""
    return {
        "hidden_size": WIDTH, "intermediate_size": 4 * WIDTH, "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS, "image_size": 64, "patch_size": PATCH, "hidden_act": "gelu",
        "initializer_range": 0.02,
    }  # fmt: skip


def to_pixels(pictures: npt.NDArray[np.uint8]) -> Tensor:
    """uint8 [B, 64, 64, 3] to floats [B, 3, 64, 64] in [-1, 1], as the processors of the bundle do."""
    return torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1


def patch_labels(scene: Scene) -> npt.NDArray[np.int64]:
    """Kind, colour, size and action (0 none) shown by each patch, [64, 4]."""
    facts = labels([scene])[0, 2:].numpy().reshape(-1, 4)
    return np.vstack([facts, np.zeros((1, 4), dtype=np.int64)])[bank.patch_owner(scene)]


def told(scenes: list[Scene]) -> dict[str, npt.NDArray[np.uint8]]:
    """The labels of scenes: their facts, and those of their patches."""
    return {
        "facts": labels(scenes).numpy().astype(np.uint8),
        "patches": np.stack([patch_labels(s) for s in scenes]).astype(np.uint8),
    }


class Bank:
    """Pictures, scenes and labels; batches in the order of a generator."""

    def __init__(
        self,
        pictures: npt.NDArray[np.uint8],
        scenes: list[Scene],
        kept: Mapping[str, npt.NDArray[np.uint8]] | None = None,
    ) -> None:
        self.pictures, self.scenes = pictures, scenes
        kept = told(scenes) if kept is None else kept
        self.facts, self.patches = kept["facts"], kept["patches"]

    @classmethod
    def load(cls, folder: Path) -> Bank:
        """That of a bank's folder, which keeps the labels too."""
        pictures, scenes = bank.load(folder)
        cache = folder / "labels.npz"
        if not cache.exists():
            np.savez(cache, **told(scenes))
        return cls(pictures, scenes, np.load(cache))

    @classmethod
    def draw(cls, scenes: list[Scene]) -> Bank:
        """That of scenes, drawn now."""
        return cls(np.stack([np.array(draw(scene)) for scene in scenes]), scenes)

    def batch(self, rng: random.Random, size: int) -> tuple[list[int], Tensor, Tensor, Tensor]:
        """Indices, pixels [B, 3, 64, 64], facts [B, F], patch labels [B, 64, 4]."""
        where = rng.sample(range(len(self.scenes)), size)
        return where, *self.at(where)

    def at(self, where: list[int]) -> tuple[Tensor, Tensor, Tensor]:
        """Pixels, facts and patch labels at the indices."""
        return (
            to_pixels(self.pictures[where]),
            torch.from_numpy(self.facts[where]).long(),
            torch.from_numpy(self.patches[where]).long(),
        )


class DenseHeads(nn.Module):
    """Reads labels off the states [B, 1 + 64, width] of a vision tower."""

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        self.patch = nn.Linear(width, sum(PATCH_CLASSES))
        self.scene = nn.Linear(width, sum(CLASSES))

    def losses(self, states: Tensor, facts: Tensor, patches: Tensor) -> Losses:
        """Cross-entropies of the patch labels and of the scene's facts."""
        parts = self.patch(states[:, 1:]).float().split(list(PATCH_CLASSES), dim=-1)
        dense = [F.cross_entropy(p.flatten(0, 1), patches[..., i].flatten()) for i, p in enumerate(parts)]
        told = facts_loss(self.scene(states[:, 0]).float(), facts)
        return {"dense": torch.stack(dense).sum(), "facts": 2 * told}


class VisionTrainer(nn.Module):
    """The tower with its heads."""

    def __init__(self) -> None:
        super().__init__()
        from transformers import BlipVisionConfig
        from transformers.models.blip.modeling_blip import BlipVisionModel

        self.tower = BlipVisionModel(BlipVisionConfig(**vision_config()))
        self.heads = DenseHeads()

    def losses(self, source: Bank, rng: random.Random, batch: int) -> Losses:
        """Losses of one batch."""
        _, pixels, facts, patches = source.batch(rng, batch)
        with common.autocast():
            states = self.tower(pixel_values=pixels).last_hidden_state
            return self.heads.losses(states, facts, patches)


@torch.no_grad()
def measure(model: Any, held: Bank, count: int = 300) -> dict[str, float]:
    """On held-out scenes: place and all kinds and colours by the class token; kind and colour of patches that
    show a subject."""
    pixels, facts, patches = held.at(list(range(count)))
    states = model.tower(pixel_values=pixels).last_hidden_state
    parts = model.heads.scene(states[:, 0]).split(list(CLASSES), 1)
    right = [p.argmax(1) == facts[:, i] for i, p in enumerate(parts)]
    kind, colour, *_ = model.heads.patch(states[:, 1:]).split(list(PATCH_CLASSES), -1)
    shown = patches[..., 0] > 0
    return {
        "place": right[0].float().mean().item(),
        "kinds": (right[2] & right[6] & right[10]).float().mean().item(),
        "colours": (right[3] & right[7] & right[11]).float().mean().item(),
        "patch_kind": (kind.argmax(-1) == patches[..., 0])[shown].float().mean().item(),
        "patch_colour": (colour.argmax(-1) == patches[..., 1])[shown].float().mean().item(),
    }


def pretrained() -> nn.Module:
    """The trained vision tower (a BlipVisionModel)."""
    trainer: Any = trained(NAME, VisionTrainer())
    return trainer.tower  # type: ignore[no-any-return]


def train(minutes: float, batch: int, seed: int, rate: float) -> None:
    """Train and leave the checkpoint."""
    torch.manual_seed(seed)
    source, held = Bank.load(common.WORK / "bank"), Bank.load(common.WORK / "bank-held")
    model = VisionTrainer()
    fit(
        NAME, model, lambda rng: model.losses(source, rng, batch), minutes=minutes, seed=seed, rate=rate,
        measure=lambda m: measure(m, held),
    )  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    train(options.minutes, options.batch, options.seed, options.rate)
