"""Attention between the words of a caption, in Alice's language model and in Bob's text encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lsccli.core.facts.base import CaptionView, fact

if TYPE_CHECKING:
    from lsccli.core.models.models import Models


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
