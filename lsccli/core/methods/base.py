"""What a method is: what it sees of a caption, what it gives back, and what is known of it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from inspect import isgeneratorfunction
from types import MappingProxyType
from typing import Any

from lsccli.core.captioners.base import DEFAULT
from lsccli.core.errors import LscError
from lsccli.core.facts.base import FACTS
from lsccli.core.numbers import LARGEST, is_result
from lsccli.core.options import Option, Settings, options_of
from lsccli.core.registry.base import NAM_2024, Entry, Registry
from lsccli.core.registry.given import shown

# The same for every importance, or for each its own.
Reads = Sequence[str] | Mapping[str, Sequence[str]]
Options = type[Settings] | Mapping[str, type[Settings]] | None
# (option, value) -> facts that are read in place of others where an option has that value.
Instead = Mapping[tuple[str, str], Mapping[str, str]]
NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Item:
    """One caption as a method sees it.

    Attributes:
        text: the caption as written.
        words: its n words.
        importance: the resolved --importance, or None.
        facts: what the method declared in `reads`, by name (see `lsccli.core.facts`).
        options: the method's own options, by name.
    """

    text: str
    words: tuple[str, ...]
    importance: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ranking:
    """An order in which to send the words: indices, and a score for each where the method has one.

    `stop` says that the words left out are meant to be left out: that sending stops early.
    """

    order: tuple[int, ...]
    scores: tuple[float | None, ...]
    stop: bool = False


def ranking(
    order: Iterable[int], words: int, scores: Sequence[float | None] | None = None, *, stop: bool = False
) -> Ranking:
    """Check an order and make it a `Ranking`.

    Args:
        order: distinct indices into the words: all of them, or fewer with `stop`.
        words: how many words there are.
        scores: one per entry of `order`, or None.

    Raises:
        ValueError: where an index is repeated, out of range, or left out without `stop`.
    """
    given = tuple(operator.index(index) for index in order)
    if len(set(given)) != len(given) or any(not 0 <= index < words for index in given):
        raise ValueError(f"{given!r:.60} is no order of {words} words")
    if len(given) < words and not stop:
        left = min(set(range(words)) - set(given))
        raise ValueError(
            f"{list(given)} leaves out word {left} of {words}; to stop early, say ranking(…, stop=True)"
        )
    marks = tuple(scores) if scores is not None else (None,) * len(given)
    if len(marks) != len(given):
        raise ValueError(f"{len(marks)} scores for {len(given)} words")
    if wrong := [mark for mark in marks if mark is not None and not is_result(mark)]:
        raise ValueError(
            f"the score {shown(wrong[0])} is no finite number of at most {LARGEST:g}; "
            "None stands for no score"
        )
    numbers = tuple(None if mark is None else float(mark) for mark in marks)
    return Ranking(given, numbers, stop)


def _greedy_tries(words: int) -> int:
    """n(n+1)/2: each round tries every word that is left."""
    return words * (words + 1) // 2


@dataclass(frozen=True, kw_only=True)
class MethodSpec(Entry):
    """One way to order the words of a caption; see `method`.

    What differs by importance is a mapping that has each importance, or None where the method has none.

    Attributes:
        captioners: the captioner of each importance that means the captions of a certain one.
        speakers: (option, value) -> the captioner that is meant instead where an option has that value.
        twins: what orders the same way on any captions, by name and importance, where the captioner is all
            that sets this one apart.
        tries: of a search, how many prompts it tries at the most for n words.
    """

    direction: str = ""
    cost: str = "0"
    importances: tuple[str, ...] = ()
    facts: Mapping[str | None, tuple[str, ...]] = field(default_factory=dict)
    instead: Instead = field(default_factory=dict)
    settings: Mapping[str | None, type[Settings] | None] = field(default_factory=dict)
    captioner: str = DEFAULT
    captioners: Mapping[str, str] = field(default_factory=dict)
    speakers: Mapping[tuple[str, str], str] = field(default_factory=dict)
    twins: Mapping[str | None, tuple[str, str | None]] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)
    simulates_bob: bool = False
    tries: Callable[[int], int] = _greedy_tries
    most_words: int | None = None
    by_name_only: bool = False

    @property
    def default_importance(self) -> str | None:
        """The importance used when none is asked for (the first), or None where there is no choice."""
        return self.importances[0] if self.importances else None

    @property
    def reads(self) -> tuple[str, ...]:
        """The facts that the method needs for any of its importances."""
        return tuple(dict.fromkeys(name for names in self.facts.values() for name in names))

    @property
    def options(self) -> tuple[Option, ...]:
        """The options that the method has with any of its importances."""
        found = {one.name: one for importance in self.settings for one in self.options_of(importance)}
        return tuple(found.values())

    def reads_of(self, importance: str | None, options: Mapping[str, Any] = NO_OPTIONS) -> tuple[str, ...]:
        """The facts that the method needs for this importance, and with these options where they matter."""
        other = {
            given: read
            for (name, value), facts in self.instead.items()
            if options.get(name) == value
            for given, read in facts.items()
        }
        return tuple(other.get(name, name) for name in self.facts.get(importance, ()))

    def options_of(self, importance: str | None) -> tuple[Option, ...]:
        """The options that the method has with this importance."""
        settings = self.settings.get(importance)
        return tuple(options_of(settings)) if settings is not None else ()

    def captioner_of(self, importance: str | None, options: Mapping[str, Any] = NO_OPTIONS) -> str:
        """Whose captions are ranked with this importance, unless another captioner is asked for."""
        return self.bound_to(importance, options) or self.captioner

    def bound_to(self, importance: str | None, options: Mapping[str, Any] = NO_OPTIONS) -> str | None:
        """The captioner whose captions belong to what the name means; None where any may be ranked."""
        for (name, value), speaker in self.speakers.items():
            if options.get(name) == value:
                return speaker
        own = self.captioner if self.captioner != DEFAULT else None
        return self.captioners.get(importance or "", own)

    def version_of(self, importance: str | None) -> int:
        """The version of the rule by which this importance orders words."""
        return self.versions.get(importance or "", self.version)

    def find_importance(self, importance: str | None) -> str | None:
        """The importance to use, as printed, in any letter case; LscError where there is no such one."""
        if importance is None:
            return self.default_importance
        for known in self.importances:
            if known.lower() == importance.lower():
                return known
        if not self.importances:
            raise LscError(f"Method {self.name} takes no --importance; leave {importance!r} out.")
        raise LscError(
            f"Method {self.name} has no importance {importance!r}; choose one of "
            f"{', '.join(self.importances)}."
        )

    @property
    def search(self) -> bool:
        """Whether the method tries prompts on Bob (a generator) instead of ordering words by itself."""
        return isgeneratorfunction(self.make)


def _check(spec: MethodSpec) -> None:
    known = FACTS.all()
    for name in (*spec.reads, *(name for facts in spec.instead.values() for name in facts.values())):
        if name not in known:
            raise LscError(f"Method {spec.name} reads {name!r}; there are {', '.join(known)}.")


METHODS: Registry[MethodSpec] = Registry("method", "lsccli.core.methods", "lsc methods", _check)


def method(
    name: str,
    *,
    summary: str,
    direction: str,
    cost: str = "0",
    source: str = NAM_2024,
    importances: Iterable[str] = (),
    reads: Reads = (),
    instead: Instead = MappingProxyType({}),
    options: Options = None,
    captioners: Mapping[str, str] | None = None,
    speakers: Mapping[tuple[str, str], str] | None = None,
    twins: Mapping[str, str] | None = None,
    simulates_bob: bool = False,
    oracle: bool = False,
    tries: Callable[[int], int] = _greedy_tries,
    most_words: int | None = None,
    by_name_only: bool = False,
    clip_tx: bool = False,
    version: int | Mapping[str, int] = 1,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function that orders words, or a generator that searches for an order.

    A function is called as `run(item)` with an `Item` and returns a `Ranking`, or a list of word indices, all
    of them. A generator yields lists of prompts, is sent their scores (lower is better), returns the same.

    Args:
        name: as printed; accepted in any letter case.
        direction: which words go first, in words.
        cost: generations per caption of n words, as a formula in n.
        importances: accepted values of --importance, the default first.
        reads: names of the facts (see `lsccli.core.facts`) that the method needs; a mapping where each
            importance needs its own.
        instead: which facts are read in place of others where an option has a certain value.
        options: its own options, a class; likewise.
        captioners: the captioner of each importance that ranks the captions of another than Alice's.
        speakers: whose captions are meant instead where an option has a certain value.
        twins: for each of those the importance that orders the same way on any captions, where there is one.
        simulates_bob: whether it draws as Bob does, which Alice cannot in practice; reports mark it.
        oracle: the same, as it was called in 0.2.
        tries: of a search, how many prompts it tries at the most for n words.
        most_words: longer captions are left out, each with a line.
        by_name_only: whether it runs only where it is named, for it is too costly to be one of many.
        clip_tx: also register `NAME_clipTX`, the same on the captions of the CLIP captioner.
        version: raise it when the order changes, so that remembered rankings are not reused; a mapping where
            that of some importances has changed, 1 being that of the others.
    """
    choices = tuple(importances)
    for given in (reads, options, captioners, twins, version):
        if isinstance(given, Mapping) and (unknown := set(given) - set(choices)):
            raise ValueError(f"method {name} has no importance {min(unknown)!r}")

    def each(given: Any, none: Any) -> dict[str | None, Any]:
        if isinstance(given, Mapping):
            return {importance: given.get(importance, none) for importance in choices}
        return dict.fromkeys(choices or (None,), given)

    def register(run: Callable[..., Any]) -> Callable[..., Any]:
        spec = MethodSpec(
            name=name,
            make=run,
            summary=summary,
            direction=direction,
            cost=cost,
            source=source,
            importances=choices,
            facts={importance: tuple(names) for importance, names in each(reads, ()).items()},
            instead=dict(instead),
            settings=each(options, None),
            captioners=dict(captioners or {}),
            speakers=dict(speakers or {}),
            twins={importance: (name, twin) for importance, twin in (twins or {}).items()},
            simulates_bob=simulates_bob or oracle,
            tries=tries,
            most_words=most_words,
            by_name_only=by_name_only,
            versions=dict(version) if isinstance(version, Mapping) else {},
            version=version if isinstance(version, int) else 1,
        )
        METHODS.add(spec)
        if clip_tx:
            told = f"{summary}, on the captions of the CLIP captioner"
            same = {importance: (name, importance) for importance in choices or (None,)}
            twin = replace(spec, name=f"{name}_clipTX", captioner="clip", summary=told, twins=same)
            METHODS.add(twin)
        return run

    return register
