"""JSON in which no name stands twice in an object, and where in its text a value is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lsccli.core.data.lines import broken, short

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
Way = tuple[str | int, ...]  # names in objects and numbers in lists, from the outside


class _RepeatedError(ValueError):
    """A name stands twice in an object: `json` alone would take the last of its values without a word."""


def parse(text: str, file: Path, line: int = 1) -> Any:
    """The value that the text is, which begins in this line of the file.

    Raises:
        LscError: no JSON, or a name twice in an object, with the line.
    """
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise broken(file, line + error.lineno - 1, f"no JSON: {error.msg}") from error
    except _RepeatedError as error:
        name, at = next((way[-1], at) for way, at, again in _values(text) if again)
        raise broken(
            file, line + _line(text, at), f"{short(str(name))} stands twice in one object; leave one of them"
        ) from error
    except (ValueError, RecursionError) as error:
        raise broken(file, line, f"no JSON that can be read: {error}") from error


def line_of(text: str, *way: str | int) -> int:
    """The line, from 1, in which the value begins that is found by this way through the text, or else 1."""
    return next((1 + _line(text, at) for found, at, _ in _values(text) if found == way), 1)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _RepeatedError
    return found


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at)


def _values(text: str) -> Iterator[tuple[Way, int, bool]]:
    """Each value of a text that is JSON: its way, where it begins, and whether its name was there already."""
    way: list[str | int] = []
    names: list[set[str] | None] = []  # of the objects around; None for a list
    name = True  # whether the next string is a name
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in "}]":
            way.pop()
            names.pop()
        elif mark == ",":
            place = way[-1]
            if isinstance(place, int):
                way[-1] = place + 1
            name = names[-1] is not None
        elif mark == ":":
            name = False
        elif names and (own := names[-1]) is not None and name:
            way[-1] = json.loads(mark)
            again = way[-1] in own
            own.add(str(way[-1]))
            if again:
                yield tuple(way), token.start(), True
        else:
            yield tuple(way), token.start(), False
            if mark in "{[":
                way.append(0 if mark == "[" else "")
                names.append(None if mark == "[" else set())
                name = mark == "{"
