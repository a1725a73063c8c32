"""What libraries say beside the results: not shown by a command, heard by who uses lsc as a library."""

from __future__ import annotations

import logging
import sys
import sysconfig
import warnings
from pathlib import Path
from typing import TextIO

from lsccli.commands import terminal

_OURS = Path(__file__).parents[1]
_LIBRARIES = tuple({Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib")})


def hush() -> None:
    """From here on warnings of libraries are dropped, and others, such as a plug-in's, are one line each.

    Whoever sets PYTHONWARNINGS or -W wants to see them, and does.
    """
    if sys.warnoptions:
        return
    warnings.showwarning = _show
    if not logging.getLogger().handlers:
        # Else Python prints what no library has a handler for.
        logging.getLogger().addHandler(_Errors(logging.ERROR))


def _show(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    place = Path(filename).resolve()
    if place.is_relative_to(_OURS) or not any(place.is_relative_to(one) for one in _LIBRARIES):
        terminal.complain(f"Warning: {_first_line(str(message))} ({place.name}, line {lineno})")


class _Errors(logging.Handler):
    """Errors that a library logs, a line each."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print its first line."""
        terminal.complain(f"{record.name}: {_first_line(record.getMessage())}")


def _first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0] if lines else ""
