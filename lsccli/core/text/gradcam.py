"""Where in an image a matcher sees each word: Grad-CAM of BLIP's image-text matching.

For word w, its tokens i, heads h and patches p of the image,

    G[w, p] = Σ_{i in w} (1 / H) Σ_h A_h[i, p] · max(0, ∂s / ∂A_h[i, p]),

A the cross-attention of one layer of the matcher's text encoder, s the logit of "image and text match".

Sources: R. Selvaraju et al., "Grad-CAM", ICCV 2017; on the cross-attention of a matcher: J. Li et al., "Align
before fuse" (ALBEF), NeurIPS 2021 (arXiv 2107.07651).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lsccli.core.errors import LscError
from lsccli.core.models.loading import load_model, load_processor, memory_for
from lsccli.core.text.words import encode, window_of

if TYPE_CHECKING:
    from PIL.Image import Image

Maps = NDArray[np.float64]  # (n, H, W): one map per word
ImageAndWords = tuple[Callable[[], "Image"], Sequence[str]]  # what opens the image, and the words

# Captions are padded to a multiple of this, so that the length does not depend on the neighbours.
_STEP = 16
_MATCH = 1  # the second logit of the matching head


class WordGradCam:
    """Grad-CAM maps of words by the `BlipForImageTextRetrieval` in `directory`, in float32.

    Every batch has one fixed shape, the last one filled up, so that a map does not depend on the others.

    Args:
        layer: which cross-attention of the text encoder, from 0. Not the last: the match score reads only the
            first token, so there the gradient of all others is zero.

    Raises:
        LscError: where there is no such layer, or no such model.
    """

    def __init__(self, directory: Path, layer: int, device: str, batch_size: int) -> None:
        from transformers import BlipForImageTextRetrieval, BlipProcessor

        if batch_size < 1:
            raise ValueError(f"batch_size must be positive, not {batch_size}")
        self.processor: Any = load_processor(BlipProcessor, directory)
        self.model: Any = load_model(BlipForImageTextRetrieval, directory, device=device)
        layers = self.model.text_encoder.encoder.layer
        if not 0 <= layer < len(layers) - 1:
            raise LscError(
                f"[matcher] layer {layer}: choose 0 to {len(layers) - 2}; {directory.name} has {len(layers)} "
                "layers, and the last says nothing of single words."
            )
        self.attention = layers[layer].crossattention.self
        self.batch_size = batch_size
        text = self.model.config.text_config
        self.window = window_of(self.processor.tokenizer, text)

    def maps(self, pairs: Sequence[ImageAndWords]) -> list[Maps]:
        """For each image and its n words the maps G, (n, H, W) over the patches of the whole image.

        The image is squashed to the model's square. A word beyond the model's window has NaN.
        """
        found: list[Maps] = [np.zeros((0, 1, 1))] * len(pairs)
        encoded = {
            index: encode(self.processor.tokenizer, words, self.window)
            for index, (_, words) in enumerate(pairs)
            if len(words)
        }
        by_length: dict[int, list[int]] = {}
        for index, (ids, _) in encoded.items():
            by_length.setdefault(min(self.window, math.ceil(len(ids) / _STEP) * _STEP), []).append(index)
        with memory_for(self.batch_size):
            for length, indices in by_length.items():
                for start in range(0, len(indices), self.batch_size):
                    part = indices[start : start + self.batch_size]
                    images = [pairs[index][0]().convert("RGB") for index in part]
                    maps = self._run(images, [encoded[index][0] for index in part], length)
                    for index, of_tokens in zip(part, maps, strict=True):
                        found[index] = _of_words(of_tokens, encoded[index][1])
        return found

    def match(self, images: Sequence[Image], batch: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """The match logits s, one per pair of image and words."""
        import torch

        scores = []
        for image, words in zip(images, batch, strict=True):
            ids, _ = encode(self.processor.tokenizer, words, self.window)
            with torch.no_grad():
                seen = self._see([image.convert("RGB")])
                scores.append(self._score(seen, *self._tokens([ids], len(ids))).item())
        return np.array(scores)

    def _run(self, images: list[Image], rows: list[list[int]], length: int) -> Maps:
        """Maps of tokens, (len(rows), length, H, W)."""
        import torch

        missing = self.batch_size - len(rows)
        ids, mask = self._tokens(rows + rows[:1] * missing, length)
        kept: list[Any] = []
        with torch.no_grad():
            seen = self._see(images + images[:1] * missing)
        handle = self.attention.register_forward_hook(lambda _, __, output: kept.append(output[1]))
        try:
            with torch.enable_grad():
                # The parameters are frozen; the graph begins at the patches.
                scores = self._score(seen.requires_grad_(True), ids, mask)
                # Rows do not touch each other, so one gradient of the sum holds each row's own.
                (slope,) = torch.autograd.grad(scores.sum(), kept)
        finally:
            handle.remove()
        weighted = (kept[0].detach() * slope.clamp(min=0)).mean(dim=1)[:, :, 1:]  # the first is no patch
        rows_of, columns = self._grid()
        maps = weighted[: len(rows)].reshape(len(rows), length, rows_of, columns)
        result: Maps = maps.double().cpu().numpy()
        return result

    def _grid(self) -> tuple[int, int]:
        vision = self.model.config.vision_config
        side = vision.image_size // vision.patch_size
        return side, side

    def _see(self, images: Sequence[Image]) -> Any:
        """States of the image's patches, (B, 1 + H·W, C), the first of the whole image."""
        pixels = self.processor.image_processor(images=list(images), return_tensors="pt")["pixel_values"]
        return self.model.vision_model(pixel_values=pixels.to(self.model.device)).last_hidden_state

    def _tokens(self, rows: Sequence[list[int]], length: int) -> tuple[Any, Any]:
        import torch

        padding = self.processor.tokenizer.pad_token_id or 0
        ids = torch.tensor([row + [padding] * (length - len(row)) for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in rows])
        return ids.to(self.model.device), mask.to(self.model.device)

    def _score(self, seen: Any, ids: Any, mask: Any) -> Any:
        states = self.model.text_encoder(
            input_ids=ids,
            attention_mask=mask,
            encoder_hidden_states=seen,
            encoder_attention_mask=seen.new_ones(seen.shape[:2]),
        ).last_hidden_state
        return self.model.itm_head(states[:, 0])[:, _MATCH]


def _of_words(maps: Maps, groups: Sequence[Sequence[int]]) -> Maps:
    """Maps of words, (n, H, W), from those of tokens, (t, H, W): the sum of a word's tokens; NaN without."""
    words: Maps = np.full((len(groups), *maps.shape[1:]), np.nan)
    for word, tokens in enumerate(groups):
        if tokens:
            words[word] = maps[list(tokens)].sum(axis=0)
    return words
