"""The interface of a captioner, and the beam search that captioners share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from lsccli.core.data.images import to_rgb
from lsccli.core.models.loading import load_model, load_processor

if TYPE_CHECKING:
    from PIL.Image import Image


class Captioner(Protocol):
    """A way to turn images into words; built as `(profile, device, dtype, batch_size)`."""

    def caption(self, images: Sequence[Image]) -> list[str]:
        """One caption per image (any size, any mode)."""
        ...


class BlipBeams:
    """Beam search of the `BlipForConditionalGeneration` in `directory`."""

    def __init__(self, directory: Path, beams: int, max_new_tokens: int, device: str, dtype: str) -> None:
        from transformers import BlipForConditionalGeneration, BlipProcessor

        self.processor: Any = load_processor(BlipProcessor, directory)
        self.model: Any = load_model(BlipForConditionalGeneration, directory, device=device, dtype=dtype)
        self.beams = beams
        self.max_new_tokens = max_new_tokens

    def search(self, images: Sequence[Image], candidates: int = 1) -> list[list[str]]:
        """The best `candidates` captions of each image, best first, in one batch."""
        import torch

        pixels = self.processor.image_processor(
            images=[to_rgb(image) for image in images], return_tensors="pt"
        )
        with torch.inference_mode():
            tokens = self.model.generate(
                pixel_values=pixels["pixel_values"].to(self.model.device, self.model.dtype),
                num_beams=self.beams,
                num_return_sequences=candidates,
                max_new_tokens=self.max_new_tokens,
                do_sample=False,
            )
        # The first token opens the decoder; not every tokenizer knows it as special.
        texts = self.processor.tokenizer.batch_decode(tokens[:, 1:], skip_special_tokens=True)
        cleaned = [clean(text) for text in texts]
        return [cleaned[start : start + candidates] for start in range(0, len(cleaned), candidates)]


def clean(text: str) -> str:
    """The text on one line, with single spaces."""
    return " ".join(text.split())
