"""What is installed: methods, captioners and metrics, each with all its facts in its decorator.

A registered thing is a plain function or class; the decorator only records what the rest of the
program must know of it (what it reads, what it costs, where it comes from). Nothing here imports
torch, so that `lsc methods` answers at once.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from lsccli.core.errors import LscError
from lsccli.core.registry.specs import CaptionerSpec as CaptionerSpec
from lsccli.core.registry.specs import MethodSpec as MethodSpec
from lsccli.core.registry.specs import MetricSpec as MetricSpec
from lsccli.core.registry.specs import PerImportance, by_importance

NAM_2024 = (
    'H. Nam et al., "Language-oriented communication with semantic coding and knowledge distillation '
    'for text-to-image generation", ICASSP 2024 (arXiv 2309.11127)'
)


# What a method may heed; `lsccli.core.run.rank` knows what each is when it is not given.
RANK_OPTIONS = ("seed", "only_heads", "penalty", "reorder")


@dataclass
class _Tables:
    methods: dict[str, MethodSpec] = field(default_factory=dict)
    metrics: dict[str, MetricSpec] = field(default_factory=dict)
    captioners: dict[str, CaptionerSpec] = field(default_factory=dict)
    plugin: str = ""  # what is being loaded just now


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
    voices: Mapping[str | None, str] | None = None,
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
        reads: names of the facts (see `lsccli.core.facts.base`) that the method needs; a mapping where each
            importance needs its own.
        options: names of the rank options that the method heeds; likewise.
        voices: the captioner of each importance that ranks the captions of another than Alice's.
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
            needs=by_importance(name, choices, reads),
            heeds=by_importance(name, choices, options),
            voices=dict(voices or {}),
            oracle=oracle,
            version=version,
            plugin=_TABLES.plugin,
        )
        if strangers := [importance for importance in spec.voices if importance not in choices]:
            raise ValueError(f"method {name} has no importance {strangers[0]!r}")
        if unknown := set(spec.options) - set(RANK_OPTIONS):
            raise ValueError(f"method {name}: no option {min(unknown)!r} among {', '.join(RANK_OPTIONS)}")
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


def metric(
    name: str, *, summary: str, better: str, source: str, version: int = 1, best: float | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a metric: a callable that takes (device) and returns a `lsccli.core.metrics.base.Metric`.

    `best` is the score of identical images, where the metric has a bound.
    """
    if better not in ("lower", "higher"):
        raise ValueError(f"better must be 'lower' or 'higher', not {better!r}")

    def register(load: Callable[..., Any]) -> Callable[..., Any]:
        _add(_TABLES.metrics, MetricSpec(name, load, summary, better, source, version, best))
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


@contextmanager
def methods_of(plugin: str) -> Iterator[list[MethodSpec]]:
    """What is registered meanwhile comes from this plugin; yields the list that has it afterwards."""
    _load_builtins("methods")
    before = dict(_TABLES.methods)
    added: list[MethodSpec] = []
    _TABLES.plugin = plugin
    try:
        yield added
        added += [spec for name, spec in _TABLES.methods.items() if before.get(name) is not spec]
    except BaseException:
        _TABLES.methods = before
        raise
    finally:
        _TABLES.plugin = ""


def forget(specs: Iterable[MethodSpec]) -> None:
    """Drop methods of plugins."""
    for spec in specs:
        _TABLES.methods.pop(spec.name.lower(), None)


def methods() -> dict[str, MethodSpec]:
    """All methods by name, in the order in which they are printed: by alphabet, those from outside last.

    Not as they were registered, for that depends on which module is imported first.
    """
    from lsccli.core.registry.plugins import load_installed

    _load_builtins("methods")
    load_installed()
    known = sorted(_TABLES.methods.values(), key=lambda spec: (bool(spec.plugin), spec.name.lower()))
    return {spec.name: spec for spec in known}


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
