"""What a run used, whether it made it or the store remembered it: kept with the run, for a report on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

# More ids than this in a range are a store's mistake, and would fill the memory.
_MOST = 10**8


@dataclass(frozen=True)
class UsedLeg:
    """One method over one channel: the keys of the configurations, and how many seeds and trials."""

    captioner: bytes
    method: bytes
    channel: bytes
    seeds: int
    trials: int


@dataclass
class Used:
    """What a run used.

    Attributes:
        legs: what was sent, in order.
        receivers, metrics: the keys of their configurations, in order.
        receiver_seeds: the seeds of the receiver.
        images, captions: ids of the images and of the captions that were sent.
        all_captions: whether all captions that a data set brings were sent, and not only the first.
        stop_at: the metric and the score at which drawing stopped; None where it did not.
    """

    legs: dict[UsedLeg, None] = field(default_factory=dict)
    receivers: dict[bytes, None] = field(default_factory=dict)
    metrics: dict[bytes, None] = field(default_factory=dict)
    receiver_seeds: set[int] = field(default_factory=set)
    images: set[int] = field(default_factory=set)
    captions: set[int] = field(default_factory=set)
    all_captions: bool = False
    stop_at: tuple[str, float] | None = None

    def has(self, kind: str, key: bytes) -> bool:
        """Whether a configuration was used; of receivers and metrics any where none is known."""
        if kind == "receiver":
            return not self.receivers or key in self.receivers
        if kind == "metric":
            return not self.metrics or key in self.metrics
        return any(getattr(leg, kind) == key for leg in self.legs)

    def as_json(self) -> dict[str, Any]:
        """The same as JSON values: configurations once and by number, images as ranges of ids."""
        keys = [key for leg in self.legs for key in (leg.captioner, leg.method, leg.channel)]
        names = list(dict.fromkeys([*keys, *self.receivers, *self.metrics]))
        place = {key: number for number, key in enumerate(names)}
        return {
            "configs": [key.hex() for key in names],
            "legs": [
                [place[one.captioner], place[one.method], place[one.channel], one.seeds, one.trials]
                for one in self.legs
            ],
            "receivers": [place[key] for key in self.receivers],
            "metrics": [place[key] for key in self.metrics],
            "receiver_seeds": sorted(self.receiver_seeds),
            "images": list(_ranges(self.images)),
            "captions": list(_ranges(self.captions)),
            "all_captions": self.all_captions,
            "stop_at": None if self.stop_at is None else list(self.stop_at),
        }

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> Used:
        """What `as_json` told; ValueError for anything else."""
        try:
            keys = [bytes.fromhex(name) for name in told["configs"]]
            legs = [
                UsedLeg(keys[own], keys[method], keys[channel], int(seeds), int(trials))
                for own, method, channel, seeds, trials in told["legs"]
            ]
            stop = told["stop_at"]
            return cls(
                dict.fromkeys(legs),
                dict.fromkeys(keys[number] for number in told["receivers"]),
                dict.fromkeys(keys[number] for number in told["metrics"]),
                {int(seed) for seed in told["receiver_seeds"]},
                _numbers(told["images"]),
                _numbers(told["captions"]),
                bool(told["all_captions"]),
                None if stop is None else (str(stop[0]), float(stop[1])),
            )
        except (KeyError, TypeError, IndexError) as error:
            raise ValueError(f"no record of what a run used: {error!r}") from error


def by_counts(legs: Iterable[UsedLeg]) -> dict[tuple[int, int], list[UsedLeg]]:
    """The legs by their numbers of seeds and trials."""
    found: dict[tuple[int, int], list[UsedLeg]] = {}
    for leg in legs:
        found.setdefault((leg.seeds, leg.trials), []).append(leg)
    return found


def _ranges(numbers: Iterable[int]) -> Iterator[list[int]]:
    """[first, last] of each run of numbers that follow each other."""
    for _, run in groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0]):
        own: Sequence[int] = [number for _, number in run]
        yield [own[0], own[-1]]


def _numbers(ranges: Iterable[Sequence[int]]) -> set[int]:
    found: set[int] = set()
    for first, last in ranges:
        if not 0 <= first <= last <= first + _MOST:
            raise ValueError(f"no range of ids: {first} to {last}")
        found.update(range(first, last + 1))
    return found
