"""Bob's receiver: a latent diffusion UNet on 16x16x12 latents, conditioned on the frozen text tower of CLIP.

v-prediction under a cosine schedule; half of the noise levels drawn are pure noise, where the words decide,
and most others those that four solver steps visit, so that the little training there is goes where it is
used. The caption is dropped for some samples (classifier-free guidance) and degraded for a tenth, later for a
third: single words, subsets, any order, garbled words.

    python -m training.receiver --minutes 78
    python -m training.receiver --export
"""

from __future__ import annotations

import random

import torch
import torch.nn.functional as F
from diffusers import DDPMScheduler, DPMSolverMultistepScheduler, StableDiffusionPipeline
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn

from training import autoencoder, classifier, common
from training.language import captions, degrade
from training.mixed import MixedPrecision
from training.painter import STEPS, Text, generate, make_scheduler, make_unet, pipeline
from training.world import Scene, draw, settle

BOB_SHARE = 0.85
DROPPED = 0.06
# How often each level of the solver is trained on. What is drawn is decided at the first, from words alone
# (one step gets as many kinds right as four); later ones only sharpen what is in plain sight.
EARLY_SHARES = (0.5, 0.14, 0.12, 0.08)
LATE_SHARES = (0.3, 0.3, 0.16, 0.1)
SHARPEN = 0.44  # share of the budget after which the late ones hold
# Then the second level is learnt, for whole captions, mostly from what the model itself drew at the first:
# the solver takes it there, and a shape left soft is not what noise makes of a scene.
OWN_SHARE = 0.6
# Whole captions teach kinds; broken ones, more of them later, teach what to make of little.
DEGRADED_EARLY, DEGRADED_LATE = 0.1, 0.35
LATE = 0.8  # share of the budget
# Backgrounds are learnt in minutes, subjects last, so errors on subjects count more.
SUBJECT_WEIGHT = 3.0
SMALL = 18  # pixels of the shorter side


class Latents:
    """The scenes of the bank as latents, drawn and encoded when first asked for.

    Their subjects are settled: a caption does not tell the jitter, and a model that has to guess it first
    learns to blur shapes by it.
    """

    def __init__(self, vae: nn.Module, lone: float = 1.0) -> None:
        """`lone` is the share of the scenes of one subject that are kept."""
        self.vae = vae
        rng = random.Random(0)
        self.scenes = [s for s in common.Bank().scenes if len(s.subjects) > 1 or rng.random() < lone]
        count = len(self.scenes)
        self.latents = torch.zeros(count, vae.config.latent_channels, 16, 16, dtype=torch.bfloat16)
        self.known = torch.zeros(count, dtype=torch.bool)
        self._queue: list[int] = []

    @torch.no_grad()
    def batch(self, rng: random.Random, count: int) -> tuple[list[Scene], Tensor]:
        """Scenes and their scaled latents [B, channels, 16, 16]; every scene once before any comes again."""
        if len(self._queue) < count:
            self._queue = list(range(len(self.scenes)))
            rng.shuffle(self._queue)
        chosen, self._queue = self._queue[:count], self._queue[count:]
        index = torch.tensor(chosen)
        new = index[~self.known[index]]
        if len(new):
            pixels = common.to_tensor([draw(settle(self.scenes[i])) for i in new.tolist()])
            codes = self.vae.encode(pixels).latents
            self.latents[new] = (codes.float() * self.vae.config.scaling_factor).bfloat16()
            self.known[new] = True
        return [settle(self.scenes[i]) for i in chosen], self.latents[index]


