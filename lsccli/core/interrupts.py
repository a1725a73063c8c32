"""Being interrupted: by Control-C, by SIGTERM, by SIGHUP, and never in the middle of a transaction."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_ALIKE = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def interrupt_on_signals() -> None:
    """Let SIGTERM and SIGHUP do what Control-C does: raise KeyboardInterrupt in the main thread.

    What is ignored (as by `nohup`) or handled by somebody else stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in _ALIKE:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


def let_signals_end() -> None:
    """Let the signals that were interrupts end the process at once, for it is about to end anyway."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in _ALIKE:
        if signal.getsignal(number) is signal.default_int_handler:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold interrupts back until the block has ended: a transaction is done whole, then interrupted.

    Only the main thread is ever interrupted; in another one there is nothing to hold back.
    """
    main = threading.current_thread() is threading.main_thread()
    # Not those held back already, and not those of somebody else.
    ours = [number for number in _ALIKE if main and signal.getsignal(number) is signal.default_int_handler]
    held: list[int] = []
    for number in ours:
        signal.signal(number, lambda number, frame: held.append(number))
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.default_int_handler)
        if held:
            raise KeyboardInterrupt
