"""The terminal: text is shown as it is written, whatever it holds and whatever the code page.

Text of others (names, paths, captions, messages of libraries) is never taken for markup, for control
sequences or for lines of our own; see `lsccli.core.report.escape`. Nothing prints but through this module.
"""

from __future__ import annotations

import codecs
import io
import re
import sys
from collections.abc import Iterable
from typing import IO, Any

from rich.cells import cell_len
from rich.console import Console, HighlighterType, JustifyMethod, OverflowMethod
from rich.emoji import Emoji
from rich.markup import escape
from rich.style import Style
from rich.text import Text

from lsccli.core.report.escape import json_text, visible

# What lsc itself prints and a code page may lack.
_PLAIN = str.maketrans("–—−…·•×→≤≥±²█“”‘’°ΔΣ", "---..*x><>+2#\"\"''oDS")
_REPLACED = "lsc.replaced"
Part = str | tuple[str, str]


class Terminal(Console):
    """A rich console to which a string is one line of text: no markup, no emoji, no control characters."""

    def __init__(self, *, stderr: bool = False, quiet: bool = False, width: int | None = None) -> None:
        """On standard error lines are as long as they are; on standard output they are wrapped."""
        super().__init__(
            stderr=stderr,
            quiet=quiet,
            width=width,
            soft_wrap=stderr,
            markup=False,
            emoji=False,
            highlight=False,
        )

    def render_str(
        self,
        text: str,
        *,
        style: str | Style = "",
        justify: JustifyMethod | None = None,
        overflow: OverflowMethod | None = None,
        emoji: bool | None = None,
        markup: bool | None = None,
        highlight: bool | None = None,
        highlighter: HighlighterType | None = None,
    ) -> Text:
        """Whatever is printed as a string, cells of tables included, comes through here."""
        return Text(visible(text), style=style, justify=justify, overflow=overflow)


def styled(*parts: Part) -> Text:
    """Parts of one line, each text or (text, style)."""
    pairs = (part if isinstance(part, tuple) else (part, "") for part in parts)
    return Text.assemble(*((visible(text), style) for text, style in pairs))


def stacked(lines: Iterable[str]) -> Text:
    """Lines below each other in one cell."""
    return Text("\n").join(map(styled, lines))


def help_text(text: str) -> str:
    """Text for the help of an option, where brackets are markup and :names: are emoji."""
    told = escape(visible(text))
    # Emoji codes have no escape: markup that does nothing parts them.
    return told if Emoji.replace(told) == told else re.sub(r":(?=\w)", ":[not bold][/not bold]", told)


def prepare() -> None:
    """Have what a code page lacks replaced: an error in the middle of a table helps nobody."""
    codecs.register_error(_REPLACED, _replaced)
    for stream, errors in ((sys.stdout, _REPLACED), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end].translate(_PLAIN)
    # As wide as it was, so that columns stay below each other.
    told = "".join(letter if letter.isascii() else "?" * cell_len(letter) for letter in lacking)
    return told, error.end


def say(line: str) -> None:
    """One line on standard output, whatever --quiet says."""
    print(visible(line))


def complain(line: str) -> None:
    """One line on standard error, whatever --quiet says."""
    print(visible(line), file=sys.stderr)


def confirm(question: str) -> bool:
    """Whether the person at the terminal says yes; no where there is none to ask."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(f"{visible(question)} [y/N] ", end="", file=sys.stderr, flush=True)
    try:
        return input().strip().lower() in ("y", "yes")
    except EOFError:
        return False


def print_json(value: Any) -> None:
    """One JSON object on standard output: UTF-8, or escaped where the code page is another."""
    print(json_text(value, ascii_only=not _unicode(sys.stdout)))


def text_output() -> IO[str]:
    """Standard output for a file's content: in UTF-8 whatever the code page, its line ends as written."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    return sys.stdout


def _unicode(stream: IO[str]) -> bool:
    return (getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")
