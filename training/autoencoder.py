"""The autoencoder of the receiver: AutoencoderTiny, 64x64x3 to 16x16x12 and back.

The encoder is linear and needs no training: its strided convolutions take the picture apart into patches of
4x4 pixels and its last one projects them on the principal components of the drawn world, each scaled by the
inverse square root of its spread. Only the decoder is trained: L1 + L1 of image gradients + ST-LPIPS, half of
it on close-ups of subjects. Latents get noise, so that the decoder forgives what a receiver leaves undone.

    python -m training.autoencoder --minutes 9
    python -m training.autoencoder --sheet sheet.png
"""

from __future__ import annotations

import copy
import random
from functools import cache
from pathlib import Path

import torch
from diffusers import AutoencoderTiny
from PIL import Image
from torch import Tensor

from training import common
from training.mixed import MixedPrecision
from training.perceptual import StLpips, at_size
from training.world import Scene

WIDTH = 64
CHANNELS = 12
PATCH = 4
SPREAD = 0.5  # root mean square of the latents; small, as the decoder squashes them with 3 tanh(x / 3)
NOISE = 0.05
WINDOW = 32


def components(pictures: Tensor, channels: int = CHANNELS) -> tuple[Tensor, Tensor]:
    """Mean [48] and projection [channels, 48] of the patches of pictures [N, 3, 64, 64].

    The 48 values of a patch are in the order (row, column, colour). More channels leave the first ones
    as they are.
    """
    n = len(pictures)
    patches = pictures.reshape(n, 3, 16, PATCH, 16, PATCH).permute(0, 2, 4, 3, 5, 1).reshape(-1, 48).double()
    mean = patches.mean(0)
    spread, axes = torch.linalg.eigh(torch.cov((patches - mean).T))
    spread, axes = spread.flip(0)[:channels].sqrt(), axes.flip(1)[:, :channels]
    # Signs of eigenvectors are arbitrary: fixed, so that every machine makes the same encoder.
    axes = axes * axes.sum(0).sign()
    weight = spread.rsqrt()
    weight = weight * SPREAD / (spread * weight)[:CHANNELS].pow(2).mean().sqrt()
    return mean.float(), (axes * weight).T.float()


@cache
def drawn_components(channels: int = CHANNELS) -> tuple[Tensor, Tensor]:
    """`components` of 1500 scenes."""
    _, pictures = common.scene_batch(random.Random(3), 1500)
    return components(pictures, channels)


def make(channels: int = CHANNELS) -> AutoencoderTiny:
    """The model with its fixed encoder and an untrained decoder, 1.1 M parameters."""
    model = AutoencoderTiny(
        encoder_block_out_channels=(WIDTH,) * 3,
        decoder_block_out_channels=(WIDTH,) * 3,
        latent_channels=channels,
        num_encoder_blocks=(0, 0, 0),
        num_decoder_blocks=(3, 3, 1),
        scaling_factor=1 / SPREAD,
    )
    mean, projection = drawn_components(channels)
    first, second, third, last = model.encoder.layers
    for layer in (first, second, third, last):
        layer.weight.data.zero_()
    # The encoder halves and shifts its input to [0, 1]; the bias of the last layer undoes the shift.
    for colour in range(3):
        first.weight.data[colour, colour, 1, 1] = 1
    first.bias.data.zero_()
    for layer, inside in ((second, 3), (third, 12)):
        for row in range(2):
            for column in range(2):
                for c in range(inside):
                    layer.weight.data[(row * 2 + column) * inside + c, c, 1 + row, 1 + column] = 1
    # The two levels took rows and columns apart one bit each; this undoes it.
    order = torch.tensor([
        ((2 * up_row + row) * PATCH + 2 * up_column + column) * 3 + c
        for up_row in range(2) for up_column in range(2)
        for row in range(2) for column in range(2) for c in range(3)
    ])  # fmt: skip
    last.weight.data[:, :48, 1, 1] = 2 * projection[:, order]
    last.bias.data = -projection @ (mean + 1)
    model.encoder.requires_grad_(False)
    return model


def linear_decode(latents: Tensor) -> Tensor:
    """Pictures [B, 3, 64, 64] from unscaled latents [B, channels, 16, 16] by the components alone."""
    mean, projection = drawn_components(latents.shape[1])
    patches = latents.float().permute(0, 2, 3, 1) @ torch.linalg.pinv(projection).T + mean
    return patches.reshape(-1, 16, 16, PATCH, PATCH, 3).permute(0, 5, 1, 3, 2, 4).reshape(-1, 3, 64, 64)


def gradients(images: Tensor) -> tuple[Tensor, Tensor]:
    """Differences of neighbouring pixels of [B, 3, H, W], across and down."""
    return images[..., 1:] - images[..., :-1], images[..., 1:, :] - images[..., :-1, :]


def view(images: list[Tensor], rng: random.Random) -> list[Tensor]:
    """The same random window of each batch, enlarged to 64x64: all, half or a quarter of the side."""
    whole = images[0].shape[-1]
    side = min(rng.choices((64, 32, 16), (0.4, 0.4, 0.2))[0], whole)
    x, y = rng.randint(0, whole - side), rng.randint(0, whole - side)
    return [at_size(image[..., y : y + side, x : x + side], 64) if side < 64 else image for image in images]


