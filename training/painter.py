"""Bob's receiver as a pipeline: its parts, and how it draws."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import DPMSolverMultistepScheduler, StableDiffusionPipeline, UNet2DConditionModel
from torch import Tensor, nn

from training import autoencoder, common

STEPS = 4
GUIDANCE = 1.5


def make_unet(
    text_width: int, channels: int = autoencoder.CHANNELS, top_layers: int = 1
) -> UNet2DConditionModel:
    """The untrained UNet, 11 M parameters: thin at 16x16, where it only draws, wide below, where it reads.

    `top_layers` is the number of residual blocks at 16x16 on the way down; on the way up there is one more.
    """
    return UNet2DConditionModel(
        sample_size=16,
        in_channels=channels,
        out_channels=channels,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        block_out_channels=(64, 128, 192),
        layers_per_block=[top_layers, 1, 1] if top_layers > 1 else 1,
        attention_head_dim=4,  # the number of heads, in spite of its name
        norm_num_groups=16,
        cross_attention_dim=text_width,
    )


def make_scheduler() -> DPMSolverMultistepScheduler:
    """The solver that ships with the pipeline: DPM-Solver++ (2M) on the schedule of training."""
    return DPMSolverMultistepScheduler(
        beta_schedule="squaredcos_cap_v2", prediction_type="v_prediction", algorithm_type="dpmsolver++",
        solver_order=2, timestep_spacing="trailing", lower_order_final=True, steps_offset=1,
    )  # fmt: skip


class Text:
    """The frozen text tower with its tokenizer: those given, or those of the checkpoint."""

    def __init__(self, tower: Any = None, tokenizer: Any = None) -> None:
        if tower is None:
            from training.clip import text_encoder

            tower, tokenizer = text_encoder()
        self.tower, self.tokenizer = tower.float().eval().requires_grad_(False), tokenizer
        self.width: int = self.tower.config.hidden_size

    @torch.no_grad()
    def __call__(self, prompts: list[str]) -> Tensor:
        """States [B, L, W] of prompts padded to the tokenizer's length, as the pipeline makes them."""
        ids = self.tokenizer(prompts, padding="max_length", truncation=True, return_tensors="pt").input_ids
        with common.autocast():
            return self.tower(ids).last_hidden_state


def pipeline(unet: nn.Module, vae: nn.Module, text: Text) -> StableDiffusionPipeline:
    """The parts as one pipeline, quiet."""
    pipe = StableDiffusionPipeline(
        vae=vae, text_encoder=text.tower, tokenizer=text.tokenizer, unet=unet, scheduler=make_scheduler(),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipe.set_progress_bar_config(disable=True)
    return pipe


@torch.no_grad()
def generate(
    pipe: StableDiffusionPipeline,
    prompts: list[str],
    seed: int = 100,
    guidance: float = GUIDANCE,
    exact: bool = False,
    linear: bool = False,
) -> Tensor:
    """Pictures [B, 3, 64, 64] in [-1, 1] for prompts, each from the same noise.

    `exact` computes in float32, as the bundle is used; otherwise in the quick type of this CPU. `linear`
    decodes by the components alone, for use before there is a decoder.
    """
    found = []
    for i in range(0, len(prompts), 25):
        part = prompts[i : i + 25]
        generators = [torch.Generator().manual_seed(seed) for _ in part]
        with common.autocast(not exact):
            images = pipe(
                part, height=64, width=64, num_inference_steps=STEPS, guidance_scale=guidance,
                generator=generators, output_type="latent" if linear else "pt",
            ).images.float()  # fmt: skip
        if linear:
            found.append(autoencoder.linear_decode(images / pipe.vae.config.scaling_factor).clamp(-1, 1))
        else:
            found.append(images * 2 - 1)
    return torch.cat(found)


def bundled_receiver() -> StableDiffusionPipeline:
    """The receiver's pipeline as it ships, in float32."""
    pipe = StableDiffusionPipeline.from_pretrained(
        common.BUNDLE / "receiver", use_safetensors=True, dtype=torch.float32
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe
