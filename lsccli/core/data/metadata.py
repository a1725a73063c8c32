"""Hugging Face's metadata beside images: CSV, JSON lines and Parquet with file_name and captions."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lsccli.core.data.json_text import parse
from lsccli.core.data.lines import Named, broken, captions_in, short, text_of
from lsccli.core.data.names import plain
from lsccli.core.errors import LscError

COLUMNS = ("caption", "captions", "text")
# Of tables by other hands, where the caption is not the last column.
_NAMES = ("file_name", "image", "image_name", "filename")
_TEXTS = (*COLUMNS, "comment")


def has_columns(names: Sequence[str]) -> bool:
    """Whether a table with these columns has images' names and captions."""
    return any(name in names for name in _NAMES) and any(name in names for name in _TEXTS)


def check_columns(file: Path, names: Sequence[str], line: int = 1) -> None:
    """LscError where a header has a column twice: which one counts would be anybody's guess."""
    for place, name in enumerate(names):
        if name and name in names[:place]:
            raise broken(file, line, f"two columns are called {short(name)}; rename one of them")


def comma_separated(file: Path, text: str) -> Iterator[Named]:
    """metadata.csv with the columns file_name and caption."""
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = [name.strip() for name in next(rows, [])]
        columns = _columns(file, names)
        for row in rows:
            if len(row) not in (0, len(names)):
                raise broken(file, rows.line_num, f"{len(row)} fields under {len(names)} columns")
            if row:
                yield _row(file, rows.line_num, dict(zip(names, row, strict=True)), columns)
    except csv.Error as error:
        raise broken(file, rows.line_num, f"no CSV: {error}") from error


def json_lines(file: Path) -> Iterator[Named]:
    """metadata.jsonl: one object a line, with file_name and caption."""
    for number, line in enumerate(text_of(file).split("\n"), start=1):
        if not line.strip():
            continue
        row = parse(line, file, number)
        if not isinstance(row, dict):
            raise broken(file, number, f"expected an object, found {short(line)}")
        yield _row(file, number, row, _columns(file, list(row), number))


def parquet_rows(file: Path) -> Iterator[Named]:
    """metadata.parquet with the columns file_name and caption."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise LscError(f"{plain(file)} needs the package pyarrow: pip install pyarrow") from error
    try:
        columns = _columns(file, parquet.read_schema(file).names)
        rows = parquet.read_table(file, columns=list(columns)).to_pylist()
    except pyarrow.ArrowException as error:
        raise LscError(f"{plain(file)}: no Parquet file: {plain(str(error).splitlines()[0])}") from error
    for number, row in enumerate(rows, start=1):
        yield _row(file, number, row, columns)


def _columns(file: Path, names: Sequence[str], line: int = 1) -> tuple[str, str]:
    check_columns(file, names, line)
    if not has_columns(names):
        listed = ", ".join(names[:8]) or "none"
        raise broken(file, line, f"needs file_name and one of {', '.join(COLUMNS)}; it has: {short(listed)}")
    return next(name for name in _NAMES if name in names), next(name for name in _TEXTS if name in names)


def _row(file: Path, line: int, row: dict[str, Any], columns: tuple[str, str]) -> Named:
    name, value = (row[column] for column in columns)
    if isinstance(value, str):
        value = captions_in(value, file, line)
    values = [] if value is None else value if isinstance(value, list) else [value]
    if not isinstance(name, str) or not all(isinstance(one, str) for one in values):
        wanted = " and ".join(columns)
        raise broken(file, line, f"{wanted} must be text, or {columns[1]} a list of texts")
    return name, values
