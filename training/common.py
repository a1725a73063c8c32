"""What the trainers share: batches of scenes, a clock-driven schedule, averaged weights, checkpoints."""

from __future__ import annotations

import argparse
import contextlib
import copy
import json
import math
import os
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from training import bank
from training.world import Scene, Split, draw, sample_scene

BUNDLE = Path(
    os.environ.get("LSC_BUNDLE", Path(__file__).resolve().parent.parent / "lsccli" / "bundle" / "storybook")
)
# Checkpoints are large and die with the machine, so they live outside the repository.
WORK = Path(os.environ.get("LSC_TRAIN", Path.home() / "lsc-train"))


def to_tensor(images: list[Image.Image]) -> Tensor:
    """RGB pictures as floats [B, 3, H, W] in [-1, 1]."""
    return pixels(np.stack([np.asarray(image) for image in images]))


def pixels(array: np.ndarray) -> Tensor:
    """8-bit pictures [B, H, W, 3] as floats [B, 3, H, W] in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(array)).permute(0, 3, 1, 2).float() / 127.5 - 1


def to_images(pixels: Tensor) -> list[Image.Image]:
    """Floats [B, 3, H, W] in [-1, 1] as 8-bit RGB pictures."""
    array = ((pixels.float().clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
    return [Image.fromarray(a) for a in array]


def scenes(rng: random.Random, count: int, split: Split = "train") -> list[Scene]:
    """`count` scenes of a split."""
    return [sample_scene(rng, split) for _ in range(count)]


def scene_batch(rng: random.Random, count: int, split: Split = "train") -> tuple[list[Scene], Tensor]:
    """Scenes and their pictures [B, 3, 64, 64] in [-1, 1]."""
    chosen = scenes(rng, count, split)
    return chosen, to_tensor([draw(scene) for scene in chosen])


class Bank:
    """Training scenes drawn beforehand (`python -m training.bank`), in batches drawn with a generator."""

    def __init__(self, folder: Path | None = None) -> None:
        self.pictures, self.scenes = bank.load(folder or WORK / "bank")

    def batch(self, rng: random.Random, count: int) -> tuple[list[Scene], Tensor]:
        """Scenes and their pictures [B, 3, 64, 64] in [-1, 1]."""
        chosen = [rng.randrange(len(self.scenes)) for _ in range(count)]
        return [self.scenes[i] for i in chosen], pixels(self.pictures[chosen])


def quick() -> torch.dtype:
    """The type that this CPU trains in fastest: bfloat16 where it has AVX-512, else float32.

    Without it bfloat16 is imitated: convolutions take 5 times as long, products of matrices 35 times.
    """
    return torch.bfloat16 if "AVX512" in torch.backends.cpu.get_cpu_capability() else torch.float32


def autocast(enabled: bool = True) -> torch.autocast:
    """Computes in the quick type within; disabled where that is float32 anyhow."""
    return torch.autocast("cpu", torch.bfloat16, enabled=enabled and quick() is torch.bfloat16)


def claim_cores(threads: int, share: int = -18) -> None:
    """Compute with so many threads, and ask Linux for a larger share of the cores than other sessions get.

    On a busy machine one thread that is never interrupted beats two that wait for each other. A process that
    was started with `nice` asks for nothing.
    """
    torch.set_num_threads(threads)
    if os.nice(0) > 0:
        return
    with contextlib.suppress(OSError):
        Path(f"/proc/{os.getpid()}/autogroup").write_text(str(share))


@dataclass
class Clock:
    """Training time as the schedule: a budget in minutes, counted over restarts."""

    minutes: float
    spent: float = 0.0
    _start: float = field(default_factory=time.monotonic)

    def seconds(self) -> float:
        """Seconds trained so far, earlier runs included."""
        return self.spent + time.monotonic() - self._start

    def progress(self) -> float:
        """The share of the budget that is spent, 0 to 1."""
        return min(self.seconds() / (60 * self.minutes), 1.0)

    def rate(self, peak: float, warm: float = 0.02, floor: float = 0.01) -> float:
        """Learning rate: linear warm-up over `warm` of the budget, then half a cosine to floor * peak."""
        p = self.progress()
        if p < warm:
            return peak * (p / warm * 0.98 + 0.02)
        return peak * (floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * (p - warm) / (1 - warm))))


class Average:
    """Exponential moving average of a model's weights, fast at first."""

    def __init__(self, model: nn.Module, decay: float = 0.999) -> None:
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Move the average towards the model's weights after `step` steps."""
        keep = min(self.decay, (1 + step) / (10 + step))
        mine = list(self.model.parameters())
        theirs = [p.detach().to(m.dtype) for p, m in zip(model.parameters(), mine, strict=True)]
        torch._foreach_lerp_(mine, theirs, 1 - keep)


def save_checkpoint(path: Path, **state: Any) -> None:
    """Write a checkpoint whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, path.with_suffix(".tmp"))
    path.with_suffix(".tmp").rename(path)


def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """The checkpoint at `path`, or None."""
    return torch.load(path, map_location="cpu", weights_only=True) if path.exists() else None


def follow_threads() -> None:
    """Compute with as many threads as the file `threads` among the checkpoints says, if there is one.

    Long trainings look now and then, so that cores can be lent and given back while they run.
    """
    path = WORK / "threads"
    if path.exists() and (count := int(path.read_text())) != torch.get_num_threads():
        torch.set_num_threads(count)
        os.sched_setaffinity(0, range(count))


def options(description: str | None) -> argparse.ArgumentParser:
    """A parser that shows a module's docstring as it is written."""
    return argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def trainer_options(
    description: str | None, minutes: float, batch: int, rate: float
) -> argparse.ArgumentParser:
    """A parser with the options of the trainers that write their model into the bundle by themselves."""
    parser = options(description)
    parser.add_argument("--minutes", type=float, default=minutes, help="minutes of training")
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--rate", type=float, default=rate)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--export", action="store_true", help="only write the trained model into the bundle")
    parser.add_argument("--count", type=int, default=300, help="held-out scenes it is measured on then")
    return parser


def log(path: Path, **values: float | str) -> None:
    """Print one line of figures and append it to a JSON-lines file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = {k: round(v, 5) if isinstance(v, float) else v for k, v in values.items()}
    print(json.dumps(shown), flush=True)
    with path.open("a") as stream:
        stream.write(json.dumps(shown) + "\n")
