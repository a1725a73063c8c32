"""What is installed: methods, captioners and metrics, each with all its facts in its decorator.

A registered thing is a plain function or class; the decorator only records what the rest of the
program must know of it (what it reads, what it costs, where it comes from). Nothing here imports
torch, so that `lsc methods` answers at once.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from inspect import isgeneratorfunction
from typing import Any

from lsccli.core.errors import LscError

NAM_2024 = (
    'H. Nam et al., "Language-oriented communication with semantic coding and knowledge distillation '
    'for text-to-image generation", ICASSP 2024 (arXiv 2309.11127)'
)


# Names for every importance alike, or for each importance its own.
PerImportance = Iterable[str] | Mapping[str, Iterable[str]]


@dataclass(frozen=True)
class MethodSpec:
    """One way to order the words of a caption; see `method`.

    `needs` and `heeds` hold facts and options by importance (None where the method has none).
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
    oracle: bool = False
    version: int = 1

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


@dataclass(frozen=True)
class CaptionerSpec:
    """One way to turn an image into words; see `captioner`."""

    name: str
    load: Callable[..., Any] | None
    summary: str
    roles: tuple[str, ...]
    source: str
    version: int = 1


@dataclass
class _Tables:
    methods: dict[str, MethodSpec] = field(default_factory=dict)
    metrics: dict[str, MetricSpec] = field(default_factory=dict)
    captioners: dict[str, CaptionerSpec] = field(default_factory=dict)


_TABLES = _Tables()


