"""The stages in order: each makes first, and says so, what it needs of an earlier one and does not find."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.data.dataset import Dataset
from lsccli.core.errors import LscError
from lsccli.core.metrics.stop import Stop
from lsccli.core.registry.base import find_importance, find_method
from lsccli.core.run import caption as captions
from lsccli.core.run import generate as generations
from lsccli.core.run import rank as rankings
from lsccli.core.run import score as scores
from lsccli.core.run import transmit as transmissions
from lsccli.core.run.context import Bench, StageResult
from lsccli.core.run.rank import DEFAULTS, Choice, method_settings
from lsccli.core.store.selection import Selection
from lsccli.core.run.until import Pair, Path, generate_until
from lsccli.core.scc import coder as scc
from lsccli.core.store.keys import canonical_json
from lsccli.core.store.tables import Caption, Config, Ranking, Transmission


@dataclass(frozen=True)
class Leg:
    """One method over one channel on the images selected."""

    selection: Selection
    choice: Choice
    channel: ChannelSettings
    trials: int = 1


def register(
    bench: Bench, dataset: Dataset, limit: int | None, captioners: Iterable[str]
) -> tuple[list[int], StageResult]:
    """Put the images of a data set into the store and caption them by each captioner; the images' ids."""
    names = list(dict.fromkeys(captioners))
    numbers, captioned, failures = captions.register(bench, dataset, limit)
    result = caption(bench, Selection(image_ids=tuple(numbers)), names)
    result.units += len(failures)
    result.new += captioned if "dataset" in names else 0
    result.failures, own = failures, result.failures
    result.fail(own, len(failures))
    return numbers, result


def caption(bench: Bench, selection: Selection, captioners: Iterable[str]) -> StageResult:
    """Caption the images selected by each captioner."""
    result = StageResult("caption")
    images = selection.images(bench.store)
    for name in dict.fromkeys(captioners):
        result.add(captions.caption(bench, images, name))
    return result


def rank(bench: Bench, selection: Selection, choices: Sequence[Choice]) -> StageResult:
    """Rank by each method; captions are made first where they are missing."""
    needed = caption(bench, selection, [choice.captioner(selection) for choice in choices])
    result = _after(needed, "rank")
    for choice in choices:
        result.add(rankings.rank(bench, selection, choice))
    return result


def transmit(bench: Bench, legs: Sequence[Leg]) -> StageResult:
    """Send by each method; rankings are made first where they are missing."""
    result = StageResult("transmit")
    for leg in legs:
        result.add(_after(rank(bench, leg.selection, [leg.choice]), "transmit"))
        result.add(transmissions.transmit(bench, leg.selection, leg.choice, leg.channel, leg.trials))
    return result


def generate(bench: Bench, legs: Sequence[Leg], stop: Stop | None = None) -> StageResult:
    """Draw what Bob received by each method; transmissions are made first where they are missing.

    With `stop` each transmission is drawn, and scored, only until it is good enough.
    """
    if stop is not None:
        return _until(bench, legs, stop)[0]
    result = _after(transmit(bench, legs), "generate")
    result.add(generations.generate(bench, [prompt for _, prompt in received(bench, legs)]))
    return result


def _until(bench: Bench, legs: Sequence[Leg], stop: Stop) -> tuple[StageResult, dict[int, list[Pair]]]:
    """Draw until it is good enough; also the pairs (image_id, prompt) looked at, by receiver seed."""
    result = _after(transmit(bench, legs), "generate")
    drawn, pairs = generate_until(bench, paths(bench, legs), stop)
    result.add(drawn)
    return result, pairs


def score(bench: Bench, legs: Sequence[Leg], metrics: Sequence[str], stop: Stop | None = None) -> StageResult:
    """Score what Bob drew by each metric; drawings are made first where they are missing.

    With `stop` only what it takes to get there is looked at.
    """
    if stop is None:
        drawn = generate(bench, legs)
        pairs = dict.fromkeys(bench.seeds(), received(bench, legs))
    else:
        drawn, pairs = _until(bench, legs, stop)
    result = _after(drawn, "score")
    result.add(scores.score(bench, pairs, metrics))
    return result


