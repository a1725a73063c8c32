"""A whole experiment: how much there is to do, and all stages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lsccli.core.metrics.stop import Stop
from lsccli.core.run.pipeline import Pipeline
from lsccli.core.run.plan import Leg
from lsccli.core.run.workspace import StageResult


@dataclass(frozen=True)
class Forecast:
    """How much there is to draw at the most."""

    images: int
    methods: int
    drawings: int

    def __str__(self) -> str:
        return f"estimate: {self.images} images, {self.methods} methods, at most {self.drawings} drawings"


def forecast(pipeline: Pipeline, legs: Sequence[Leg]) -> Forecast:
    """Count what may have to be drawn, with captions known.

    A prompt that several methods reach is counted for each; what the store remembers of the same methods is
    not known before ranking, so this is an upper bound. How long it takes is said once Bob has drawn a batch.
    """
    images: set[int] = set()
    once = tries = 0
    choices: set[tuple[object, ...]] = set()
    reseeded = pipeline.workspace.search_seed not in pipeline.workspace.seeds()
    for leg in legs:
        rows = pipeline.captions(leg.speaker)
        images |= {row.image_id for row in rows}
        lengths = [len(row.words) for row in rows]
        if leg.choice.spec.search and leg.choice.name not in choices:
            tries += sum(leg.choice.spec.tries(n) for n in lengths if n <= (leg.choice.spec.most_words or n))
        # What a search sends over an error-free channel it has tried before, unless the words are replaced or
        # Bob draws with another seed.
        if leg.channel.noisy or leg.channel.scc or reseeded or not leg.choice.spec.search:
            once += sum(lengths) * len(leg.choice.replicates()) * leg.trials
        choices.add(leg.choice.name)
    return Forecast(len(images), len(choices), tries + once * pipeline.workspace.receiver_seeds)


def experiment(
    pipeline: Pipeline, legs: Sequence[Leg], metrics: Sequence[str], stop: Stop | None = None
) -> list[StageResult]:
    """All stages from rank to score; with `stop` Bob draws only until it is good enough.

    Methods that order by themselves go first: whatever becomes of a search, these are complete.
    """
    legs = sorted(legs, key=lambda leg: leg.choice.spec.search)
    distinct = {(*leg.choice.name, leg.speaker): (leg.choice, leg.speaker) for leg in legs}
    ranked = pipeline.rank(list(distinct.values()))
    sent = pipeline.transmit(legs)
    return [ranked, sent, *pipeline.score(legs, metrics, stop)]
