"""Text of others in each kind of output: names, captions, paths, messages, whatever they hold.

A file name may hold a newline, an escape sequence of a terminal, a formula of a spreadsheet, or bytes that
are no UTF-8. Each output has one function here, and nothing is written but through it.
"""

from __future__ import annotations

import html
import json
import math
import os
import re
import shlex
import unicodedata
from typing import Any

_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
# Control characters, surrogates, line separators, and what cannot be seen but changes the order of what can.
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
# Format characters that writing needs: zero-width (non-)joiners, in Persian or in emoji.
_JOINERS = "\u200c\u200d"
# Python gives bytes of a file name that are no UTF-8 as these, from 0x80 on.
_BYTES = range(0xDC80, 0xDD00)

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# With the wide forms, which some spreadsheets take alike.
_FORMULA = tuple("=+-@＝＋－＠")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-!|~$])")


def visible(text: str, keep: str = "") -> str:
    r"""One line, each character that cannot be seen escaped (`\n`, `\x1b`, `\u202e`), but for `keep`."""
    if text.isprintable():  # what most text is
        return text
    return "".join(letter if letter in keep else _escape(letter) for letter in text)


def shell_word(text: object, *, place: bool = False) -> str:
    """Text as a word for a shell; a `place` that begins with a dash is no option there.

    What cannot be seen is written as bash and zsh take it, `$'a\\x0ab'`: on a screen it would be another.
    """
    word = str(text)
    if place and word.startswith("-"):
        word = os.path.join(os.curdir, word)
    if word.isprintable():
        return shlex.quote(word)
    told = (
        chr(byte) if 32 <= byte < 127 and byte not in b"'\\" else f"\\x{byte:02x}"
        for byte in os.fsencode(word)
    )
    return f"$'{''.join(told)}'"


def shell_words(*words: object) -> str:
    """Words as a shell takes them, with blanks between."""
    return " ".join(map(shell_word, words))


def _escape(letter: str) -> str:
    if letter in _JOINERS or unicodedata.category(letter) not in _HIDDEN:
        return letter
    code = ord(letter)
    if code in _BYTES:
        code -= 0xDC00
    if letter in _NAMED:
        return _NAMED[letter]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def latex(text: str) -> str:
    """Text for LaTeX: one line, every special character as a command."""
    told = "".join(_LATEX.get(letter, letter) for letter in visible(text))
    # After \\ a bracket would be its option, and a star a part of it.
    return "{}" + told if told.startswith(("[", "*")) else told


def latex_comment(text: str) -> str:
    """The text as one line that LaTeX leaves out."""
    return f"% {visible(text)}"


def csv_cell(value: object) -> object:
    """A value for a cell of a CSV file: no spreadsheet takes text for a formula; numbers stay numbers.

    Text that begins as a formula does is led by an apostrophe; what cannot be seen is escaped, newlines not.
    """
    if not isinstance(value, str):
        return value
    told = visible(value, keep="\n")
    if told.lstrip().startswith(_FORMULA) and not _NUMBER.fullmatch(told):
        return f"'{told}"
    return told


def json_cell(value: object) -> object:
    """JSON text for a cell of a CSV file, where it stays the same JSON."""
    # What begins with [ or { no spreadsheet calculates; what does not is no list and no settings.
    return json_visible(value) if isinstance(value, str) and value.startswith(("[", "{")) else csv_cell(value)


def html_text(text: str) -> str:
    """Text for HTML, between tags or in a quoted attribute."""
    return html.escape(visible(text), quote=True)


def markdown(text: str) -> str:
    """Text for Markdown, in a line or in a cell of a table."""
    return _MARKDOWN.sub(r"\\\1", html.escape(visible(text), quote=False))


def figure_text(text: str) -> str:
    """Text for a figure: a dollar sign begins no formula."""
    return visible(text).replace("$", r"\$")


def json_text(value: Any, *, indent: int | None = None, ascii_only: bool = False) -> str:
    """JSON in which nothing is hidden, and exact all the same; a number that is none (NaN) is null."""
    try:
        document = json.dumps(value, ensure_ascii=ascii_only, indent=indent, allow_nan=False)
    except ValueError:
        document = json.dumps(_finite(value), ensure_ascii=ascii_only, indent=indent)
    return json_visible(document)


def json_visible(document: str) -> str:
    """JSON as it is, but for characters that cannot be seen, which are escaped within its strings."""
    if document.isprintable():
        return document
    return "".join(
        letter if letter == "\n" or letter == _escape(letter) else json.dumps(letter)[1:-1]
        for letter in document
    )


def finite(value: float) -> float | None:
    """The number, None for an infinite one and for NaN, which JSON has not."""
    return float(value) if math.isfinite(value) else None


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return finite(value)
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    return [_finite(one) for one in value] if isinstance(value, list | tuple) else value
