"""Flickr8k's and Flickr30k's captions in the forms that go round: tokens, and columns under a header."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lsccli.core.data.lines import Named, broken, captions_in, short

TOKEN = re.compile(r"(.+)#\d+\t(.*)")
_QUOTED = re.compile(r'\s*"((?:[^"]|"")*)"\s*')
_NAMES = ("image", "image_name", "filename")
_TEXTS = ("caption", "captions", "comment")
# One line of Flickr30k's table lacks its second bar: "2199200615.jpg| 4   A dog runs across the grass .".
_BAR_LOST = re.compile(r"([^|]+)\|\s*\d+\s+([^|]+)")


@dataclass(frozen=True)
class Columns:
    """A header's columns: what divides them, their names in small letters, which one has the image's name."""

    mark: str
    names: tuple[str, ...]
    name: int

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.names)


def columns_of(header: str) -> Columns | None:
    """The columns of a table as `image,caption`, `,image,caption`, `image_name| comment_number| comment`.

    The caption is the last one; None where the line is another header or none.
    """
    for mark in ",|\t;":
        names = [part.strip().strip('"').strip().lower() for part in header.split(mark)]
        at = [index for index, name in enumerate(names[:-1]) if name in _NAMES]
        if at and names[-1] in _TEXTS:
            return Columns(mark, tuple(names), at[0])
    return None


def token(file: Path, lines: Sequence[str]) -> Iterator[Named]:
    """Flickr8k.token.txt, results_20130124.token: `name#number`, a tab, the caption."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        found = TOKEN.fullmatch(line)
        if found is None:
            raise broken(file, number, "expected 'image#number', a tab and a caption")
        yield found[1], captions_in(found[2], file, number)


def table(file: Path, lines: Sequence[str], columns: Columns) -> Iterator[Named]:
    """A table whose last column is the caption: all after the mark before it, quoted or not. So this is not
    quite CSV, in which a comma must be quoted; and between bars nothing is.
    """
    mark = re.escape(columns.mark)
    # A quoted caption may run over lines; one that runs into the next image has lost its closing mark.
    next_image = re.compile(rf"(?:[^{mark}]*{mark}){{{columns.name}}}[^{mark}]+\.[A-Za-z]{{3,4}}\s*{mark}")
    number = 1
    while number < len(lines):
        start, line = number, lines[number]
        number += 1
        if not line.strip():
            continue
        while (pair := _split(line, columns)) is None:
            if number >= len(lines) or next_image.match(lines[number]):
                raise broken(file, start + 1, "a quotation mark is opened and never closed")
            line = f"{line}\n{lines[number]}"
            number += 1
        if not pair[0]:
            raise broken(file, start + 1, f"expected {short(lines[0].strip())}, found {short(line)}")
        yield pair[0], captions_in(pair[1], file, start + 1)


def _split(line: str, columns: Columns) -> tuple[str, str] | None:
    """Name and caption of a line; an empty name where there is none, None where a quotation goes on."""
    if columns.mark == "|" and columns.count == 3 and (lost := _BAR_LOST.fullmatch(line)):
        return lost[1].strip(), lost[2]
    rest, name = line, ""
    for column in range(columns.count - 1):
        quoted = re.match(rf'\s*"((?:[^"]|"")*)"\s*{re.escape(columns.mark)}', rest)
        if quoted:
            field, rest = quoted[1].replace('""', '"'), rest[quoted.end() :]
        else:
            field, found, rest = rest.partition(columns.mark)
            if not found:
                return "", ""
        if column == columns.name:
            name = field.strip()
    whole = _QUOTED.fullmatch(rest)
    if whole:
        return name, whole[1].replace('""', '"')
    if columns.mark != "|" and rest.lstrip().startswith('"') and rest.count('"') % 2:
        return None
    return name, rest
