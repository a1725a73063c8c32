"""Stage transmit: each ranking over the channel, word by word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.channel.transmit import Message, Sent
from lsccli.core.channel.transmit import transmit as send
from lsccli.core.errors import LscError
from lsccli.core.run.context import Bench, Failure, StageResult, timed
from lsccli.core.run.rank import Choice, method_settings
from lsccli.core.store.selection import Selection, captions
from lsccli.core.scc import coder as scc
from lsccli.core.store.keys import key
from lsccli.core.store.store import add, config_id, ids_by_key, look_up, prompt_ids
from lsccli.core.store.tables import Image, Prompt, Ranking, Step, Transmission

_BATCH = 500


def transmit(
    bench: Bench, selection: Selection, choice: Choice, channel: ChannelSettings, trials: int = 1
) -> StageResult:
    """Send the rankings of a method that were not sent over this channel yet. Rankings must be there."""
    result = StageResult("transmit")
    with timed(result):
        facts = scc.facts(bench.models, channel)
        with bench.store.write() as session:
            config = config_id(session, "channel", bench.profile.name, facts)
        rows = rankings(bench, selection, choice)
        jobs = [
            _Job(row, trial, transmission_key(row, facts, trial)) for row in rows for trial in range(trials)
        ]
        with bench.store.read() as session:
            known = ids_by_key(session, Transmission, [job.key for job in jobs])
        result.units = len(jobs)
        todo = [job for job in jobs if job.key not in known]
        with bench.progress(f"transmit ({choice.label})", len(todo)):
            for start in range(0, len(todo), _BATCH):
                batch = todo[start : start + _BATCH]
                _send_batch(bench, batch, config, channel, result)
                bench.watcher.advance(len(batch))
    return result


def transmission_key(row: _Ranked, facts: dict[str, Any], trial: int) -> bytes:
    """The key of one ranking over one channel (`scc.facts`) in one trial."""
    return key("transmission", ranking=row.key, channel=facts, trial=trial)


def rankings(bench: Bench, selection: Selection, choice: Choice) -> list[Any]:
    """Rows (id, key, order, words, image_id) of a method's rankings in the selection."""
    images = selection.images(bench.store)
    with bench.store.write() as session:
        method = config_id(session, "method", bench.profile.name, method_settings(bench, choice))
        own = bench.models.captioner_identity(choice.captioner(selection))
        captioner = config_id(session, "captioner", bench.profile.name, own)
        texts = {row.id: row for row in captions(session, captioner, images, every=selection.all_captions)}
        rows = session.execute(
            select(Ranking.id, Ranking.key, Ranking.caption_id, Ranking.order)  # type: ignore[call-overload]
            .where(Ranking.config_id == method, Ranking.seed.in_(choice.replicates()))  # type: ignore[attr-defined]
            .order_by(Ranking.id)
        ).all()
    return [_Ranked(row, texts[row.caption_id]) for row in rows if row.caption_id in texts]


class _Ranked:
    """A ranking beside the caption that it orders."""

    def __init__(self, row: Any, caption: Any) -> None:
        self.id: int = row.id
        self.key: bytes = row.key
        self.order: list[int] = row.order
        self.words: list[str] = caption.words
        self.image_id: int = caption.image_id
        self.text: str = caption.text


@dataclass(frozen=True)
class _Job:
    """One ranking in one trial, and the key of what becomes of it."""

    row: _Ranked
    trial: int
    key: bytes


def _send_batch(
    bench: Bench, batch: Sequence[_Job], config: int, channel: ChannelSettings, result: StageResult
) -> None:
    with bench.store.read() as session:
        images = look_up(session, Image, "id", [job.row.image_id for job in batch], "key")
    outcomes = send(
        [
            Message(words, job.row.order, images[job.row.image_id].hex(), job.trial)
            for job, words in zip(batch, _words_sent(bench, batch, channel), strict=True)
        ],
        channel,
    )
    sent: list[tuple[_Job, list[Sent]]] = []
    for job, outcome in zip(batch, outcomes, strict=True):
        if isinstance(outcome, LscError):
            result.fail([Failure(job.row.text, str(outcome))], 1)
        else:
            sent.append((job, outcome))
    with bench.store.write() as session:
        prompts = prompt_ids(session, [step.prompt for _, steps in sent for step in steps])
        result.new += add(
            session,
            Transmission,
            [
                {
                    "key": job.key,
                    "ranking_id": job.row.id,
                    "config_id": config,
                    "trial": job.trial,
                    "run_id": bench.run_id,
                }
                for job, _ in sent
            ],
        )
        numbers = ids_by_key(session, Transmission, [job.key for job, _ in sent])
        add(session, Step, list(_step_rows(sent, numbers, prompts)))


def _words_sent(bench: Bench, batch: Sequence[_Job], channel: ChannelSettings) -> list[Sequence[str]]:
    """The words of each caption, those replaced that SCC replaces."""
    if channel.scc is None:
        return [job.row.words for job in batch]
    coder = bench.models.semantic_coder(channel)
    rows = coder.captions([job.row.text for job in batch], bench.models.parser)
    return [[word.sent for word in row] for row in rows]


def _step_rows(
    sent: Sequence[tuple[_Job, list[Sent]]], numbers: dict[bytes, int], prompts: dict[str, int]
) -> Iterable[dict[str, Any]]:
    for job, steps in sent:
        for k, step in enumerate(steps):
            facts = {
                **vars(step),
                "transmission_id": numbers[job.key],
                "k": k,
                "prompt_id": prompts[step.prompt],
            }
            del facts["prompt"]
            yield facts


def received(
    bench: Bench, selection: Selection, choice: Choice, channel: ChannelSettings, trials: int = 1
) -> list[tuple[int, str]]:
    """Distinct pairs (image_id, received prompt) of a method's transmissions in the selection."""
    found = paths(bench, selection, choice, channel, trials)
    return list(dict.fromkeys((image, prompt) for image, prompts in found for prompt in prompts))


def paths(
    bench: Bench, selection: Selection, choice: Choice, channel: ChannelSettings, trials: int = 1
) -> list[tuple[int, tuple[str, ...]]]:
    """Per transmission of a method in the selection its image_id, and the prompts after 0, 1, … words."""
    rows = rankings(bench, selection, choice)
    facts = scc.facts(bench.models, channel)
    names = {transmission_key(row, facts, trial): row.image_id for row in rows for trial in range(trials)}
    prompts: Any = (
        select(Step.transmission_id, Prompt.text)  # type: ignore[call-overload]
        .join(Prompt, Prompt.id == Step.prompt_id)
        .order_by(Step.transmission_id, Step.k)
    )
    received: dict[int, list[str]] = {}
    with bench.store.read() as session:
        numbers = ids_by_key(session, Transmission, list(names))
        image = {number: names[name] for name, number in numbers.items()}
        wanted = sorted(image)
        for start in range(0, len(wanted), _BATCH):
            chunk = wanted[start : start + _BATCH]
            for number, text in session.execute(prompts.where(Step.transmission_id.in_(chunk))):  # type: ignore[attr-defined]
                received.setdefault(number, []).append(text)
    return [(image[number], tuple(texts)) for number, texts in received.items()]
