"""Files of people's captions: Flickr8k, COCO and Hugging Face, each read into pairs (name, captions)."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from lsccli.core.errors import LscError

Named = tuple[str, list[str]]  # an image's name as the file has it, and captions of it

COLUMNS = ("caption", "captions", "text")
_TOKEN = re.compile(r"(.+)#\d+\t(.*)")
_QUOTED = re.compile(r'\s*"((?:[^"]|"")*)"\s*')
_HEADERS = {("image", "caption"), ("image_name", "caption"), ("filename", "caption")}
# A quoted caption may run over several lines; one that runs into the next image has lost its closing mark.
_NEXT_IMAGE = re.compile(r"[^,]+\.[A-Za-z]{3,4}\s*,")


def read_captions(file: Path) -> list[Named]:
    """The pairs of a caption file, whose form its suffix and its first line tell.

    Raises:
        LscError: it cannot be read or is malformed, with the line where that is known.
    """
    readers: dict[str, Callable[[Path], Iterator[Named]]] = {
        ".json": _coco,
        ".jsonl": _jsonl,
        ".parquet": _parquet,
        ".csv": _csv,
    }
    try:
        return list(readers.get(file.suffix.lower(), _flickr)(file))
    except OSError as error:
        raise LscError(f"{file} cannot be read: {error.strerror or error}") from error


def _flickr(file: Path) -> Iterator[Named]:
    lines = _text(file).split("\n")
    first = next((line for line in lines if line.strip()), "")
    yield from (_token if _TOKEN.fullmatch(first) else _commas)(file, lines)


def _token(file: Path, lines: Sequence[str]) -> Iterator[Named]:
    """Flickr8k.token.txt: `name#number`, a tab, the caption."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        found = _TOKEN.fullmatch(line)
        if found is None:
            raise _broken(file, number, "expected 'image#number', a tab and a caption")
        yield found[1], [found[2]]


def _commas(file: Path, lines: Sequence[str]) -> Iterator[Named]:
    """Flickr8k's captions.txt: `image,caption` below that header. All after the first comma is the caption,
    whether it is quoted or not; so this is not quite CSV, in which a comma must be quoted.
    """
    header = tuple(part.strip().strip('"').lower() for part in lines[0].split(","))
    if header not in _HEADERS:
        raise _broken(file, 1, f"expected the header 'image,caption', found {_short(lines[0])}")
    number = 1
    while number < len(lines):
        start, line = number, lines[number]
        number += 1
        if not line.strip():
            continue
        while (pair := _split(line)) is None:
            if number >= len(lines) or _NEXT_IMAGE.match(lines[number]):
                raise _broken(file, start + 1, "a quotation mark is opened and never closed")
            line = f"{line}\n{lines[number]}"
            number += 1
        if not pair[0]:
            raise _broken(file, start + 1, f"expected 'image,caption', found {_short(line)}")
        yield pair[0], [pair[1]]


def _split(line: str) -> tuple[str, str] | None:
    """Name and caption of a line; an empty name where there is none, None where a quotation goes on."""
    quoted = re.match(r'\s*"((?:[^"]|"")*)"\s*,', line)
    if quoted:
        name, rest = quoted[1].replace('""', '"'), line[quoted.end() :]
    else:
        name, comma, rest = line.partition(",")
        if not comma:
            return "", ""
    whole = _QUOTED.fullmatch(rest)
    if whole:
        return name.strip(), whole[1].replace('""', '"')
    if rest.lstrip().startswith('"') and rest.count('"') % 2:
        return None
    return name.strip(), rest


