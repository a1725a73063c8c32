"""A whole experiment: which methods can be served, how much there is to do, all stages in a good order."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lsccli.core.errors import LscError, MissingModelError
from lsccli.core.metrics.stop import Stop
from lsccli.core.registry.base import methods
from lsccli.core.run import pipeline
from lsccli.core.run.context import Bench, StageResult
from lsccli.core.run.judge import Judge
from lsccli.core.run.pipeline import Leg
from lsccli.core.run.rank import Choice, method_settings
from lsccli.core.store.selection import captions
from lsccli.core.store.store import config_id


def every_choice() -> list[Choice]:
    """Every method with every importance."""
    return [
        Choice(spec, importance)
        for spec in methods().values()
        for importance in (spec.importances or (None,))
    ]


def served(bench: Bench, choices: Sequence[Choice], captioner: str | None) -> list[Choice]:
    """Those of the choices whose models are here; the others are named with the reason.

    Raises:
        LscError: where none is left.
    """
    here: list[Choice] = []
    for choice in choices:
        try:
            method_settings(bench, choice)
            bench.models.captioner_identity(captioner or choice.spec.captioner_of(choice.importance))
        except MissingModelError as error:
            bench.watcher.say(f"skipped {choice.label}: {error}")
        else:
            here.append(choice)
    if not here:
        raise LscError(f"Profile {bench.profile.name} has the models of none of these methods.")
    return here


@dataclass(frozen=True)
class Estimate:
    """How much there is to draw at the most, and how long that takes at the rate measured here."""

    images: int
    methods: int
    drawings: int
    rate: float  # drawings per second

    def __str__(self) -> str:
        minutes = self.drawings / self.rate / 60
        length = f"{minutes:.0f} min" if minutes >= 1.5 else f"{max(1, round(60 * minutes))} s"
        return (
            f"estimate: {self.images} images, {self.methods} methods, at most {self.drawings} drawings "
            f"at {self.rate:.1f}/s, about {length} or less"
        )


def estimate(bench: Bench, legs: Sequence[Leg], metrics: Sequence[str]) -> Estimate:
    """Count what may have to be drawn, with captions known, and time one batch here.

    A prompt that several methods reach is counted for each; what the store remembers of the same
    methods is not known before ranking, so this is an upper bound.
    """
    judge = Judge(bench, bench.seeds()[0], metrics[0])
    images: set[int] = set()
    once = tries = 0
    choices: list[Choice] = []
    for leg in legs:
        rows = _captions(bench, leg)
        images |= {row.image_id for row in rows}
        lengths = [len(row.words) for row in rows]
        if leg.choice.spec.search and leg.choice not in choices:
            tries += sum(n * (n + 1) // 2 for n in lengths)
        # What a search sends over an error-free channel it has tried before, unless the words are replaced.
        if leg.channel.noisy or leg.channel.scc or not leg.choice.spec.search:
            once += sum(lengths) * len(leg.choice.replicates()) * leg.trials
        if leg.choice not in choices:
            choices.append(leg.choice)
    return Estimate(len(images), len(choices), tries + once * bench.receiver_seeds, _rate(bench, judge))


def _captions(bench: Bench, leg: Leg) -> list[Any]:
    selection = leg.selection
    own = bench.models.captioner_identity(leg.choice.captioner(selection))
    with bench.store.write() as session:
        number = config_id(session, "captioner", bench.profile.name, own)
        return captions(session, number, selection.images(bench.store), every=selection.all_captions)


def _rate(bench: Bench, judge: Judge) -> float:
    # The first batch warms up and is kept: the empty prompt belongs to every curve.
    judge.draw(judge.missing([""], with_files=True))
    size = bench.models.batch_size
    start = time.perf_counter()
    bench.models.receiver.draw([""] * size, judge.seed)
    return size / (time.perf_counter() - start)


def experiment(
    bench: Bench, legs: Sequence[Leg], metrics: Sequence[str], stop: Stop | None = None
) -> list[StageResult]:
    """All stages from rank to score; with `stop` Bob draws only until it is good enough.

    Methods that order by themselves go first, so that a search finds what they have already drawn.
    """
    legs = sorted(legs, key=lambda leg: leg.choice.spec.search)
    ranked, sent = StageResult("rank"), StageResult("transmit")
    for leg in legs:
        ranked.add(pipeline.rank(bench, leg.selection, [leg.choice]))
        sent.add(pipeline.transmit(bench, [leg]))
    drawn = pipeline.generate(bench, legs, stop)
    return [ranked, sent, drawn, pipeline.score(bench, legs, metrics, stop)]
