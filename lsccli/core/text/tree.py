"""A caption's dependency tree, whichever parser it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lsccli.core.text.words import Span


@dataclass(frozen=True)
class Tree:
    """A tree in the sense of Universal Dependencies, token by token.

    Attributes:
        texts: the tokens as spelled.
        spans: where each stands in the caption.
        tags: Penn Treebank tags.
        governors: index of each token's governor; a root governs itself.
        punctuation: whether the token is a mark.
    """

    texts: tuple[str, ...]
    spans: tuple[Span, ...]
    tags: tuple[str, ...]
    governors: tuple[int, ...]
    punctuation: tuple[bool, ...]


class Reader(Protocol):
    """What parses captions; loaded when first used."""

    @property
    def version(self) -> str:
        """For keys: name and version of what is installed, or the digest of files; loads nothing."""

    def read(self, caption: str) -> Tree:
        """The tree of one caption."""


def word_heads(tree: Tree, owners: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """The words that govern another word, ascending.

    Args:
        owners: per word the indices of its tokens. A token of no word (punctuation) does not count.
    """
    word_of = {token: word for word, owned in enumerate(owners) for token in owned}
    heads = set()
    for token, governor in enumerate(tree.governors):
        word, head = word_of.get(token), word_of.get(governor)
        if word is not None and head is not None and word != head and not tree.punctuation[token]:
            heads.add(head)
    return tuple(sorted(heads))
