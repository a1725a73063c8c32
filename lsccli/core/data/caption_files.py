"""Files of people's captions: Flickr's, COCO's, Karpathy's and Hugging Face's, told by what is in them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from lsccli.core.data.flickr import TOKEN, columns_of, table, token
from lsccli.core.data.json_captions import read_json
from lsccli.core.data.lines import Named, broken, short, text_of
from lsccli.core.data.metadata import check_columns, comma_separated, has_columns, json_lines, parquet_rows
from lsccli.core.data.names import plain
from lsccli.core.errors import of_system

_PEEK = 65536


@dataclass(frozen=True)
class Captions:
    """A caption file's pairs of an image's name and its captions, and notes on what was left out.

    `folders_optional` says that an image may lie without the folder that is in its name.
    """

    named: list[Named]
    notes: list[str] = field(default_factory=list)
    folders_optional: bool = False


def read_captions(file: Path) -> Captions:
    """What a caption file holds, whose form its suffix and its first line tell.

    Raises:
        LscError: it cannot be read or is malformed, with the line where that is known.
    """
    suffix = file.suffix.lower()
    try:
        if suffix == ".json":
            return Captions(*read_json(file))
        if suffix == ".jsonl":
            return Captions(list(json_lines(file)))
        if suffix == ".parquet":
            return Captions(list(parquet_rows(file)))
        text = text_of(file)
    except OSError as error:
        raise of_system(f"{plain(file)} cannot be read", error) from error
    lines = text.split("\n")
    if TOKEN.fullmatch(next((line for line in lines if line.strip()), "")):
        return Captions(list(token(file, lines)))
    if columns := columns_of(lines[0]):
        check_columns(file, columns.names)
        return Captions(list(table(file, lines, columns)))
    if suffix == ".csv" or "file_name" in lines[0]:
        return Captions(list(comma_separated(file, text)))
    raise broken(file, 1, f"expected the header 'image,caption', found {short(lines[0])}")


def form_of(file: Path) -> str | None:
    """Which form of captions a file seems to have, by its beginning (and a JSON's end); None where none."""
    try:
        with file.open("rb") as stream:
            head = stream.read(_PEEK)
            stream.seek(max(0, file.stat().st_size - _PEEK))
            ends = head + stream.read(_PEEK)
    except OSError:
        return None
    suffix = file.suffix.lower()
    if suffix == ".parquet":
        return "parquet" if file.name == "metadata.parquet" else None
    if suffix == ".json":
        if b'"sentences"' in ends and b'"filename"' in ends:
            return "karpathy"
        return "coco" if b'"caption"' in ends and b'"file_name"' in ends else None
    lines = head.decode("utf-8-sig", "replace").splitlines() or [""]
    first = next((line for line in lines if line.strip()), "")
    if suffix == ".jsonl":
        try:
            row = json.loads(first)
        except (ValueError, RecursionError):
            return None
        return "jsonl" if isinstance(row, dict) and has_columns(list(row)) else None
    if TOKEN.fullmatch(first):
        return "token"
    header = [part.strip().strip('"') for part in lines[0].split(",")]
    return "table" if columns_of(lines[0]) or has_columns(header) else None
