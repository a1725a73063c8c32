"""What a method sees of a caption, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Item:
    """One caption as a method sees it.

    Attributes:
        text: the caption as written.
        words: its n words.
        importance: the resolved --importance, or None.
        facts: what the method declared in `reads`, by name (see `lsccli.core.facts.base`).
        options: the rank options that the method declared, by name.
    """

    text: str
    words: tuple[str, ...]
    importance: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ranking:
    """An order in which to send the words: indices, and a score for each where the method has one."""

    order: tuple[int, ...]
    scores: tuple[float | None, ...]


def ranking(order: Sequence[int], words: int, scores: Sequence[float | None] | None = None) -> Ranking:
    """Check an order and make it a `Ranking`.

    Args:
        order: distinct indices into the words; all of them, or fewer where the method stops early.
        words: how many words there are.
        scores: one per entry of `order`, or None.

    Raises:
        ValueError: where an index is repeated or out of range.
    """
    given = tuple(int(index) for index in order)
    if len(set(given)) != len(given) or any(not 0 <= index < words for index in given):
        raise ValueError(f"{list(given)} is no order of {words} words")
    marks = tuple(scores) if scores is not None else (None,) * len(given)
    if len(marks) != len(given):
        raise ValueError(f"{len(marks)} scores for {len(given)} words")
    return Ranking(given, tuple(None if mark is None else float(mark) for mark in marks))
