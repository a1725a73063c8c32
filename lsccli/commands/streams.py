"""Standard input, output and error as a command finds them: a shell may have closed any of them."""

from __future__ import annotations

import os
import sys

# Read-only for the output: what is written to a closed one is an error, not lost without a word.
_MODES = {0: os.O_RDONLY, 1: os.O_RDONLY, 2: os.O_WRONLY}


def open_standard() -> None:
    """Put something in the place of those that are closed.

    Else the next file that is opened gets its number, and whatever a library in C has to say goes into it.
    """
    for number, mode in _MODES.items():
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # the lowest number that is free
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
