"""What is known of a method, a metric and a captioner; `lsccli.core.registry.base` keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from inspect import isgeneratorfunction
from typing import Any

# Names for every importance alike, or for each importance its own.
PerImportance = Iterable[str] | Mapping[str, Iterable[str]]


@dataclass(frozen=True)
class MethodSpec:
    """One way to order the words of a caption; see `method`.

    `needs` and `heeds` hold facts and options by importance (None where the method has none), `voices` the
    captioner of those importances that rank another's captions than the method does.
    """

    name: str
    run: Callable[..., Any]
    summary: str
    direction: str
    cost: str
    source: str
    importances: tuple[str, ...] = ()
    needs: Mapping[str | None, tuple[str, ...]] = field(default_factory=dict)
    heeds: Mapping[str | None, tuple[str, ...]] = field(default_factory=dict)
    captioner: str = "blip"
    voices: Mapping[str | None, str] = field(default_factory=dict)
    oracle: bool = False
    version: int = 1
    plugin: str = ""  # the file's digest, or the package and its version, of a method from outside

    @property
    def default_importance(self) -> str | None:
        """The importance used when none is asked for (the first), or None where there is no choice."""
        return self.importances[0] if self.importances else None

    @property
    def reads(self) -> tuple[str, ...]:
        """The facts that the method needs for any of its importances."""
        return tuple(dict.fromkeys(name for names in self.needs.values() for name in names))

    @property
    def options(self) -> tuple[str, ...]:
        """The rank options that the method heeds with any of its importances."""
        return tuple(dict.fromkeys(name for names in self.heeds.values() for name in names))

    def reads_of(self, importance: str | None) -> tuple[str, ...]:
        """The facts that the method needs for this importance."""
        return self.needs.get(importance, ())

    def options_of(self, importance: str | None) -> tuple[str, ...]:
        """The rank options that the method heeds with this importance."""
        return self.heeds.get(importance, ())

    def captioner_of(self, importance: str | None) -> str:
        """Whose captions are ranked with this importance, unless another captioner is asked for."""
        return self.voices.get(importance, self.captioner)

    @property
    def search(self) -> bool:
        """Whether the method tries prompts on Bob (a generator) instead of ordering words by itself."""
        return isgeneratorfunction(self.run)


@dataclass(frozen=True)
class MetricSpec:
    """One comparison of Alice's image with Bob's; see `metric`."""

    name: str
    load: Callable[..., Any]
    summary: str
    better: str  # "lower" or "higher"
    source: str
    version: int = 1
    best: float | None = None  # the score of identical images, where none can be better


@dataclass(frozen=True)
class CaptionerSpec:
    """One way to turn an image into words; see `captioner`."""

    name: str
    load: Callable[..., Any] | None
    summary: str
    roles: tuple[str, ...]
    source: str
    version: int = 1


def by_importance(
    method: str, importances: tuple[str, ...], given: PerImportance
) -> dict[str | None, tuple[str, ...]]:
    """`given` as a mapping that has each importance, or None where the method has none."""
    if isinstance(given, Mapping):
        if unknown := set(given) - set(importances):
            raise ValueError(f"method {method} has no importance {min(unknown)!r}")
        return {importance: tuple(given.get(importance, ())) for importance in importances}
    names = tuple(given)
    return dict.fromkeys(importances or (None,), names)
