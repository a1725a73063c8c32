"""Bob's receiver: any diffusers text-to-image pipeline."""

from __future__ import annotations

import inspect
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsccli.core.errors import LscError
from lsccli.core.models.loading import LOCAL, batches, memory_for, one_line, place, quiet, torch_dtype
from lsccli.core.models.roles import ReceiverRole
from lsccli.core.models.variants import variant_of
from lsccli.core.receiver.base import Maps, NotFiniteError, Pixels, Receiver, receiver
from lsccli.core.receiver.heatmap import GRID, HeatMaps, check_readable, of_words
from lsccli.core.text.words import encode

AS_SHIPPED = "as shipped"


def check_numbers(directory: Path, role: ReceiverRole) -> None:
    """LscError where the pipeline cannot draw images of this size, or in so many steps; loads nothing.

    Of parts that say nothing of that nothing is known before they are run.
    """
    blocks = _config(directory / "vae" / "config.json").get("block_out_channels")
    factor = 2 ** (len(blocks) - 1) if isinstance(blocks, list) and blocks else 1
    for name, side in (("width", role.width), ("height", role.height)):
        if side % factor:
            raise LscError(f"[receiver] {name} {side}: {directory.name} draws multiples of {factor} pixels.")
    trained = _config(directory / "scheduler" / "scheduler_config.json").get("num_train_timesteps")
    if isinstance(trained, int) and role.steps > trained:
        raise LscError(f"[receiver] steps {role.steps}: {directory.name} was trained for at most {trained}.")


