"""What methods read of a caption, and which models it comes from.

A method names its facts in `reads`; the rank stage computes each fact once per batch of captions and
hands it over. The roles behind a fact enter the key of every ranking that reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsccli.core.models.models import Models

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True)
class CaptionView:
    """A caption as facts see it: the text as written, its words, and what opens the image it is of."""

    text: str
    words: tuple[str, ...]
    open_image: Callable[[], Image]


@dataclass(frozen=True)
class Fact:
    """One fact: the roles that it reads, and how it is computed for a batch of captions.

    Attributes:
        of_image: whether it looks at the image.
        kept: whether its arrays are kept beside the store, as costly ones are.
        check: raises MissingModelError where a model that is here cannot give the fact; loads nothing.
    """

    summary: str
    roles: tuple[str, ...]
    compute: Callable[[Models, Sequence[CaptionView]], list[Any]]
    of_image: bool = False
    kept: bool = False
    check: Callable[[Models], None] | None = None


def _heads(models: Models, batch: Sequence[CaptionView]) -> list[Any]:
    return [parse.heads for parse in models.parser.parse([view.text for view in batch])]


def _tags(models: Models, batch: Sequence[CaptionView]) -> list[Any]:
    return [parse.tags for parse in models.parser.parse([view.text for view in batch])]


def _bob_attention(models: Models, batch: Sequence[CaptionView]) -> list[Any]:
    return list(models.bob_attention.matrices([view.words for view in batch]))


def _alice_attention(models: Models, batch: Sequence[CaptionView]) -> list[Any]:
    return list(models.alice_attention.matrices([view.words for view in batch]))


def _alice_maps(models: Models, batch: Sequence[CaptionView]) -> list[Any]:
    return list(models.matcher.maps([(view.open_image, view.words) for view in batch]))


def _bob_maps(models: Models, batch: Sequence[CaptionView]) -> list[Any]:
    seed = models.profile.need("receiver").seed
    return list(models.receiver.heat_maps([view.words for view in batch], seed))


def _check_receiver(models: Models) -> None:
    from lsccli.core.receiver.heatmap import check_readable

    check_readable(models.profile.need("receiver").model.find().directory)


FACTS: dict[str, Fact] = {
    "heads": Fact("words that govern another word (indices)", ("parser",), _heads),
    "tags": Fact("Penn Treebank tags of each word", ("parser",), _tags),
    "alice_attention": Fact(
        "attention between words in Alice's language model, (n, n)", ("language_model",), _alice_attention
    ),
    "bob_attention": Fact(
        "attention between words in Bob's text encoder, (n, n)", ("text_encoder",), _bob_attention
    ),
    "alice_maps": Fact(
        "Grad-CAM map of each word on the patches of the image, (n, H, W)",
        ("matcher",),
        _alice_maps,
        of_image=True,
        kept=True,
    ),
    "bob_maps": Fact(
        "heat map of each word in Bob's image for the whole caption, (n, 24, 24)",
        ("receiver",),
        _bob_maps,
        kept=True,
        check=_check_receiver,
    ),
}
