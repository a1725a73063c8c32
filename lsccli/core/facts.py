"""What methods read of a caption, and which models it comes from.

A method names its facts in `reads`; the rank stage computes each fact once per batch of captions and
hands it over. The roles behind a fact enter the key of every ranking that reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lsccli.core.models import Models


@dataclass(frozen=True)
class CaptionView:
    """A caption as facts see it: the text as written, its words."""

    text: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Fact:
    """One fact: the roles that it reads, and how it is computed for a batch of captions."""

    summary: str
    roles: tuple[str, ...]
    compute: Callable[[Models, Sequence[CaptionView]], list[Any]]


def _heads(models: Models, batch: Sequence[CaptionView]) -> list[Any]:
    return [parse.heads for parse in models.parser.parse([view.text for view in batch])]


def _tags(models: Models, batch: Sequence[CaptionView]) -> list[Any]:
    return [parse.tags for parse in models.parser.parse([view.text for view in batch])]


def _bob_attention(models: Models, batch: Sequence[CaptionView]) -> list[Any]:
    return list(models.bob_attention.matrices([view.words for view in batch]))


def _alice_attention(models: Models, batch: Sequence[CaptionView]) -> list[Any]:
    return list(models.alice_attention.matrices([view.words for view in batch]))


FACTS: dict[str, Fact] = {
    "heads": Fact("words that govern another word (indices)", ("parser",), _heads),
    "tags": Fact("Penn Treebank tags of each word", ("parser",), _tags),
    "alice_attention": Fact(
        "attention between words in Alice's language model, (n, n)", ("language_model",), _alice_attention
    ),
    "bob_attention": Fact(
        "attention between words in Bob's text encoder, (n, n)", ("text_encoder",), _bob_attention
    ),
}
