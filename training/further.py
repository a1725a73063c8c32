"""A receiver's training taken further, from the one that ships and for as long as one likes.

It starts as the shipped receiver, grown without changing what it draws: 16 components instead of 12, of
which the new ones enter with weights of zero, and a second residual block at 16x16 on either side, which
starts as the identity. The rate stays, weights are averaged, and the end is a phase of its own, in which
the rate falls to nothing; so the training may be stopped at any time, and a copy be finished at any time.
Scenes of several subjects come more often, and small subjects count more. Judged by `training.reader`.

    python -m training.further                  # until it is stopped; goes on where it was
    python -m training.further --cool 10        # finish a copy in so many minutes
    python -m training.further --decoder 30     # its decoder, in so many minutes, at another time
    python -m training.further --export FOLDER  # the finished copy, as a pipeline
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderTiny, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor

from training import autoencoder, common, receiver
from training.mixed import MixedPrecision
from training.painter import Text, bundled_receiver, make_unet, pipeline
from training.reader import Reader

CHANNELS = 16
# More at pure noise than the first training had at its end: what is still wrong is kinds.
SHARES, OWN_SHARE, DEGRADED = (0.4, 0.3, 0.12, 0.08), 0.6, 0.2
LONE, SMALL = 0.4, 2.0
RATE, WARM = 1e-3, 50  # steps of warming
DECAY, DECAY_COOL = 0.998, 0.98
DECODER = "further-decoder"  # the name of its checkpoint
SAVE, WATCH = 240, 600  # seconds


def widened(weight: Tensor, shape: torch.Size) -> Tensor:
    """A weight in a larger shape, filled up with zeros."""
    result = torch.zeros(shape)
    result[tuple(slice(n) for n in weight.shape)] = weight
    return result


def grown_unet(old: UNet2DConditionModel) -> UNet2DConditionModel:
    """A UNet of 16 channels with another block at 16x16 on either side, that draws what `old` draws."""
    new = make_unet(old.config.cross_attention_dim, CHANNELS, top_layers=2)
    # The first of three blocks on the way up reads what the second on the way down wrote, which is still
    # what the first wrote; the second passes on what it gets; the third is the last of the old ones.
    moved = {"up_blocks.2.resnets.1.": "up_blocks.2.resnets.2."}
    theirs = new.state_dict()
    for name, value in old.float().state_dict().items():
        for before, after in moved.items():
            name = name.replace(before, after)
        theirs[name] = widened(value, theirs[name].shape)
    for block in ("down_blocks.0.resnets.1.", "up_blocks.2.resnets.1."):
        for part in ("conv2.weight", "conv2.bias"):
            theirs[block + part] = torch.zeros_like(theirs[block + part])
    shortcut = "up_blocks.2.resnets.1.conv_shortcut."
    width = theirs[shortcut + "bias"].shape[0]
    theirs[shortcut + "bias"] = torch.zeros(width)
    theirs[shortcut + "weight"] = widened(
        torch.eye(width)[..., None, None], theirs[shortcut + "weight"].shape
    )
    new.load_state_dict(theirs)
    return new


def grown_autoencoder(old: AutoencoderTiny) -> AutoencoderTiny:
    """An autoencoder of 16 components whose decoder does not heed the new ones yet."""
    new = autoencoder.make(CHANNELS)
    theirs = new.decoder.state_dict()
    for name, value in old.decoder.float().state_dict().items():
        theirs[name] = widened(value, theirs[name].shape)
    new.decoder.load_state_dict(theirs)
    return new.eval().requires_grad_(False)


def start() -> StableDiffusionPipeline:
    """The shipped receiver, grown."""
    pipe: Any = bundled_receiver()
    text = Text(pipe.text_encoder, pipe.tokenizer)
    return pipeline(grown_unet(pipe.unet), grown_autoencoder(pipe.vae), text)


def train_decoder(minutes: float, batch: int, seed: int, rate: float) -> None:
    """Train the grown decoder within a budget of minutes, resuming from its checkpoint."""
    vae = grown_autoencoder(bundled_receiver().vae)
    autoencoder.train(minutes, batch, seed, rate, vae, DECODER)


def train(cool: float | None, batch: int, seed: int, rate: float, minutes: float | None = None) -> None:
    """Train until stopped, or for so many minutes more; with `cool`, finish a copy in so many minutes."""
    path, finished = common.WORK / "further.pt", common.WORK / "further-cooled.pt"
    journal = common.WORK / "further.jsonl"
    pipe: Any = start()
    text = Text(pipe.text_encoder, pipe.tokenizer)
    model = pipe.unet.to(memory_format=torch.channels_last).train()
    trainer = MixedPrecision(model, decay=DECAY if cool is None else DECAY_COOL)
    saved = common.load_checkpoint(path)
    begun = None
    if cool is not None:
        if saved is None:
            raise FileNotFoundError(f"no {path}: there is nothing to finish yet")
        begun = saved["step"]
        half = common.load_checkpoint(finished)
        saved = half if half and half["begun"] == begun else saved | {"cooled": 0.0}
        path, journal = finished, common.WORK / "further-cooled.jsonl"
    spent, step, cooled = 0.0, 0, 0.0
    if saved:
        trainer.load(saved["trainer"])
        spent, step, cooled = saved["spent"], saved["step"], saved.get("cooled", 0.0)
    lesson = receiver.Lesson(text, receiver.Latents(pipe.vae, LONE), seed + step, SMALL)
    model.set_attn_processor(AttnProcessor())
    judge = Reader()
    clock = common.Clock(minutes or 1e9, spent)
    cooling = common.Clock(cool or 1e9, cooled)
    end = spent + 60 * (minutes or 1e9)
    losses: list[float] = []
    next_save, next_watch = clock.seconds() + SAVE, clock.seconds() + WATCH
    while True:
        warmth = min(1.0, (step + 1) / WARM)
        loss = lesson.loss(model, batch, SHARES, OWN_SHARE, DEGRADED)
        loss.backward()
        trainer.step(rate * warmth * (1 if cool is None else max(1 - cooling.progress(), 0.01)))
        step += 1
        losses.append(loss.item())
        done = clock.seconds() > end or cooling.progress() >= 1
        if step % 10 == 0:
            common.log(journal, step=step, seconds=clock.seconds(), loss=sum(losses) / len(losses))
            losses.clear()
        if done or clock.seconds() > next_save:
            common.save_checkpoint(
                path, trainer=trainer.state(), step=step, samples=step * batch, spent=clock.seconds(),
                begun=begun or 0, cooled=cooling.seconds() if cool is not None else 0.0,
            )  # fmt: skip
            next_save = clock.seconds() + SAVE
        if done or clock.seconds() > next_watch:
            figures = receiver.measure(averaged(pipe, trainer), judge)
            common.log(journal, step=step, seconds=clock.seconds(), **figures)
            next_watch = clock.seconds() + WATCH
        if done:
            return


def averaged(pipe: Any, trainer: MixedPrecision) -> StableDiffusionPipeline:
    """The pipeline with the averaged weights of its UNet, in float32."""
    model: Any = make_unet(pipe.unet.config.cross_attention_dim, CHANNELS, top_layers=2).eval()
    trainer.copy_average(model.requires_grad_(False))
    return pipeline(model, pipe.vae, Text(pipe.text_encoder, pipe.tokenizer))


def load(name: str = "further-cooled") -> StableDiffusionPipeline:
    """The pipeline from a checkpoint, averaged weights, float32."""
    saved = common.load_checkpoint(common.WORK / f"{name}.pt")
    if saved is None:
        raise FileNotFoundError(f"no {name}.pt in {common.WORK}: run python -m training.further")
    pipe: Any = start()
    trainer = MixedPrecision(pipe.unet, decay=DECAY)
    trainer.load(saved["trainer"])
    result: Any = averaged(pipe, trainer)
    result.vae = autoencoder.load(result.vae, DECODER)
    return result


def main() -> None:
    """Read the options, then train, finish or export."""
    parser = common.options(__doc__)
    parser.add_argument("--minutes", type=float, help="stop after so many minutes; without it, never")
    parser.add_argument("--cool", type=float, metavar="MINUTES")
    parser.add_argument("--decoder", type=float, metavar="MINUTES")
    parser.add_argument("--export", type=Path, metavar="FOLDER")
    parser.add_argument("--batch", type=int, default=96)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    if options.export:
        load().to(torch.float16).save_pretrained(options.export, safe_serialization=True)
        return
    common.claim_cores(options.threads)
    if options.decoder:
        return train_decoder(options.decoder, 16, options.seed, options.rate)
    train(options.cool, options.batch, options.seed, options.rate, options.minutes)


if __name__ == "__main__":
    main()