def method(
    name: str,
    *,
    summary: str,
    direction: str,
    cost: str = "0",
    source: str = NAM_2024,
    importances: Iterable[str] = (),
    reads: PerImportance = (),
    options: PerImportance = (),
    oracle: bool = False,
    clip_tx: bool = False,
    version: int = 1,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function that orders words, or a generator that searches for an order.

    A function is called as `run(item)` with a `lsccli.core.methods.base.Item` and returns a `Ranking`
    (or a plain list of word indices). A generator yields lists of prompts, is sent their scores
    (lower is better) and returns a `Ranking`.

    Args:
        name: as printed; accepted in any letter case.
        direction: which words go first, in words.
        cost: generations per caption of n words, as a formula in n.
        importances: accepted values of --importance, the default first.
        reads: names of the facts (see `lsccli.core.facts`) that the method needs; a mapping where each
            importance needs its own.
        options: names of the rank options that the method heeds; likewise.
        oracle: whether it uses what Alice cannot know in practice; reports mark it.
        clip_tx: also register `NAME_clipTX`, the same on the captions of the CLIP captioner.
        version: raise it when the order changes, so that remembered rankings are not reused.
    """

    choices = tuple(importances)

    def register(run: Callable[..., Any]) -> Callable[..., Any]:
        spec = MethodSpec(
            name=name,
            run=run,
            summary=summary,
            direction=direction,
            cost=cost,
            source=source,
            importances=choices,
            needs=_by_importance(name, choices, reads),
            heeds=_by_importance(name, choices, options),
            oracle=oracle,
            version=version,
        )
        _add(_TABLES.methods, spec)
        if clip_tx:
            _add(
                _TABLES.methods,
                replace(
                    spec,
                    name=f"{name}_clipTX",
                    captioner="clip",
                    summary=f"{summary}, on the captions of the CLIP captioner",
                ),
            )
        return run

    return register


def _by_importance(
    method: str, importances: tuple[str, ...], given: PerImportance
) -> dict[str | None, tuple[str, ...]]:
    if isinstance(given, Mapping):
        if unknown := set(given) - set(importances):
            raise ValueError(f"method {method} has no importance {min(unknown)!r}")
        return {importance: tuple(given.get(importance, ())) for importance in importances}
    names = tuple(given)
    return dict.fromkeys(importances or (None,), names)


def metric(
    name: str, *, summary: str, better: str, source: str, version: int = 1
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a metric: a callable that takes (device) and returns a `lsccli.core.metrics.base.Metric`."""
    if better not in ("lower", "higher"):
        raise ValueError(f"better must be 'lower' or 'higher', not {better!r}")

    def register(load: Callable[..., Any]) -> Callable[..., Any]:
        _add(_TABLES.metrics, MetricSpec(name, load, summary, better, source, version))
        return load

    return register


def captioner(
    name: str, *, summary: str, roles: Iterable[str], source: str, version: int = 1
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a captioner: a class built from the profile's roles, with `caption(images) -> list[str]`."""

    def register(load: Callable[..., Any]) -> Callable[..., Any]:
        _add(_TABLES.captioners, CaptionerSpec(name, load, summary, tuple(roles), source, version))
        return load

    return register


def _add(table: dict[str, Any], spec: Any) -> None:
    other = table.get(spec.name.lower())
    # A module imported twice (as __main__ and by name) registers the same thing again; that is no clash.
    if other is not None and _origin(other) != _origin(spec):
        raise LscError(f"Two entries are called {spec.name!r}: {_origin(other)} and {_origin(spec)}.")
    table[spec.name.lower()] = spec


def _origin(spec: Any) -> str:
    run = spec.run if isinstance(spec, MethodSpec) else spec.load
    return f"{run.__module__}.{run.__qualname__}" if run is not None else spec.name


@cache
def _load_builtins(package: str) -> None:
    module = importlib.import_module(f"lsccli.core.{package}")
    for info in sorted(pkgutil.iter_modules(module.__path__), key=lambda found: found.name):
        importlib.import_module(f"{module.__name__}.{info.name}")


def methods() -> dict[str, MethodSpec]:
    """All methods by name, in the order in which they are printed."""
    _load_builtins("methods")
    return {spec.name: spec for spec in _TABLES.methods.values()}


def metrics() -> dict[str, MetricSpec]:
    """All metrics by name."""
    _load_builtins("metrics")
    return {spec.name: spec for spec in _TABLES.metrics.values()}


def captioners() -> dict[str, CaptionerSpec]:
    """All captioners by name."""
    _load_builtins("captioners")
    return {spec.name: spec for spec in _TABLES.captioners.values()}


def find_method(name: str) -> MethodSpec:
    """The method called `name` in any letter case; LscError names the nearest otherwise."""
    found: MethodSpec = _find(methods(), name, "method", "lsc methods")
    return found


def find_metric(name: str) -> MetricSpec:
    """The metric called `name` in any letter case; LscError names the nearest otherwise."""
    found: MetricSpec = _find(metrics(), name, "metric", "lsc models")
    return found


def find_captioner(name: str) -> CaptionerSpec:
    """The captioner called `name` in any letter case; LscError names the nearest otherwise."""
    found: CaptionerSpec = _find(captioners(), name, "captioner", "lsc models")
    return found


def find_importance(spec: MethodSpec, importance: str | None) -> str | None:
    """The importance to use for `spec`, as printed; LscError where the method has no such one."""
    if importance is None:
        return spec.default_importance
    for known in spec.importances:
        if known.lower() == importance.lower():
            return known
    if not spec.importances:
        raise LscError(f"Method {spec.name} takes no --importance; leave {importance!r} out.")
    raise LscError(
        f"Method {spec.name} has no importance {importance!r}; choose one of {', '.join(spec.importances)}."
    )


def _find(table: dict[str, Any], name: str, what: str, where: str) -> Any:
    from difflib import get_close_matches

    by_lower = {known.lower(): spec for known, spec in table.items()}
    if name.lower() in by_lower:
        return by_lower[name.lower()]
    near = get_close_matches(name.lower(), by_lower, n=1)
    hint = f" Did you mean {by_lower[near[0]].name}?" if near else ""
    raise LscError(f"Unknown {what} {name!r}.{hint} Known: {', '.join(table)}. See: {where}")
