"""The errors that a user sees as one line."""


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
