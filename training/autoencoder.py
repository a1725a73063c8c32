"""The autoencoder of the receiver: AutoencoderTiny, 64x64x3 to 8x8x16 and back.

Loss: L1 + L1 of image gradients + ST-LPIPS, the last on the whole picture or on an enlarged crop, so that it is
matched to the metric at several sizes for the cost of one. Latents get noise, so that the decoder forgives what
a receiver leaves undone.

    python -m training.autoencoder --minutes 17
"""

from __future__ import annotations

import argparse
import random

import torch
from diffusers import AutoencoderTiny
from torch import Tensor

from training import common
from training.mixed import MixedPrecision
from training.perceptual import StLpips, at_size

WIDTH = 64
NOISE = 0.12


def make() -> AutoencoderTiny:
    """The untrained model, 2.4 M parameters; most of its depth is at low resolution, where it is cheap."""
    return AutoencoderTiny(
        encoder_block_out_channels=(WIDTH,) * 4,
        decoder_block_out_channels=(WIDTH,) * 4,
        latent_channels=16,
        num_encoder_blocks=(0, 2, 3, 4),
        num_decoder_blocks=(4, 3, 2, 1),
    )


def gradients(images: Tensor) -> tuple[Tensor, Tensor]:
    """Differences of neighbouring pixels of [B, 3, H, W], across and down."""
    return images[..., :, 1:] - images[..., :, :-1], images[..., 1:, :] - images[..., :-1, :]


def view(images: list[Tensor], rng: random.Random) -> list[Tensor]:
    """The same random window of each batch, enlarged to 64x64: the whole, a half or a quarter of the side."""
    side = rng.choices((64, 32, 16), (0.4, 0.4, 0.2))[0]
    x, y = rng.randint(0, 64 - side), rng.randint(0, 64 - side)
    return [at_size(image[..., y : y + side, x : x + side], 64) if side < 64 else image for image in images]


@torch.no_grad()
def measure(model: AutoencoderTiny, metric: StLpips, pixels: int = 256, count: int = 48) -> float:
    """Mean ST-LPIPS of reconstructions of held-out scenes at pixels x pixels."""
    _, truth = common.scene_batch(random.Random(7), count, "held_out")
    total = 0.0
    for part in truth.split(8):
        again = model.decode(model.encode(part).latents).sample.clamp(-1, 1)
        total += metric(at_size(part, pixels), at_size(again, pixels)).sum().item()
    return total / count


def train(minutes: float, batch: int, seed: int, rate: float, name: str) -> None:
    """Train within a budget of minutes, resuming from the checkpoint of the same name."""
    path = common.WORK / f"{name}.pt"
    torch.manual_seed(seed)
    model = make().to(memory_format=torch.channels_last)
    average = make().eval().requires_grad_(False)
    trainer = MixedPrecision(model, decay=0.997)
    clock, step = common.Clock(minutes), 0
    if saved := common.load_checkpoint(path):
        trainer.load(saved["trainer"])
        clock, step = common.Clock(minutes, saved["spent"]), saved["step"]
    metric = StLpips().requires_grad_(False)
    bank = common.Bank()
    rng, noise = random.Random(seed + step), torch.Generator().manual_seed(seed + step)
    losses: list[float] = []
    next_save = clock.seconds() + 120
    while clock.progress() < 1:
        _, truth = bank.batch(rng, batch)
        truth = truth.contiguous(memory_format=torch.channels_last)
        latents = model.encode(truth.bfloat16()).latents
        noisy = latents + NOISE * torch.randn(latents.shape, generator=noise).bfloat16()
        again = model.decode(noisy).sample.float()
        whole = (again - truth).abs().mean()
        edges = sum((a - b).abs().mean() for a, b in zip(gradients(again), gradients(truth), strict=True))
        with torch.autocast("cpu", torch.bfloat16):
            felt = metric(*view([truth, again], rng)).mean()
        loss = whole + 0.5 * edges + 0.5 * felt + 2e-3 * latents.float().pow(2).mean()
        loss.backward()
        trainer.step(clock.rate(rate))
        step += 1
        losses.append(loss.item())
        if step % 100 == 0:
            common.log(
                common.WORK / f"{name}.jsonl", step=step, seconds=clock.seconds(), loss=sum(losses) / len(losses),
                l1=whole.item(), felt=felt.item(), spread=latents.float().std().item(),
            )  # fmt: skip
            losses.clear()
        if clock.seconds() > next_save or clock.progress() >= 1:
            common.save_checkpoint(path, trainer=trainer.state(), step=step, spent=clock.seconds())
            trainer.copy_average(average)
            common.log(
                common.WORK / f"{name}.jsonl", step=step, st_lpips_64=measure(average, metric, 64, 48),
                st_lpips_256=measure(average, metric, 256, 16),
            )  # fmt: skip
            next_save = clock.seconds() + 180


def load(name: str = "autoencoder") -> AutoencoderTiny:
    """The averaged model of a checkpoint, scaled so that its latents have unit spread."""
    saved = common.load_checkpoint(common.WORK / f"{name}.pt")
    if saved is None:
        raise FileNotFoundError(f"no checkpoint {name}.pt in {common.WORK}: run python -m training.autoencoder")
    model = make()
    for parameter, value in zip(model.parameters(), saved["trainer"]["average"], strict=True):
        parameter.data.copy_(value)
    model.eval().requires_grad_(False)
    _, truth = common.scene_batch(random.Random(3), 128)
    model.register_to_config(scaling_factor=round(1 / model.encode(truth).latents.std().item(), 4))
    return model


def main() -> None:
    """Read the options and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=17)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--name", default="autoencoder")
    options = parser.parse_args()
    common.claim_cores()
    train(options.minutes, options.batch, options.seed, options.rate, options.name)


if __name__ == "__main__":
    main()
