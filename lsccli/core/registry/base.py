"""What can be added to lsc, of any kind: a registry of entries, each with all that is known of it.

A kind (methods, captioners, metrics, …) declares what is known of an entry as a subclass of `Entry`, and has
one `Registry`, whose built-in entries are the modules of one package. A decorator of the kind registers a
plain function or class. Entries from outside, files that a user names (`lsccli.core.registry.plugins`) and
installed packages, come by the same decorators; their `Origin` is in the key of everything that they make.

Nothing here imports torch, so that `lsc methods` answers at once.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from importlib.metadata import entry_points
from pathlib import Path
from traceback import extract_tb
from typing import Any, Generic, TypeVar

from lsccli.core.errors import OF_DISK, LscError

# Installed packages offer entries in a group per kind (`lsc.methods`, `lsc.metrics`, …), or any in this one.
_GROUPS = "lsc."
ANY_GROUP = f"{_GROUPS}plugins"

NAM_2024 = (
    'H. Nam et al., "Language-oriented communication with semantic coding and knowledge distillation '
    'for text-to-image generation", ICASSP 2024 (arXiv 2309.11127)'
)


@dataclass(frozen=True)
class Origin:
    """Where an entry comes from: a file or a package, and what names its content in keys."""

    place: str = "lsccli"
    digest: str = ""

    @property
    def outside(self) -> bool:
        """Whether it comes from anywhere but this package."""
        return bool(self.digest)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is known of anything that can be added.

    Attributes:
        name: as printed; accepted in any letter case.
        make: the function or class that was registered.
        summary: what it does, in one sentence without a full stop.
        source: where it was published, or comes from.
        version: raised when its results change, so that remembered ones are not taken for them.
    """

    name: str
    make: Callable[..., Any]
    summary: str = ""
    source: str = ""
    version: int = 1
    origin: Origin = field(default_factory=Origin)

    def identity(self) -> dict[str, Any]:
        """What tells its results from those of another version or edition of it, beside the name."""
        outside = {"plugin": self.origin.digest} if self.origin.outside else {}
        return {"version": self.version, **outside}

    @property
    def first_edition(self) -> bool:
        """Whether it is of this package, and as it always was: then its name says all."""
        return self.version == 1 and not self.origin.outside


class PluginError(LscError):
    """An entry failed at its work, or gave what is no result: of the unit that it was at work on."""


E = TypeVar("E", bound=Entry)
T = TypeVar("T")
R = TypeVar("R")

_REGISTRIES: list[Registry[Any]] = []
_LOADING: list[Origin] = []  # what is being loaded just now, innermost last
_INSTALLED: list[list[Origin]] = []  # the packages that have been asked, once they have
_LEFT_OUT: list[str] = []  # what is wrong with those that could not be loaded


class Registry(Generic[E]):
    """The entries of one kind, by name.

    Args:
        kind: what an entry is called, in the singular.
        package: the package whose modules hold the built-in entries, or the one module that does.
        see: the command that lists them.
        check: raises LscError for an entry from outside that cannot work; run once its file is loaded.
    """

    def __init__(self, kind: str, package: str, see: str, check: Callable[[E], None] | None = None) -> None:
        self.kind = kind
        self.see = see
        self._package = package
        self._check = check
        self._entries: dict[str, E] = {}
        self._complete = False
        self._built_in = False  # whether all modules of the package have been imported
        _REGISTRIES.append(self)

    @property
    def group(self) -> str:
        """The entry-point group in which installed packages offer entries of this kind."""
        return f"{_GROUPS}{self.kind.replace(' ', '_')}s"

    def add(self, entry: E) -> E:
        """Register an entry; LscError where another one has its name."""
        # A plugin may import a module of this package that nobody has imported yet; that one stays built in.
        if _LOADING and (self._built_in or not entry.make.__module__.startswith("lsccli.")):
            self.load()  # an entry from outside may not take the name of a built-in one
            entry = replace(entry, origin=_LOADING[-1])
        name = entry.name.lower()
        other = self._entries.get(name)
        # A module imported twice (as __main__ and by name) registers the same thing again; that is no clash.
        again = other is not None and not entry.origin.outside and _place(other) == _place(entry)
        if other is not None and not again:
            raise LscError(f"Two entries are called {entry.name!r}: {_place(other)} and {_place(entry)}.")
        self._entries[name] = entry
        return entry

    def all(self) -> dict[str, E]:
        """All entries by name, in the order in which they are printed: by alphabet, those from outside last.

        Not as they were registered, for that depends on which module is imported first.
        """
        self.load()
        load_installed()
        known = sorted(self._entries.values(), key=lambda entry: (entry.origin.outside, entry.name.lower()))
        return {entry.name: entry for entry in known}

    def find(self, name: str) -> E:
        """The entry called `name` in any letter case; LscError names the nearest otherwise."""
        known = self.all()
        by_lower = {other.lower(): entry for other, entry in known.items()}
        if name.lower() in by_lower:
            return by_lower[name.lower()]
        near = get_close_matches(name.lower(), by_lower, n=1)
        hint = f" Did you mean {by_lower[near[0]].name}?" if near else ""
        told = " ".join([f"Unknown {self.kind} {name!r}.{hint} Known: {', '.join(known)}.", *left_out()])
        raise LscError(f"{told} See: {self.see}")

    def of(self, origin: Origin) -> list[E]:
        """The entries of one origin."""
        return [entry for entry in self._entries.values() if entry.origin == origin]

    def check(self, entry: E) -> None:
        """LscError where an entry cannot work."""
        if self._check is not None:
            self._check(entry)

    def forget(self, origin: Origin) -> None:
        """Drop all that came from there."""
        for entry in self.of(origin):
            del self._entries[entry.name.lower()]

    def load(self) -> None:
        """Import the package of the built-in entries."""
        if self._complete:
            return
        self._complete = True
        module = importlib.import_module(self._package)
        folders = getattr(module, "__path__", [])
        for info in sorted(pkgutil.iter_modules(folders), key=lambda found: found.name):
            importlib.import_module(f"{module.__name__}.{info.name}")
        self._built_in = True


