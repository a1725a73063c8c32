"""The judge of generations: a small CNN that reads place and all three subjects off a picture.

It is trained on drawn scenes only, blurred and made noisy so that it forgives texture, and never sees a
generation.

    python -m training.classifier --minutes 10
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training import common
from training.world import COLOURS, KINDS, PLACES, Scene

# Each head and its classes; a missing second or third subject is the last class of its two heads.
HEADS = {
    "place": len(PLACES), "first kind": len(KINDS), "first colour": len(COLOURS),
    "second kind": len(KINDS) + 1, "second colour": len(COLOURS) + 1,
    "third kind": len(KINDS) + 1, "third colour": len(COLOURS) + 1,
}  # fmt: skip
ORDINALS = ("first", "second", "third")


def truths(scenes: Sequence[Scene]) -> dict[str, Tensor]:
    """The class of each head for each scene, [B] each."""
    rows = []
    for scene in scenes:
        row = [PLACES.index(scene.place)]
        for i in range(len(ORDINALS)):
            there = scene.subjects[i] if i < len(scene.subjects) else None
            row.append(KINDS.index(there.kind) if there else len(KINDS))
            row.append(COLOURS.index(there.colour) if there else len(COLOURS))
        rows.append(row)
    return dict(zip(HEADS, torch.tensor(rows).T, strict=True))


def _block(inside: int, outside: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(inplace=True)
    )


class Classifier(nn.Module):
    """Pictures [B, 3, 64, 64] in [-1, 1] to logits of each head."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _block(3, 32, 2), _block(32, 64, 1), _block(64, 96, 2), _block(96, 96, 1),
            _block(96, 160, 2), _block(160, 160, 1), _block(160, 160, 1), _block(160, 192, 2),
        )  # fmt: skip
        # No pooling over positions: which subject is first is a matter of where it stands.
        self.read = nn.Sequential(
            nn.Flatten(), nn.Dropout(0.2), nn.Linear(192 * 16, 384), nn.ReLU(inplace=True)
        )
        self.heads = nn.Linear(384, sum(HEADS.values()))

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Logits [B, classes] of each head."""
        logits = self.heads(self.read(self.body(images)))
        return dict(zip(HEADS, logits.split(list(HEADS.values()), dim=1), strict=True))


def disturb(images: Tensor, generator: torch.Generator) -> Tensor:
    """The batch shifted by up to two pixels, a third blurred, a third made coarse, all a little noisy."""
    dx, dy = torch.randint(-2, 3, (2,), generator=generator).tolist()
    images = F.pad(images, (2, 2, 2, 2), mode="replicate")[..., 2 + dy : 66 + dy, 2 + dx : 66 + dx].clone()
    third = len(images) // 3
    blurred = F.avg_pool2d(F.pad(images[:third], (1, 1, 1, 1), mode="replicate"), 3, 1)
    coarse = F.interpolate(F.avg_pool2d(images[third : 2 * third], 2), scale_factor=2.0, mode="bilinear")
    images = torch.cat([blurred, coarse, images[2 * third :]])
    strength = 0.12 * torch.rand((len(images), 1, 1, 1), generator=generator)
    return images + strength * torch.randn(images.shape, generator=generator)


def shown(scenes: Sequence[Scene], head: str) -> Tensor:
    """The scenes that have the subject of a head, bool [B]; all of them for the place."""
    place = next((i for i, ordinal in enumerate(ORDINALS) if head.startswith(ordinal)), 0)
    return torch.tensor([len(scene.subjects) > place for scene in scenes])


@torch.no_grad()
def right(model: Classifier, images: Tensor, scenes: Sequence[Scene]) -> dict[str, Tensor]:
    """Per head whether the picture is read as the scene, bool [B]."""
    truth = truths(scenes)
    found = [{head: logits.argmax(1) for head, logits in model(p).items()} for p in images.split(100)]
    return {head: torch.cat([f[head] for f in found]) == truth[head] for head in HEADS}


def train(minutes: float, batch: int, seed: int) -> None:
    """Train within a budget of minutes, resuming from the checkpoint."""
    path = common.WORK / "classifier.pt"
    torch.manual_seed(seed)
    model = Classifier().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.02)
    spent, step = 0.0, 0
    if saved := common.load_checkpoint(path):
        model.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        spent, step = saved["spent"], saved["step"]
    bank = common.Bank()
    rng, noise = random.Random(seed + step), torch.Generator().manual_seed(seed + step)
    clock = common.Clock(minutes, spent)
    while clock.progress() < 1:
        scenes, images = bank.batch(rng, batch)
        truth = truths(scenes)
        for group in optimiser.param_groups:
            group["lr"] = clock.rate(2e-3)
        with common.autocast():
            out = model(disturb(images, noise).contiguous(memory_format=torch.channels_last))
        parts = [F.cross_entropy(out[h].float(), truth[h], label_smoothing=0.02) for h in HEADS]
        loss = torch.stack(parts).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        step += 1
        if step % 100 == 0:
            common.log(common.WORK / "classifier.jsonl", step=step, seconds=clock.seconds(), loss=loss.item())
    model.eval()
    scenes, images = common.scene_batch(random.Random(11), 600, "held_out")
    shares = {head: value.float().mean().item() for head, value in right(model, images, scenes).items()}
    common.log(common.WORK / "classifier.jsonl", **{k.replace(" ", "_"): v for k, v in shares.items()})
    common.save_checkpoint(
        path, model=model.state_dict(), optimiser=optimiser.state_dict(), step=step, spent=clock.seconds()
    )


def load() -> Classifier:
    """The trained classifier."""
    saved = common.load_checkpoint(common.WORK / "classifier.pt")
    if saved is None:
        raise FileNotFoundError(f"no classifier.pt in {common.WORK}: run python -m training.classifier")
    model = Classifier()
    model.load_state_dict(saved["model"])
    return model.eval().requires_grad_(False)


def main() -> None:
    """Read the options and train."""
    parser = common.options(__doc__)
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    common.claim_cores(options.threads)
    train(options.minutes, options.batch, options.seed)


if __name__ == "__main__":
    main()
