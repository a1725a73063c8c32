"""Attention between the words of a caption, in Alice's language model and in Bob's text encoder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lsccli.core.errors import MissingModelError
from lsccli.core.facts.base import CaptionView, fact
from lsccli.core.registry.base import NAM_2024

if TYPE_CHECKING:
    from lsccli.core.models.models import Models

# The one that the published scripts read, counted from 0: of twelve heads the third.
PUBLISHED_HEAD = 2


@fact(
    "alice_attention",
    summary="attention between words in Alice's language model, (n, n)",
    roles=("language_model",),
)
def alice_attention(models: Models, views: Sequence[CaptionView]) -> list[Any]:
    """Per caption A, (n, n)."""
    return list(models.alice_attention.matrices([view.words for view in views]))


@fact(
    "bob_attention", summary="attention between words in Bob's text encoder, (n, n)", roles=("text_encoder",)
)
def bob_attention(models: Models, views: Sequence[CaptionView]) -> list[Any]:
    """Per caption A, (n, n)."""
    return list(models.bob_attention.matrices([view.words for view in views]))


@fact(
    "bob_attention_corrected",
    summary="the same, each column divided by the number of tokens that can see it, (n, n)",
    roles=("text_encoder",),
)
def bob_attention_corrected(models: Models, views: Sequence[CaptionView]) -> list[Any]:
    """Per caption A of the corrected attention, (n, n); see `seen_equally`."""
    return list(models.bob_attention.matrices([view.words for view in views], corrected=True))


@fact(
    "alice_tokens",
    summary="attention between tokens in Alice's language model, special ones removed, (t, t)",
    roles=("language_model",),
)
def alice_tokens(models: Models, views: Sequence[CaptionView]) -> list[Any]:
    """Per caption (t, t), averaged over layers and heads."""
    return list(models.alice_attention.tokens([view.words for view in views]))


@fact(
    "bob_tokens",
    summary="attention between tokens in Bob's text encoder, special ones removed, (t, t)",
    roles=("text_encoder",),
)
def bob_tokens(models: Models, views: Sequence[CaptionView]) -> list[Any]:
    """Per caption (t, t), averaged over layers and heads."""
    return list(models.bob_attention.tokens([view.words for view in views]))


def _check_head(models: Models) -> None:
    role = models.profile.need("text_encoder")
    folder = role.model.find().directory / role.subfolder
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return  # whoever loads it will say what is wrong
    heads = config.get("text_config", config).get("num_attention_heads")
    if isinstance(heads, int) and heads <= PUBLISHED_HEAD:
        raise MissingModelError(
            f"--rule scripts reads head {PUBLISHED_HEAD} (from 0) of the text encoder; {folder} has {heads}."
        )


@fact(
    "bob_head",
    summary=f"attention between tokens in head {PUBLISHED_HEAD} (from 0) of Bob's text encoder, run without "
    "special tokens, summed over layers, (t, t)",
    roles=("text_encoder",),
    check=_check_head,
    source=NAM_2024,
)
def bob_head(models: Models, views: Sequence[CaptionView]) -> list[Any]:
    """Per caption (t, t)."""
    return list(models.bob_attention.tokens([view.words for view in views], head=PUBLISHED_HEAD))