def received(bench: Bench, legs: Sequence[Leg]) -> list[tuple[int, str]]:
    """Distinct pairs (image_id, received prompt) of these legs."""
    pairs: dict[tuple[int, str], None] = {}
    for leg in legs:
        found = transmissions.received(bench, leg.selection, leg.choice, leg.channel, leg.trials)
        pairs.update(dict.fromkeys(found))
    return list(pairs)


def paths(bench: Bench, legs: Sequence[Leg]) -> list[Path]:
    """Distinct transmissions of these legs: image_id, and the prompts received after 0, 1, … words."""
    found: dict[Path, None] = {}
    for leg in legs:
        found.update(
            dict.fromkeys(transmissions.paths(bench, leg.selection, leg.choice, leg.channel, leg.trials))
        )
    return list(found)


def sent_so_far(bench: Bench, selection: Selection) -> list[Leg]:
    """The legs that the store holds transmissions of, by the models in force.

    Raises:
        LscError: where there are none, with the command that makes some.
    """
    selection.images(bench.store)  # says so where there are none
    with bench.store.read() as session:
        configs = {row.id: row for row in session.execute(select(Config.id, Config.settings))}  # type: ignore[call-overload]
        rows = session.execute(
            select(  # type: ignore[call-overload]
                Caption.config_id, Ranking.config_id, Transmission.config_id, Ranking.seed, Transmission.trial
            )
            .join(Ranking, Ranking.caption_id == Caption.id)
            .join(Transmission, Transmission.ranking_id == Ranking.id)
            .distinct()
        ).all()
    counts: dict[tuple[int, int, int], tuple[int, int]] = {}
    for own, method, channel, seed, trial in rows:
        seeds, trials = counts.get((own, method, channel), (0, 0))
        counts[own, method, channel] = max(seeds, seed + 1), max(trials, trial + 1)
    legs = [
        leg
        for (own, method, channel), replicates in sorted(counts.items())
        if (
            leg := _leg(
                bench,
                selection,
                configs[own].settings,
                configs[method].settings,
                configs[channel].settings,
                replicates,
            )
        )
    ]
    if not legs:
        raise LscError(
            f"Nothing was sent yet with the models of {bench.profile.name}. "
            "Run: lsc transmit --method METHOD (lsc methods lists them)"
        )
    return legs


def _leg(
    bench: Bench,
    selection: Selection,
    own: dict[str, Any],
    method: dict[str, Any],
    channel: dict[str, Any],
    replicates: tuple[int, int],
) -> Leg | None:
    name = own["captioner"]
    seeds, trials = replicates
    if selection.captioner not in (None, name):
        return None
    try:
        spec = find_method(method["method"])
        options = {n: v for n, v in method["options"].items() if v != DEFAULTS.get(n)}
        choice = Choice(spec, find_importance(spec, method["importance"]), options, seeds)
        link = scc.settings_of(channel)
        in_force = canonical_json(method_settings(bench, choice)) == canonical_json(method)
        in_force = in_force and canonical_json(scc.facts(bench.models, link)) == canonical_json(channel)
        in_force = in_force and canonical_json(bench.models.captioner_identity(name)) == canonical_json(own)
    except LscError:  # made by a method or a model that is not here any more
        return None
    return Leg(replace(selection, captioner=name), choice, link, trials) if in_force else None


def _after(earlier: StageResult, stage: str) -> StageResult:
    """The result of a stage to which an earlier one was needed."""
    made = [*earlier.made_first, *([earlier.stage] if earlier.new else [])]
    result = StageResult(stage, units=earlier.failed, made_first=made)
    # What an earlier stage could not do is lost to this one too.
    result.fail(earlier.failures, earlier.failed)
    return result