def close_ups(scenes: list[Scene], pictures: Tensor, rng: random.Random) -> Tensor:
    """Windows [B, 3, 32, 32] around a subject of each scene."""
    windows = []
    for scene, picture in zip(scenes, pictures, strict=True):
        x0, y0, x1, y1 = rng.choice(scene.subjects).box
        x = min(max((x0 + x1) // 2 - WINDOW // 2 + rng.randint(-7, 7), 0), 64 - WINDOW)
        y = min(max((y0 + y1) // 2 - WINDOW // 2 + rng.randint(-7, 7), 0), 64 - WINDOW)
        # On the grid of patches, as the subject would be met in the whole picture.
        x, y = x // PATCH * PATCH, y // PATCH * PATCH
        windows.append(picture[:, y : y + WINDOW, x : x + WINDOW])
    return torch.stack(windows)


@torch.no_grad()
def measure(model: AutoencoderTiny, metric: StLpips, pixels: int, count: int) -> float:
    """Mean ST-LPIPS of reconstructions of watched scenes at pixels x pixels."""
    _, truth = common.scene_batch(random.Random(7), count, "watched")
    total = 0.0
    for part in truth.split(8):
        again = model.decode(model.encode(part).latents).sample.clamp(-1, 1)
        total += metric(at_size(part, pixels), at_size(again, pixels)).sum().item()
    return total / count


def train(
    minutes: float,
    batch: int,
    seed: int,
    rate: float,
    start: AutoencoderTiny | None = None,
    name: str = "decoder",
) -> None:
    """Train a decoder, of `start` or a new one, within a budget of minutes, resuming from the checkpoint."""
    path, journal = common.WORK / f"{name}.pt", common.WORK / f"{name}.jsonl"
    torch.manual_seed(seed)
    average = (start or make()).eval().requires_grad_(False)
    model = copy.deepcopy(average).train().to(memory_format=torch.channels_last)
    model.decoder.requires_grad_(True)
    encoder = average.encoder
    trainer = MixedPrecision(model.decoder, decay=0.997)
    spent, step = 0.0, 0
    if saved := common.load_checkpoint(path):
        trainer.load(saved["trainer"])
        spent, step = saved["spent"], saved["step"]
    metric, bank = StLpips().requires_grad_(False), common.Bank()
    rng, noise = random.Random(seed + step), torch.Generator().manual_seed(seed + step)
    losses: list[float] = []
    clock = common.Clock(minutes, spent)
    next_save = clock.seconds() + 120
    while clock.progress() < 1:
        if rng.random() < 0.5:
            truth = close_ups(*bank.batch(rng, 3 * batch), rng)
        else:
            truth = bank.batch(rng, batch)[1]
        with torch.no_grad():
            latents = encoder(truth)
            latents = latents + NOISE * torch.rand(1).item() * 2 * torch.randn(latents.shape, generator=noise)
        again = model.decoder(
            latents.to(common.quick()).contiguous(memory_format=torch.channels_last)
        ).float()
        whole = (again - truth).abs().mean()
        edges = sum((a - b).abs().mean() for a, b in zip(gradients(again), gradients(truth), strict=True))
        with common.autocast():
            felt = metric(*view([truth[:batch], again[:batch]], rng)).mean()
        loss = whole + 0.5 * edges + 0.5 * felt
        loss.backward()
        trainer.step(clock.rate(rate))
        step += 1
        losses.append(loss.item())
        if step % 100 == 0:
            common.log(
                journal, step=step, seconds=clock.seconds(), loss=sum(losses) / len(losses), l1=whole.item(),
                felt=felt.item(),
            )  # fmt: skip
            losses.clear()
        if clock.seconds() > next_save or clock.progress() >= 1:
            common.save_checkpoint(path, trainer=trainer.state(), step=step, spent=clock.seconds())
            trainer.copy_average(average.decoder)
            figures = {"st_lpips_64": measure(average, metric, 64, 32)}
            if clock.progress() >= 1:
                figures["st_lpips_256"] = measure(average, metric, 256, 32)
            common.log(journal, step=step, **figures)
            next_save = clock.seconds() + 180


def load(start: AutoencoderTiny | None = None, name: str = "decoder") -> AutoencoderTiny:
    """A model, or a new one, with the averaged decoder of a checkpoint, where there is one yet."""
    model = start or make()
    if saved := common.load_checkpoint(common.WORK / f"{name}.pt"):
        for parameter, value in zip(model.decoder.parameters(), saved["trainer"]["average"], strict=True):
            parameter.data.copy_(value)
    return model.eval().requires_grad_(False)


def sheet(path: Path) -> None:
    """Held-out pictures above their reconstructions, enlarged."""
    _, truth = common.scene_batch(random.Random(5), 12, "held_out")
    model = load()
    with torch.no_grad():
        codes = model.encode(truth).latents
        rows = (truth, linear_decode(codes), model.decode(codes).sample)
    whole = common.to_images(torch.cat([torch.cat(list(row), 2) for row in rows], 1)[None])[0]
    whole.resize((whole.width * 2, whole.height * 2), Image.Resampling.NEAREST).save(path)


def main() -> None:
    """Read the options and train."""
    parser = common.options(__doc__)
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sheet", type=Path)
    options = parser.parse_args()
    if options.sheet:
        return sheet(options.sheet)
    common.claim_cores(options.threads)
    train(options.minutes, options.batch, options.seed, options.rate)


if __name__ == "__main__":
    main()
