"""What the parser says of a caption: heads and tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lsccli.core.facts.base import CaptionView, fact
from lsccli.core.registry.base import NAM_2024

if TYPE_CHECKING:
    from lsccli.core.models.models import Models


@fact("heads", summary="words that govern another word (indices)", roles=("parser",))
def heads(models: Models, views: Sequence[CaptionView]) -> list[Any]:
    """Per caption the indices of its heads, ascending."""
    return [parse.heads for parse in models.parser.parse([view.text for view in views])]


@fact(
    "governors", summary="what governs another word or mark, as spelled", roles=("parser",), source=NAM_2024
)
def governors(models: Models, views: Sequence[CaptionView]) -> list[Any]:
    """Per caption the governors of its dependencies as a parser tells them, governor by governor."""
    return [parse.governors for parse in models.parser.parse([view.text for view in views])]


@fact("tags", summary="Penn Treebank tags of each word", roles=("parser",))
def tags(models: Models, views: Sequence[CaptionView]) -> list[Any]:
    """Per caption and word the tags of its tokens."""
    return [parse.tags for parse in models.parser.parse([view.text for view in views])]