def weights_for(scenes: list[Scene], small: float = 1.0) -> Tensor:
    """The weight [B, 1, 16, 16] of each place's error, of mean 1; small subjects count `small` times more."""
    weight = torch.ones(len(scenes), 1, 16, 16)
    for i, scene in enumerate(scenes):
        for x0, y0, x1, y1 in (s.box for s in scene.subjects):
            value = SUBJECT_WEIGHT * (small if min(x1 - x0, y1 - y0) <= SMALL else 1.0)
            weight[i, :, max(y0 - 4, 0) // 4 : y1 // 4 + 1, x0 // 4 : x1 // 4 + 1] = value
    return weight / weight.mean()


def prompt_for(scene: Scene, rng: random.Random, degraded: float) -> tuple[str, bool]:
    """What Bob is trained to draw the scene from, and whether it is a whole caption; some are degraded."""
    chance = rng.random()
    if chance < DROPPED:
        return "", False
    text = captions(scene, "bob" if rng.random() < BOB_SHARE else "alice", rng)
    return (degrade(text, rng), False) if chance < DROPPED + degraded else (text, True)


def visited(scheduler: DPMSolverMultistepScheduler) -> Tensor:
    """The noise levels that the few solver steps visit."""
    scheduler.set_timesteps(STEPS)
    return scheduler.timesteps.clone()


def noise_levels(
    count: int, favoured: Tensor, shares: tuple[float, ...], generator: torch.Generator
) -> Tensor:
    """`count` training timesteps: shares of the favoured ones, noisiest first, the rest from anywhere."""
    anywhere = torch.randint(0, 1000, (count,), generator=generator)
    share = torch.tensor(shares)
    pick = torch.multinomial(
        torch.cat([share, 1 - share.sum(0, keepdim=True)]), count, True, generator=generator
    )
    return torch.cat([favoured, favoured[:1]])[pick].where(pick < len(favoured), anywhere)


@torch.no_grad()
def first_drawing(model: nn.Module, noise: Tensor, states: Tensor, level: Tensor) -> Tensor:
    """What a model draws [B, C, H, W] of pure noise [B, C, H, W] in one step from `level`, the noisiest.

    There the signal has vanished, so that the scene is all there is of the velocity: v = -x.
    """
    noisy = noise.to(model.dtype).contiguous(memory_format=torch.channels_last)
    levels = level.expand(len(noise))
    return -model(noisy, levels, encoder_hidden_states=states, return_dict=False)[0].float()


class Lesson:
    """Batches of scenes with what Bob is told of them, noise, and the loss of a UNet's answer."""

    def __init__(self, text: Text, latents: Latents, seed: int, small: float = 1.0) -> None:
        self.text, self.latents, self.small = text, latents, small
        self.schedule = DDPMScheduler(beta_schedule="squaredcos_cap_v2", prediction_type="v_prediction")
        self.favoured = visited(make_scheduler())
        self.rng, self.noise = random.Random(seed), torch.Generator().manual_seed(seed)

    def loss(
        self, model: nn.Module, batch: int, shares: tuple[float, ...], own_share: float, degraded: float
    ) -> Tensor:
        """The weighted squared error of the velocity for a batch.

        `shares` are those of the solver's levels, `own_share` that of the model's own first drawings at the
        second level, `degraded` that of broken captions.
        """
        scenes, clean = self.latents.batch(self.rng, batch)
        clean = clean.float()
        prompts = [prompt_for(scene, self.rng, degraded) for scene in scenes]
        states = self.text([prompt for prompt, _ in prompts]).to(model.dtype)
        noise = torch.randn(clean.shape, generator=self.noise)
        levels = noise_levels(batch, self.favoured, shares, self.noise)
        seen = clean
        own = (levels == self.favoured[1]) & torch.tensor([whole for _, whole in prompts])
        own &= torch.rand(batch, generator=self.noise) < own_share
        if own.any():
            seen = clean.clone()
            seen[own] = first_drawing(model, noise[own], states[own], self.favoured[0])
        noisy = self.schedule.add_noise(seen, noise, levels)
        # x = αz - σv, solved for the velocity that leads from here to the scene; without own drawings it is
        # the usual αε - σx.
        signal = self.schedule.alphas_cumprod[levels].sqrt().view(-1, 1, 1, 1)
        target = (signal * noisy - clean) / (1 - signal.square()).sqrt().clamp(min=1e-3)
        noisy = noisy.to(model.dtype).contiguous(memory_format=torch.channels_last)
        out = model(noisy, levels, encoder_hidden_states=states, return_dict=False)[0]
        return (weights_for(scenes, self.small) * (out.float() - target).square()).mean()


def measure(pipe: StableDiffusionPipeline, judge: nn.Module | None, count: int = 100) -> dict[str, float]:
    """Shares of watched scenes drawn right from Bob's captions, and the mean squared error of pictures."""
    rng = random.Random(21)
    scenes, truth = common.scene_batch(rng, count, "watched")
    images = generate(pipe, [captions(scene, "bob", rng) for scene in scenes], linear=True)
    result = {"mse": F.mse_loss(images, truth).item()}
    if judge is not None:
        right = classifier.right(judge, images, scenes)
        for head, value in right.items():
            result[head.replace(" ", "_")] = value[classifier.shown(scenes, head)].float().mean().item()
    return result


def train(minutes: float, batch: int, seed: int, rate: float) -> None:
    """Train within a budget of minutes, resuming from the checkpoint."""
    path, journal = common.WORK / "receiver.pt", common.WORK / "receiver.jsonl"
    torch.manual_seed(seed)
    text, vae = Text(), autoencoder.load().to(memory_format=torch.channels_last)
    model = make_unet(text.width).to(memory_format=torch.channels_last)
    trainer = MixedPrecision(model, decay=0.9995)
    spent, step = 0.0, 0
    if saved := common.load_checkpoint(path):
        trainer.load(saved["trainer"])
        spent, step = saved["spent"], saved["step"]
    lesson = Lesson(text, Latents(vae), seed + step)
    # The fused attention's backward pass in bfloat16 is several times slower than plain products on a CPU.
    model.set_attn_processor(AttnProcessor())
    judge = classifier.load() if (common.WORK / "classifier.pt").exists() else None
    clock = common.Clock(minutes, spent)
    total, next_save = torch.zeros(()), clock.seconds() + 300
    while clock.progress() < 1:
        sharpen = clock.progress() > SHARPEN
        loss = lesson.loss(
            model,
            batch,
            LATE_SHARES if sharpen else EARLY_SHARES,
            OWN_SHARE if sharpen else 0.0,
            DEGRADED_LATE if clock.progress() > LATE else DEGRADED_EARLY,
        )
        loss.backward()
        trainer.step(clock.rate(rate))
        step += 1
        total += loss.detach()
        if step % 25 == 0:
            common.follow_threads()
        if step % 100 == 0:
            common.log(journal, step=step, seconds=clock.seconds(), loss=total.item() / 100)
            total.zero_()
        if clock.seconds() > next_save or clock.progress() >= 1:
            common.save_checkpoint(path, trainer=trainer.state(), step=step, spent=clock.seconds())
            now = make_unet(text.width).eval()
            trainer.copy_average(now)
            figures = measure(pipeline(now, vae, text), judge)
            common.log(journal, step=step, seconds=clock.seconds(), **figures)
            next_save = clock.seconds() + 420


def load() -> StableDiffusionPipeline:
    """The pipeline from the checkpoints, averaged weights, float32."""
    saved = common.load_checkpoint(common.WORK / "receiver.pt")
    if saved is None:
        raise FileNotFoundError(f"no receiver.pt in {common.WORK}: run python -m training.receiver")
    text = Text()
    model = make_unet(text.width)
    trainer = MixedPrecision(model, decay=0.9995)
    trainer.load(saved["trainer"])
    trainer.copy_average(model.float())
    return pipeline(model.eval().requires_grad_(False), autoencoder.load(), text)


def export() -> None:
    """Write the pipeline into the bundle in half precision."""
    load().to(torch.float16).save_pretrained(common.BUNDLE / "receiver", safe_serialization=True)


def main() -> None:
    """Read the options, then train or export."""
    parser = common.options(__doc__)
    parser.add_argument("--minutes", type=float, default=78)
    parser.add_argument("--batch", type=int, default=96)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=2.4e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--export", action="store_true")
    options = parser.parse_args()
    if options.export:
        return export()
    common.claim_cores(options.threads)
    train(options.minutes, options.batch, options.seed, options.rate)


if __name__ == "__main__":
    main()
