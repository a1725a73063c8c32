"""Bob's captioner: the candidate of a beam search that CLIP finds closest to the image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lsccli.core.captioners.base import BlipBeams, captioner
from lsccli.core.data.images import to_rgb
from lsccli.core.models.loading import in_batches, load_model, load_processor
from lsccli.core.models.profile import Profile
from lsccli.core.registry.base import NAM_2024

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

CLIP_2021 = (
    'A. Radford et al., "Learning transferable visual models from natural language supervision", ICML 2021 '
    "(arXiv 2103.00020)"
)


@captioner(
    "clip",
    summary="Bob's captioner: beams of a larger BLIP, re-ranked by CLIP; the language base of Bob's side",
    roles=("bob_captioner",),
    source=f"{CLIP_2021}; used as in {NAM_2024}",
)
class ClipCaptioner:
    """Of `beams` candidates, the one whose CLIP embedding has the largest cosine with the image's.

    Ties go to the candidate with the higher beam score.
    """

    def __init__(self, profile: Profile, device: str, dtype: str, batch_size: int) -> None:
        from transformers import CLIPModel, CLIPProcessor

        role = profile.need("bob_captioner")
        self._beams = BlipBeams(role.model.find().directory, role.beams, role.max_new_tokens, device, dtype)
        directory = role.clip.find().directory
        self._processor: Any = load_processor(CLIPProcessor, directory)
        self._clip: Any = load_model(CLIPModel, directory, device=device, dtype=dtype)
        self._batch_size = batch_size

    def caption(self, images: Sequence[Image]) -> list[str]:
        """One caption per image (any size, any mode)."""
        return in_batches(self._caption, images, self._batch_size)

    def _caption(self, images: list[Image]) -> list[str]:
        candidates = self._beams.search(images, self._beams.beams)
        best = self.similarity(images, candidates).argmax(axis=1)
        return [texts[index] for texts, index in zip(candidates, best, strict=True)]

    def similarity(self, images: Sequence[Image], texts: Sequence[Sequence[str]]) -> NDArray[np.float32]:
        """Cosine of each image (B) with each of its own texts (C): a (B, C) array."""
        import torch

        pixels = self._processor.image_processor(
            images=[to_rgb(image) for image in images], return_tensors="pt"
        )
        # Always padded to the window: the longest text of a batch must not set the shape for the others.
        tokens = self._processor.tokenizer(
            [text for own in texts for text in own],
            padding="max_length",
            truncation=True,
            max_length=self._clip.config.text_config.max_position_embeddings,
            return_tensors="pt",
        )
        with torch.inference_mode():
            found = self._clip(
                input_ids=tokens["input_ids"].to(self._clip.device),
                attention_mask=tokens["attention_mask"].to(self._clip.device),
                pixel_values=pixels["pixel_values"].to(self._clip.device, self._clip.dtype),
            )
        of_texts = found.text_embeds.float().view(len(images), -1, found.text_embeds.shape[-1])
        cosines = torch.einsum("bcd,bd->bc", of_texts, found.image_embeds.float())
        array: NDArray[np.float32] = cosines.cpu().numpy()
        return array