def _coco(file: Path) -> Iterator[Named]:
    """COCO captions: `images` with id and file_name, `annotations` with image_id and caption.

    Captions whose image is not listed come under a name that no file has, and so count as missing.
    """
    try:
        content = json.loads(_text(file))
    except json.JSONDecodeError as error:
        raise _broken(file, error.lineno, f"no JSON: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise LscError(f"{file}: no JSON that can be read: {error}") from error
    images = content.get("images") if isinstance(content, dict) else None
    annotations = content.get("annotations") if isinstance(content, dict) else None
    if not isinstance(images, list) or not isinstance(annotations, list):
        raise LscError(f"{file}: no COCO captions file: it must have the lists 'images' and 'annotations'")
    captions: dict[int | str, list[str]] = {}
    for number, found in enumerate(annotations, start=1):
        of, caption = (
            (found.get("image_id"), found.get("caption")) if isinstance(found, dict) else (None, None)
        )
        if not isinstance(of, int | str) or not isinstance(caption, str):
            raise LscError(
                f"{file}: annotation {number} lacks an 'image_id' or a 'caption'. "
                "The file of captions is wanted, such as captions_val2017.json."
            )
        captions.setdefault(of, []).append(caption)
    for number, found in enumerate(images, start=1):
        of, name = (found.get("id"), found.get("file_name")) if isinstance(found, dict) else (None, None)
        if not isinstance(of, int | str) or not isinstance(name, str):
            raise LscError(f"{file}: image {number} lacks an 'id' or a 'file_name'")
        yield name, captions.pop(of, [])
    for of, texts in captions.items():
        yield f"(image id {of})", texts


def _csv(file: Path) -> Iterator[Named]:
    """metadata.csv with the columns file_name and caption; a CSV of Flickr8k's form is read as such."""
    text = _text(file)
    lines = text.split("\n")
    if tuple(part.strip().strip('"').lower() for part in lines[0].split(",")) in _HEADERS:
        yield from _commas(file, lines)
        return
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = next(rows, [])
        column = _column(file, names)
        for row in rows:
            if len(row) not in (0, len(names)):
                raise _broken(file, rows.line_num, f"{len(row)} fields under {len(names)} columns")
            if row:
                yield _row(file, rows.line_num, dict(zip(names, row, strict=True)), column)
    except csv.Error as error:
        raise _broken(file, rows.line_num, f"no CSV: {error}") from error


def _jsonl(file: Path) -> Iterator[Named]:
    """metadata.jsonl: one object a line, with file_name and caption."""
    for number, line in enumerate(_text(file).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _broken(file, number, f"no JSON: {getattr(error, 'msg', error)}") from error
        if not isinstance(row, dict):
            raise _broken(file, number, f"expected an object, found {_short(line)}")
        yield _row(file, number, row, _column(file, list(row), number))


def _parquet(file: Path) -> Iterator[Named]:
    """metadata.parquet with the columns file_name and caption."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise LscError(f"{file} needs the package pyarrow: pip install pyarrow") from error
    try:
        column = _column(file, parquet.read_schema(file).names)
        rows = parquet.read_table(file, columns=["file_name", column]).to_pylist()
    except pyarrow.ArrowException as error:
        raise LscError(f"{file}: no Parquet file: {str(error).splitlines()[0]}") from error
    for number, row in enumerate(rows, start=1):
        yield _row(file, number, row, column)


def _column(file: Path, names: Sequence[str], line: int = 1) -> str:
    found = [name for name in COLUMNS if name in names]
    if "file_name" not in names or not found:
        listed = ", ".join(names[:8]) or "none"
        raise _broken(
            file, line, f"needs file_name and one of {', '.join(COLUMNS)}; it has: {_short(listed)}"
        )
    return found[0]


def _row(file: Path, line: int, row: dict[str, Any], column: str) -> Named:
    name, value = row["file_name"], row[column]
    if isinstance(value, str) and value.startswith('["'):  # a list, in a CSV
        with contextlib.suppress(ValueError):
            value = json.loads(value)
    values = [] if value is None else value if isinstance(value, list) else [value]
    if not isinstance(name, str) or not all(isinstance(one, str) for one in values):
        raise _broken(file, line, f"file_name and {column} must be text, or {column} a list of texts")
    return name, values


def _text(file: Path) -> str:
    content = file.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _broken(file, line, "not UTF-8; save the file in that encoding") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _broken(file: Path, line: int, what: str) -> LscError:
    return LscError(f"{file}, line {line}: {what}")


def _short(text: str) -> str:
    line = text.split("\n")[0]
    return repr(line if len(line) <= 60 else line[:59] + "…")
