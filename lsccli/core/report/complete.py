"""Which images are complete in which curves, and which curves are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lsccli.core.report import read
from lsccli.core.report.stats import Floats


@dataclass(frozen=True, eq=False)
class Part:
    """A curve to be: its group, receiver and metric, and which images are complete at which seed."""

    group: int
    receiver: int
    metric: int
    complete: Mapping[int, NDArray[np.bool_]]  # seed -> (images,)

    @property
    def any(self) -> NDArray[np.bool_]:
        """(images,) whether an image is complete at some seed."""
        return np.asarray(np.logical_or.reduce(list(self.complete.values())))


def parts_of(
    sent: read.Transmissions, scores: Mapping[tuple[int, int, int], Floats], count: int
) -> list[Part]:
    """The curves that have a complete image.

    An image is complete at a seed when each of its transmissions has a score at every step.
    """
    cell = sent.group * count + sent.image
    size = len(sent.groups) * count
    has = np.bincount(cell, minlength=size) > 0
    complete: dict[tuple[int, int], dict[int, NDArray[np.bool_]]] = {}
    for (receiver, metric, seed), values in scores.items():
        lack = np.bincount(cell[sent.owner], weights=np.isnan(values), minlength=size)
        full = has & (lack == 0)
        complete.setdefault((receiver, metric), {})[seed] = full.reshape(-1, count)
    parts: list[Part] = []
    for group in range(len(sent.groups)):
        own = [
            Part(group, receiver, metric, {s: full[group] for s, full in by_seed.items()})
            for (receiver, metric), by_seed in complete.items()
        ]
        sizes = [int(part.any.sum()) for part in own]
        # Methods share generations, so a receiver tried with one method completes a few images of others
        # by chance; such a scrap would shrink the comparison to these images.
        parts += [part for part, n in zip(own, sizes, strict=True) if n and 2 * n >= max(sizes)]
    return parts


def complete_parts(parts: Sequence[Part], *, strict: bool) -> tuple[list[Part], list[Part]]:
    """The curves that are compared, and those left out because they lack images.

    A curve is incomplete where it lacks an image that the curve with the most images has; of several with as
    many, the one whose images most curves have. Images that no curve has make none incomplete. `strict`: all
    are compared, on the images that are complete in all.
    """
    if strict or not parts:
        return list(parts), []
    sizes = [int(part.any.sum()) for part in parts]
    fullest = [part for part, size in zip(parts, sizes, strict=True) if size == max(sizes)]

    def with_all_of(best: Part) -> list[Part]:
        return [part for part in parts if not (best.any & ~part.any).any()]

    kept = max(map(with_all_of, fullest), key=len)
    return kept, [part for part in parts if part not in kept]


def same_seeds(parts: Sequence[Part]) -> list[Part]:
    """The curves without the receiver seeds at which they differ in images, where all share a whole one.

    A search has scores at the seed that it chose with; where the others were drawn with another one, it is
    not to be judged by its own.
    """
    whole = [
        {seed for seed, complete in part.complete.items() if not (part.any & ~complete).any()}
        for part in parts
    ]
    if len(parts) < 2 or not (shared := set.intersection(*whole)):
        return list(parts)
    for seed in {seed for part in parts for seed in part.complete} - shared:
        masks = [part.complete[seed] for part in parts if seed in part.complete]
        if len(masks) == len(parts) and all(np.array_equal(mask, masks[0]) for mask in masks):
            shared.add(seed)
    return [
        replace(part, complete={seed: own for seed, own in part.complete.items() if seed in shared})
        for part in parts
    ]
