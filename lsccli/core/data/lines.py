"""What readers of caption files need: a file's text, errors with their line, lists written as text."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

from lsccli.core.data.names import plain
from lsccli.core.errors import LscError

Named = tuple[str, list[str]]  # an image's name as the file has it, and captions of it

_LITERAL = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_ITEMS = re.compile(rf"\s*(?:{_LITERAL}(?:\s*,\s*|\s+|\s*(?=[\])}}])))*", re.DOTALL)  # NumPy writes no commas
_LIKE_A_LIST = re.compile(r"""(?:array\(|list\()?\[\s*(?:None\b|null\b|nan\b|["'\[{]|\]$)""")


def text_of(file: Path) -> str:
    """The file's text, its lines ended by newlines alone; LscError where it is not UTF-8."""
    content = file.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise broken(file, line, "not UTF-8; save the file in that encoding") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def captions_in(text: str, file: Path, line: int | str) -> list[str]:
    """The captions that a field holds: one, or those of a list written as JSON, Python or NumPy writes it.

    Raises:
        LscError: it looks like a list of texts and is none.
    """
    field = text.strip()
    if field.startswith("["):
        found = _json_list(field)
        if found is None:
            found = _python_list(field, "]")
        if found is not None:
            return found
        if _LIKE_A_LIST.match(field):
            raise _no_list(file, line, field)
    elif field.startswith(("('", '("', "{'", '{"')) and "," in field:
        return _python_list(field, ")" if field[0] == "(" else "}") or [text]
    elif _LIKE_A_LIST.match(field):
        raise _no_list(file, line, field)
    return [text]


def _no_list(file: Path, line: int | str, field: str) -> LscError:
    return broken(file, line, f"looks like a list of captions and is none: {short(field)}")


def _json_list(field: str) -> list[str] | None:
    try:
        found: Any = json.loads(field)
    except (ValueError, RecursionError):
        return None
    texts = [one for one in found if one is not None]
    return texts if all(isinstance(one, str) for one in texts) and (texts or not found) else None


def _python_list(field: str, end: str) -> list[str] | None:
    """The texts of a Python list, tuple or set; two texts side by side are two, as NumPy writes them."""
    if not field.endswith(end) or len(field) < 2:
        return None
    items = _ITEMS.match(field, 1)
    if items is None or items.end() != len(field) - 1:
        return None
    try:
        return [ast.literal_eval(one) for one in re.findall(_LITERAL, items[0], re.DOTALL)]
    except (ValueError, SyntaxError):  # an escape that is none
        return None


def broken(file: Path, line: int | str, what: str) -> LscError:
    """The error at a line of a file, or at another place in it ("annotation 3")."""
    return LscError(f"{plain(file)}, {f'line {line}' if isinstance(line, int) else line}: {what}")


def short(text: str) -> str:
    """The first line, quoted, cut where it is long."""
    line = text.split("\n")[0]
    return repr(line if len(line) <= 60 else line[:59] + "…")
