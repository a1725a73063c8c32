"""What every stage is handed: the store, the models, whom to tell of progress; and what it gives back."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from lsccli.core.models.models import Models
from lsccli.core.models.profile import Profile
from lsccli.core.store.keys import Identity
from lsccli.core.store.store import Store, config_id, config_key, ids_by_key
from lsccli.core.store.tables import Config
from lsccli.core.store.uses import Used


class Watcher(Protocol):
    """Who is told how a stage gets on. A stage never prints."""

    def start(self, what: str, total: int) -> None:
        """Work on `total` units begins."""
        ...

    def advance(self, units: int) -> None:
        """So many more units are done."""
        ...

    def finish(self) -> None:
        """The work that was started last is over."""
        ...

    def say(self, line: str) -> None:
        """Something that a user would want to know."""
        ...


class Silence:
    """A watcher that does not watch."""

    def start(self, what: str, total: int) -> None:
        """Heed nothing."""

    def advance(self, units: int) -> None:
        """Heed nothing."""

    def finish(self) -> None:
        """Heed nothing."""

    def say(self, line: str) -> None:
        """Heed nothing."""


@dataclass(frozen=True)
class Configuration:
    """A row of `config`: the id, and what it holds."""

    id: int
    identity: Identity


@dataclass
class Workspace:
    """What one command works with."""

    store: Store
    models: Models
    run_id: int | None = None
    watcher: Watcher = field(default_factory=Silence)
    receiver_seeds: int = 1
    metric_fit: str | None = None  # how stages score; searches go by the profile's
    receiver_seed: int | None = None  # drawn with from this one on, where that is another than the profile's
    keep_all_images: bool = False
    used: Used = field(default_factory=Used)
    forecast: int = 0  # drawings to come at the most, as long as nobody was told how long they take
    _warm: bool = False
    _configurations: dict[bytes, Configuration] = field(default_factory=dict, repr=False)

    @property
    def profile(self) -> Profile:
        """The profile in force."""
        return self.models.profile

    def seeds(self) -> list[int]:
        """The seeds that Bob draws with: the profile's or another, and those after it where he repeats."""
        first = self.search_seed if self.receiver_seed is None else self.receiver_seed
        return list(range(first, first + self.receiver_seeds))

    @property
    def search_seed(self) -> int:
        """The profile's receiver seed, by which searches choose whatever Bob draws with afterwards."""
        return int(self.profile.need("receiver").seed)

    def configuration(self, kind: str, identity: Identity) -> Configuration:
        """The configuration of a captioner, method, channel, receiver or metric; looked up once a command."""
        name = config_key(kind, identity)
        if name not in self._configurations:
            with self.store.read() as session:
                known = ids_by_key(session, Config, [name])
            if name not in known:
                with self.store.write() as session:
                    known = {name: config_id(session, kind, self.profile.name, identity)}
            self._configurations[name] = Configuration(known[name], identity)
        return self._configurations[name]

    @contextmanager
    def pace(self, drawings: int) -> Iterator[None]:
        """Time a batch of drawings; the second, the first being slow, tells how long `forecast` takes."""
        start = time.perf_counter()
        yield
        seconds = time.perf_counter() - start
        if self.forecast and self._warm:
            self.watcher.say(_forecast(self.forecast, drawings / seconds))
            self.forecast = 0
        self._warm = True

    @contextmanager
    def progress(self, what: str, total: int) -> Iterator[None]:
        """Report progress on `total` units while the block runs; silent where there is nothing to do."""
        if total:
            self.watcher.start(what, total)
        try:
            yield
        finally:
            if total:
                self.watcher.finish()


def _forecast(drawings: int, rate: float) -> str:
    minutes = drawings / rate / 60
    length = f"{minutes:.0f} min" if minutes >= 1.5 else f"{max(1, round(60 * minutes))} s"
    return f"{rate:.1f} drawings/s here: about {length} or less"


@dataclass(frozen=True)
class Failure:
    """One unit that could not be done, and why."""

    unit: str
    reason: str


@dataclass
class StageResult:
    """What a stage did: units found, newly made, remembered, failed; stages that it had to do first.

    One failure, such as an image that is gone, may stand for many units.
    """

    stage: str
    units: int = 0
    new: int = 0
    failed: int = 0
    failures: list[Failure] = field(default_factory=list)
    made_first: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def cached(self) -> int:
        """How many units the store remembered."""
        return self.units - self.new - self.failed

    @classmethod
    def after(cls, earlier: StageResult, stage: str) -> StageResult:
        """The beginning of a stage's result: what an earlier one could not do is lost to this one too."""
        result = cls(stage, units=earlier.failed)
        result.fail(earlier.failures, earlier.failed)
        return result

    def add(self, other: StageResult) -> None:
        """Count another part of the same stage in."""
        self.units += other.units
        self.new += other.new
        self.seconds += other.seconds
        self.fail(other.failures, other.failed)
        self.made_first += [stage for stage in other.made_first if stage not in self.made_first]

    def fail(self, failures: Iterable[Failure], units: int) -> None:
        """Count `units` that failed; each reason is kept once."""
        self.failed += units
        self.failures += [failure for failure in failures if failure not in self.failures]

    def as_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {
            "stage": self.stage,
            "units": self.units,
            "new": self.new,
            "cached": self.cached,
            "failed": self.failed,
            "failures": [vars(failure) for failure in self.failures],
            "made_first": self.made_first,
            "seconds": round(self.seconds, 3),
        }


@contextmanager
def timed(result: StageResult) -> Iterator[StageResult]:
    """Add the time that the block takes to the result."""
    start = time.perf_counter()
    try:
        yield result
    finally:
        result.seconds += time.perf_counter() - start
