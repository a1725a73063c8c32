"""Names of files: shown so that they harm no output, and found where they are written in another way."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

_NAMED = 3  # so many names are listed in a note
_LONGEST = 60


def plain(text: object) -> str:
    """The text on one line; what is not printable (a newline, an escape, half a character) as `\\x1b`."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(text))


def note(what: str, names: Sequence[str]) -> list[str]:
    """`what (how many): the first few`, names shown so that a terminal takes no orders from them."""
    if not names:
        return []
    shown = [plain(name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…") for name in names[:_NAMED]]
    return [f"{what} ({len(names)}): {', '.join(shown)}{', …' if len(names) > _NAMED else ''}"]


def is_text(name: str) -> bool:
    """Whether a file's name can be stored: on Linux it may be any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def natural(name: str) -> tuple[list[str | int], str]:
    """A key that sorts img2 before img10."""
    parts = re.split(r"(\d+)", name)
    return [int(part) if i % 2 else part.casefold() for i, part in enumerate(parts)], name


def relative_to(path: Path, root: Path) -> str:
    """The path below `root`, as it is shown."""
    return path.relative_to(root).as_posix()


def leads_out(path: Path, root: Path) -> bool:
    """Whether `path` is a link that leads out of `root` or nowhere."""
    try:
        return path.is_symlink() and not path.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError, ValueError):
        return True


def look(name: str) -> str:
    """The name in one form for all that look the same: macOS takes é apart into e and an accent (NFD)."""
    return unicodedata.normalize("NFC", name)


def _folded(name: str) -> str:
    return look(look(name).casefold())


class Folders:
    """What lies in folders, by name, by look and by letter case; each folder is listed once.

    A folder is asked for its list and not for one name, as some file systems answer to names of another form.
    """

    def __init__(self) -> None:
        self._names: dict[Path, frozenset[str] | None] = {}
        self._alike: dict[tuple[Path, Callable[[str], str]], dict[str, list[str]]] = {}
        self._out: dict[Path, bool] = {}

    def find(self, folder: Path, parts: Sequence[str]) -> tuple[Path | None, bool]:
        """The path below `folder` that `parts` name, and whether that is in doubt: in other letter case.

        The exact name wins, then the one of the same look, then the one in another letter case; where several
        are equally near, there is none, and that is in doubt.
        """
        other_case = False
        for part in parts:
            names = self._list(folder)
            name: str | None = part if names is None or part in names else None
            for form in (look, _folded):
                if name is None:
                    near = self._by(form, folder).get(form(part), [])
                    if len(near) > 1:
                        return None, True
                    name = near[0] if near else None
                    other_case |= bool(near) and form is _folded
            if name is None:
                return None, False
            folder /= name
        return folder, other_case

    def way_leads_out(self, path: Path, root: Path) -> bool:
        """Whether a link at `path`, or on the way to it, leads out of `root`; the path need not be there."""
        try:
            if path.parent not in self._out:
                self._out[path.parent] = not path.parent.resolve().is_relative_to(root)
            # Once for a folder: a data set has tens of thousands of files in it.
            return path != root and (
                self._out[path.parent] or (path.is_symlink() and not path.resolve().is_relative_to(root))
            )
        except (OSError, RuntimeError, ValueError):  # a name that no file can have
            return False

    def _list(self, folder: Path) -> frozenset[str] | None:
        """The names in a folder, none where there is no such folder; None where it may not be listed."""
        if folder not in self._names:
            try:
                self._names[folder] = frozenset(os.listdir(folder))
            except PermissionError:
                self._names[folder] = None
            except (OSError, ValueError):
                self._names[folder] = frozenset()
        return self._names[folder]

    def _by(self, form: Callable[[str], str], folder: Path) -> dict[str, list[str]]:
        if (folder, form) not in self._alike:
            alike: dict[str, list[str]] = {}
            for name in sorted(self._list(folder) or ()):
                alike.setdefault(form(name), []).append(name)
            self._alike[folder, form] = alike
        return self._alike[folder, form]
