"""The errors that a user sees as one line."""

from __future__ import annotations

import errno

# Of the disk, and not of the name that was given for a file.
OF_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


class LscError(Exception):
    """Something a user can mend: its text is one line that says what to do. Exit code 2."""


class MissingModelError(LscError):
    """A role or metric of the profile in force has no model here."""


class NoStoreError(LscError):
    """There is no store where one is to be read."""


class UnobtainableError(LscError):
    """What was asked for cannot be had now, though it was asked for rightly. Exit code 1."""


class DamagedStoreError(UnobtainableError):
    """The store is not as lsc has written it."""


def of_system(told: str, error: OSError) -> LscError:
    """An error of the system in one line: exit code 2, but 1 where the disk is full or fails."""
    kind = UnobtainableError if error.errno in OF_DISK else LscError
    return kind(f"{told} ({error.strerror or error}).")
