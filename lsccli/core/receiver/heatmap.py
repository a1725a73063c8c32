"""Where in Bob's image each word went: heat maps from the cross-attention of a diffusers UNet.

For token t, over the cross-attention layers l, their heads h, and the steps s of the generation,

    D[t] = mean over l, s of ↑ (mean over h of A_{l,h,s}[:, t]),

A the attention of each place of the latent to the tokens, ↑ bicubic resampling to one grid, negative values
cut off. With guidance only the half that sees the prompt counts. Source: R. Tang et al., "What the DAAM:
Interpreting Stable Diffusion using cross attention", ACL 2023 (arXiv 2210.04885), which sums where this
takes means; the package of that name reads only diffusers up to 0.21.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsccli.core.errors import MissingModelError

Maps = NDArray[np.float64]
Size = tuple[int, int]

GRID: Size = (24, 24)


class HeatMaps:
    """Collects heat maps while a pipeline generates; afterwards the pipeline is what it was before.

        with HeatMaps(pipeline, prompts=2) as trace:
            pipeline(["a red ball", "a cat"], …)
        trace.maps()  # (2, tokens, 24, 24)

    It only listens (forward hooks): the layers compute as ever, and the attention is computed once more
    beside them, in float32. So the image is the same, bit for bit, as without.

    Args:
        pipeline: one with a `UNet2DConditionModel`: Stable Diffusion 1.x, 2.x, XL and their like.
        prompts: how many prompts the call inside will have, one image for each.
        per_step: keep the maps of each call of the UNet apart.

    Raises:
        MissingModelError: where the pipeline has no such UNet.
    """

    def __init__(self, pipeline: Any, prompts: int, *, per_step: bool = False) -> None:
        from diffusers import UNet2DConditionModel
        from diffusers.models.attention_processor import Attention
        from diffusers.models.transformers.transformer_2d import Transformer2DModel

        if prompts < 1:
            raise ValueError(f"prompts must be positive, not {prompts}")
        self.prompts = prompts
        self.per_step = per_step
        self._unet: Any = getattr(pipeline, "unet", None)
        self._layers: list[tuple[Any, list[Any]]] = []
        if isinstance(self._unet, UNet2DConditionModel):
            for block in self._unet.modules():
                if isinstance(block, Transformer2DModel):
                    inside = [
                        part
                        for part in block.modules()
                        if isinstance(part, Attention) and part.is_cross_attention
                    ]
                    self._layers.append((block, inside))
        if not any(inside for _, inside in self._layers):
            raise _unreadable(type(pipeline).__name__)
        self._handles: list[Any] = []
        self._sums: list[dict[Size, Any]] = []  # per step, by height and width: (B, tokens, h, w)
        self._counts: list[int] = []  # per step: layers seen

    def __enter__(self) -> HeatMaps:
        self._sums, self._counts = [], []
        self._handles.append(self._unet.register_forward_pre_hook(self._begin_step))
        for block, inside in self._layers:
            place = _Place()
            self._handles.append(block.register_forward_pre_hook(place.note, with_kwargs=True))
            for layer in inside:
                self._handles.append(layer.register_forward_hook(self._listener(place), with_kwargs=True))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._handles:
            self._handles.pop().remove()

    def maps(self, size: Size = GRID) -> Maps:
        """(prompts, tokens, height, width): the mean over all steps, on a grid of this size."""
        if not self._sums:
            raise ValueError("nothing was generated while the heat maps were collected")
        total: Maps = np.sum([self._resampled(sums, size) for sums in self._sums], axis=0)
        return total / sum(self._counts)

    def steps(self, size: Size = GRID) -> Maps:
        """(steps, prompts, tokens, height, width): the mean of each step; needs `per_step`.

        A step is a call of the UNet; a scheduler of second order calls it twice.
        """
        if not self.per_step:
            raise ValueError("the steps were not kept apart: HeatMaps(…, per_step=True)")
        return np.stack(
            [self._resampled(sums, size) / n for sums, n in zip(self._sums, self._counts, strict=True)]
        )

    def _begin_step(self, *_: Any) -> None:
        if self.per_step or not self._sums:
            self._sums.append({})
            self._counts.append(0)

    def _listener(self, place: _Place) -> Any:
        def listen(layer: Any, given: tuple[Any, ...], named: dict[str, Any], _: Any) -> None:
            import torch

            states = given[0] if given else named["hidden_states"]
            text = named.get("encoder_hidden_states", given[1] if len(given) > 1 else None)
            if text is None:
                return
            if isinstance(text, tuple):  # with an image prompt beside the text
                text = text[0]
            with torch.no_grad():
                mask = named.get("attention_mask")
                mask = None if mask is None else self._conditional(mask)
                shares = _shares(layer, self._conditional(states), self._conditional(text), mask)
                maps = shares.mean(dim=1).transpose(1, 2).reshape(self.prompts, -1, *place.size)
                sums = self._sums[-1]
                sums[place.size] = sums[place.size] + maps if place.size in sums else maps
                self._counts[-1] += 1

        return listen

    def _conditional(self, states: Any) -> Any:
        """The rows that see the prompts: with guidance the second half, as all these pipelines stack them."""
        if len(states) not in (self.prompts, 2 * self.prompts):
            raise ValueError(f"a UNet batch of {len(states)} for {self.prompts} prompts")
        return states[-self.prompts :]

    def _resampled(self, sums: dict[Size, Any], size: Size) -> Maps:
        import torch
        from torch.nn.functional import interpolate

        with torch.no_grad():
            on_grid = [
                interpolate(maps, size=size, mode="bicubic", antialias=True).clamp(min=0)
                for maps in sums.values()
            ]
            total: Maps = torch.stack(on_grid).sum(dim=0).double().cpu().numpy()
        return total


class _Place:
    """Height and width of the latent that a block works on, known only when it is called."""

    def __init__(self) -> None:
        self.size: Size = (0, 0)

    def note(self, _: Any, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        states = given[0] if given else named["hidden_states"]
        self.size = (int(states.shape[-2]), int(states.shape[-1]))


def _shares(layer: Any, states: Any, text: Any, mask: Any) -> Any:
    """How each place attends to the tokens, as the layer does: (B, heads, places, tokens), float32."""
    import torch

    if layer.group_norm is not None:
        states = layer.group_norm(states.transpose(1, 2)).transpose(1, 2)
    if layer.norm_cross:
        text = layer.norm_encoder_hidden_states(text)
    query, key = (
        part.unflatten(-1, (layer.heads, -1)).transpose(1, 2)
        for part in (layer.to_q(states), layer.to_k(text))
    )
    query = query if layer.norm_q is None else layer.norm_q(query)
    key = key if layer.norm_k is None else layer.norm_k(key)
    scores = query.float() @ key.float().transpose(-1, -2) * layer.scale
    if mask is not None:  # (B, 1, tokens), added to the scores
        scores = scores + mask.float().unsqueeze(1)
    return torch.softmax(scores, dim=-1)


def of_words(maps: Maps, groups: Sequence[Sequence[int]]) -> Maps:
    """Maps of words, (n, H, W), from maps of tokens, (t, H, W): the mean of a word's tokens; NaN without."""
    words: Maps = np.full((len(groups), *maps.shape[1:]), np.nan)
    for word, tokens in enumerate(groups):
        if tokens:
            words[word] = maps[list(tokens)].mean(axis=0)
    return words


def check_readable(directory: Path) -> None:
    """MissingModelError where the pipeline in `directory` has no UNet to read; loads nothing."""
    try:
        parts = json.loads((directory / "model_index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return  # loading it will say what is wrong
    if parts.get("unet", [None, None])[1] != "UNet2DConditionModel":
        raise _unreadable(str(parts.get("_class_name", "pipeline")))


def _unreadable(kind: str) -> MissingModelError:
    return MissingModelError(
        f"Heat maps are read from the cross-attention of a UNet, and a {kind} has none; "
        "name a Stable Diffusion 1.x, 2.x or XL under [receiver]."
    )