def _config(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # another kind of pipeline; loading it says what is wrong
        return {}
    return told if isinstance(told, dict) else {}


def _holds_pipeline(directory: Path) -> bool:
    return (directory / "model_index.json").is_file()


@receiver(
    "diffusers",
    summary="a diffusers text-to-image pipeline, a directory with a model_index.json",
    serves=_holds_pipeline,
    check_maps=check_readable,
    check_settings=check_numbers,
)
class DiffusionReceiver(Receiver):
    """Turns prompts into images with the pipeline in `directory`.

    The noise of an image is drawn by a CPU generator made afresh from the seed, the same for every prompt,
    so an image depends on its prompt alone, and not on its neighbours or the device's generator. Guidance
    of 1 or less switches classifier-free guidance off (distilled models such as SD-Turbo).
    """

    def __init__(self, directory: Path, role: ReceiverRole, device: str, dtype: str, batch_size: int) -> None:
        if batch_size < 1:
            raise ValueError(f"batch size must be at least 1, not {batch_size}")
        self.role = role
        self.batch_size = batch_size
        self.pipeline: Any = _load(directory, dtype)
        parameters = inspect.signature(self.pipeline.__call__).parameters
        kind = type(self.pipeline).__name__
        if "prompt" not in parameters or "Img2Img" in kind or "Inpaint" in kind:
            raise LscError(f"{directory} holds a {kind}, which does not make images from text alone.")
        # A pipeline that was distilled may have no guidance at all.
        wanted = {
            "height": role.height,
            "width": role.width,
            "num_inference_steps": role.steps,
            "guidance_scale": role.guidance,
        }
        self._settings = {name: value for name, value in wanted.items() if name in parameters}
        if role.scheduler != AS_SHIPPED:
            self.pipeline.scheduler = _scheduler(role.scheduler, self.pipeline)
        self.pipeline.set_progress_bar_config(disable=True)
        place(self.pipeline, device)
        if device == "cpu":
            _channels_last(self.pipeline)

    def draw(self, prompts: Sequence[str], seed: int) -> Pixels:
        """One image per prompt: (B, H, W, 3) uint8 RGB. A prompt that comes twice is drawn once.

        Raises:
            NotFiniteError: where images hold NaN; it carries the others.
            LscError: out of memory, or a size that the pipeline refuses.
        """
        distinct = list(dict.fromkeys(prompts))
        images = np.zeros((len(distinct), self.role.height, self.role.width, 3), np.uint8)
        finite = np.ones(len(distinct), bool)
        start = 0
        with quiet(), memory_for(self.batch_size):
            for chunk, real in batches(distinct, self.batch_size):
                drawn = self._draw(chunk, seed)[:real]
                good = np.isfinite(drawn).all(axis=(1, 2, 3))
                finite[start : start + real] = good
                images[start : start + real][good] = (drawn[good] * 255).round().astype(np.uint8)
                start += real
        place_of = {prompt: index for index, prompt in enumerate(distinct)}
        order = [place_of[prompt] for prompt in prompts]
        result: Pixels = images[order]
        if not finite.all():
            raise NotFiniteError(tuple(i for i, index in enumerate(order) if not finite[index]), result)
        return result

    def window_overflow(self, prompt: str) -> int:
        """How many tokens at the end of the prompt Bob's text encoder does not see.

        With several encoders, what the one with the widest window misses.
        """
        over: list[int] = []
        with quiet():
            for name, tokenizer in self.pipeline.components.items():
                if name.startswith("tokenizer") and tokenizer is not None:
                    length = len(tokenizer(prompt, truncation=False)["input_ids"])
                    over.append(max(0, length - tokenizer.model_max_length))
        return min(over, default=0)

    def heat_maps(self, captions: Sequence[Sequence[str]], seed: int) -> list[Maps]:
        """Per caption the heat map of each of its n words, (n, 24, 24), for the whole caption as the prompt.

        A word beyond the text encoder's window has NaN.

        Raises:
            LscError: where the pipeline has no UNet to read, or its attention is no number.
        """
        tokenizers = [part for name, part in self.pipeline.components.items() if name.startswith("tokenizer")]
        # Several encoders, as XL has, share their vocabulary, so a token has one place for all.
        tokenizer = next(part for part in tokenizers if part is not None)
        found = [np.zeros((0, *GRID))] * len(captions)
        todo = [index for index, words in enumerate(captions) if words]
        done = 0
        with quiet(), memory_for(self.batch_size):
            for chunk, real in batches(todo, self.batch_size):
                with HeatMaps(self.pipeline, len(chunk)) as trace:
                    self._draw([" ".join(captions[index]) for index in chunk], seed)
                maps = trace.maps()
                if not np.isfinite(maps).all():
                    raise LscError("Bob's attention is not finite; try --dtype float32 or bfloat16.")
                for index, of_tokens in zip(todo[done : done + real], maps, strict=False):
                    # Some pipelines feed fewer tokens than their tokenizer would.
                    window = min(tokenizer.model_max_length, len(of_tokens))
                    groups = encode(tokenizer, captions[index], window)[1]
                    found[index] = of_words(of_tokens, groups)
                done += real
        return found

    def _draw(self, prompts: list[str], seed: int) -> NDArray[np.float32]:
        import torch

        generators = [torch.Generator("cpu").manual_seed(seed) for _ in prompts]
        try:
            with torch.inference_mode():
                drawn = self.pipeline(
                    prompts, generator=generators, output_type="np", **self._settings
                ).images
        except ValueError as error:  # how pipelines refuse a size or a number of steps
            raise LscError(f"Bob's {type(self.pipeline).__name__} refuses its settings: {error}") from error
        images: NDArray[np.float32] = np.asarray(drawn, np.float32)
        expected = (len(prompts), self.role.height, self.role.width, 3)
        if images.shape != expected:
            raise LscError(
                f"Bob's {type(self.pipeline).__name__} draws {images.shape[2]}×{images.shape[1]} images, "
                f"not the {self.role.width}×{self.role.height} of the profile's [receiver]."
            )
        return images


def _load(directory: Path, dtype: str) -> Any:
    from diffusers import DiffusionPipeline
    from diffusers.utils import is_accelerate_available

    with quiet() as messages, one_line(directory):
        parts = DiffusionPipeline.load_config(directory, local_files_only=True)
        # The checker is not fetched: a picture that it painted black would be scored as if Bob had drawn it.
        off = {"safety_checker": None, "requires_safety_checker": False} if "safety_checker" in parts else {}
        pipeline = DiffusionPipeline.from_pretrained(
            directory,
            variant=variant_of(directory),
            dtype=torch_dtype(dtype),
            use_safetensors=True,
            low_cpu_mem_usage=is_accelerate_available(),
            **LOCAL,
            **off,
        )
    # Weights that a checkpoint lacks are made at random, and only the log says so.
    if any("newly initialized" in message for message in messages):
        raise LscError(f"{directory} is no whole {type(pipeline).__name__}: some of its weights are missing.")
    return pipeline


def _channels_last(pipeline: Any) -> None:
    """Lay out convolutions as oneDNN likes them: faster on a CPU."""
    import torch

    for part in pipeline.components.values():
        if isinstance(part, torch.nn.Module):
            for layer in part.modules():
                if isinstance(layer, torch.nn.Conv2d):  # some pipelines also hold three-dimensional ones
                    layer.to(memory_format=torch.channels_last)


def _scheduler(name: str, pipeline: Any) -> Any:
    import diffusers

    shipped = pipeline.scheduler
    known = {cls.__name__: cls for cls in [*shipped.compatibles, type(shipped)]}
    if name not in known:
        reason = "does not fit this pipeline" if hasattr(diffusers, name) else "is unknown"
        raise LscError(f"Scheduler {name!r} {reason}; choose one of {', '.join(sorted(known))}.")
    with quiet():
        return known[name].from_config(shipped.config)