@contextmanager
def loading(origin: Origin) -> Iterator[None]:
    """What is registered meanwhile comes from `origin`; after an error nothing of it stays.

    Raises:
        LscError: where nothing was registered, or something that cannot work.
    """
    _LOADING.append(origin)
    try:
        yield
        added = entries_of(origin)
        if not added:
            raise LscError(f"The plugin {origin.place} registers nothing; CONTRIBUTING.md shows how.")
        for registry, entry in added:
            registry.check(entry)
    except BaseException:
        forget(origin)
        raise
    finally:
        _LOADING.pop()


def entries_of(origin: Origin) -> list[tuple[Registry[Any], Entry]]:
    """All that came from there, of every kind."""
    return [(registry, entry) for registry in _REGISTRIES for entry in registry.of(origin)]


def registries() -> list[Registry[Any]]:
    """Every kind that has been imported, by name; see `lsccli.api.load_kinds`."""
    return sorted(_REGISTRIES, key=lambda registry: registry.kind)


def from_outside() -> list[tuple[Registry[Any], Entry]]:
    """All that came from files and packages, by kind and name."""
    load_installed()
    found = [
        (registry, entry)
        for registry in _REGISTRIES
        for entry in registry._entries.values()
        if entry.origin.outside
    ]
    return sorted(found, key=lambda pair: (pair[0].kind, pair[1].name.lower()))


def forget(origin: Origin) -> None:
    """Drop all that came from there, of every kind."""
    for registry in _REGISTRIES:
        registry.forget(origin)


def load_installed() -> None:
    """Make known what installed packages offer, once.

    Each entry point names a module that registers entries when it is imported, or anything in one.
    """
    if _INSTALLED:
        return
    points: dict[Origin, list[Any]] = {}
    for group in sorted(entry_points().groups):
        if group.startswith(_GROUPS):
            for point in entry_points(group=group):
                version = f"{point.dist.name} {point.dist.version}" if point.dist else point.value
                points.setdefault(Origin(version, version), []).append(point)
    # At once: whoever checks an entry asks for what is known, and so comes back here.
    _INSTALLED.append(list(points))
    _LEFT_OUT.clear()
    try:
        for origin, own in points.items():
            try:
                with loading(origin), told_in_one_line(origin.place):
                    for point in own:
                        point.load()
            except LscError as error:  # whoever needs something of it is told when it is asked for
                _LEFT_OUT.append(f"Left out: {error}")
    except BaseException:
        _INSTALLED.clear()
        raise


def left_out() -> list[str]:
    """What is wrong with installed packages that could not be loaded, a line for each."""
    load_installed()
    return list(_LEFT_OUT)


@contextmanager
def at_work(entry: Entry, failed: str) -> Iterator[None]:
    """An error inside an entry from outside becomes one line that begins with `failed` and says where.

    So does leaving by `exit()`, or by an error of one's own beside `Exception`; an interrupt is the user's.
    """
    try:
        yield
    except (LscError, KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        if not entry.origin.outside or type(error).__module__.startswith("lsccli."):
            raise
        if isinstance(error, OSError) and error.errno in OF_DISK:
            raise
        frame = extract_tb(error.__traceback__)[-1]
        told = f"{type(error).__name__}: {' '.join(str(error).split())}".removesuffix(": ")
        raise PluginError(f"{failed}: {told} ({Path(frame.filename).name}, line {frame.lineno}).") from error


def each_or_alone(units: Sequence[T], work: Callable[[Sequence[T]], Sequence[R]]) -> list[R | PluginError]:
    """What `work` gives for units together; where an entry fails at that, for each alone, or why not."""
    try:
        return list(work(units))
    except PluginError as error:
        if len(units) == 1:
            return [error]
    return [one for unit in units for one in each_or_alone([unit], work)]


@contextmanager
def told_in_one_line(place: str) -> Iterator[None]:
    """Whatever a plugin raises becomes one line that names it."""
    try:
        yield
    except LscError:
        raise
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        lines = str(error).strip().splitlines()
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        told = f"{type(error).__name__}: {lines[0] if lines else ''}{line}".rstrip(": .")
        raise LscError(f"The plugin {place} fails: {told}.") from error


def _place(entry: Entry) -> str:
    return f"{entry.make.__module__}.{entry.make.__qualname__}"
