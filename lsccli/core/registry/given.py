"""What an entry has given, looked at before anybody goes by it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any, TypeVar

# A caption, or a word as received, has so many characters at most.
MOST_CHARACTERS = 10_000

T = TypeVar("T")


def is_plain_text(given: Any) -> bool:
    """Whether what an entry gave is text that can be kept: UTF-8, no NUL, at most `MOST_CHARACTERS`."""
    if not isinstance(given, str) or len(given) > MOST_CHARACTERS or "\0" in given:
        return False
    try:
        given.encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(given: Any) -> str:
    """The beginning of how Python writes what an entry gave, which may be of any size."""
    try:
        return f"{given!r:.60}"
    except Exception:  # of its own __repr__, or a number of too many digits to be written
        return f"a {type(given).__name__}"


def taken(given: Iterable[T], count: int) -> list[T]:
    """As many values as were asked for, and one more where there are more: a generator may have no end."""
    return list(islice(given, count + 1))
