"""Stage transmit: each ranking over the channel, word by word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select

from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.channel.transmit import Message, Sent, send_messages
from lsccli.core.errors import LscError
from lsccli.core.run.originals import Original
from lsccli.core.run.plan import Leg
from lsccli.core.run.rank import Ranked
from lsccli.core.run.workspace import Configuration, Failure, StageResult, Workspace, timed
from lsccli.core.scc.link import link_identity, semantic_coder
from lsccli.core.store.results import transmission_key
from lsccli.core.store.store import add, ids_by_key, in_chunks, prompt_ids
from lsccli.core.store.tables import Prompt, Step, Transmission

_BATCH = 500


@dataclass(frozen=True)
class Reception:
    """What Bob received of an image in one transmission: the prompts after 0, 1, … words."""

    image_id: int
    prompts: tuple[str, ...]


@dataclass(frozen=True)
class _Job:
    """One ranking in one trial, and the key of what becomes of it."""

    ranked: Ranked
    trial: int
    key: bytes


class Sender:
    """Sends rankings over channels.

    Args:
        images: the originals of the rankings' images.
    """

    def __init__(self, workspace: Workspace, images: Mapping[int, Original]) -> None:
        self.workspace = workspace
        self.images = images

    def send(
        self, legs: Sequence[tuple[Leg, Sequence[Ranked], StageResult]]
    ) -> list[tuple[StageResult, list[Reception]]]:
        """Send what was not sent yet of each leg; per leg what became of it, and what Bob received.

        A leg comes with its rankings, and with what became of ranking.
        """
        made: list[tuple[Leg, Configuration, list[_Job], StageResult]] = []
        for leg, ranked, before in legs:
            config = self._configuration(leg.channel)
            jobs = [
                _Job(
                    row,
                    trial,
                    transmission_key(row.key, config.identity, trial),
                )
                for row in ranked
                for trial in range(leg.trials)
            ]
            result = StageResult.after(before, "transmit")
            result.units += len(jobs)
            made.append((leg, config, jobs, result))
        with self.workspace.store.read() as session:
            known = ids_by_key(session, Transmission, [job.key for *_, jobs, _ in made for job in jobs])
        prompts = self._prompts(list(known.values()))
        received = {name: prompts[number] for name, number in known.items()}
        for leg, config, jobs, result in made:
            todo = [job for job in jobs if job.key not in received]
            with timed(result), self.workspace.progress(f"transmit ({leg.choice.label})", len(todo)):
                for start in range(0, len(todo), _BATCH):
                    batch = todo[start : start + _BATCH]
                    received |= self._send_batch(batch, config, leg.channel, result)
                    self.workspace.watcher.advance(len(batch))
        return [
            (
                result,
                [
                    Reception(job.ranked.caption.image_id, received[job.key])
                    for job in jobs
                    if job.key in received
                ],
            )
            for _, _, jobs, result in made
        ]

    def _configuration(self, channel: ChannelSettings) -> Configuration:
        return self.workspace.configuration("channel", link_identity(self.workspace.models, channel))

    def _send_batch(
        self, batch: Sequence[_Job], config: Configuration, channel: ChannelSettings, result: StageResult
    ) -> dict[bytes, tuple[str, ...]]:
        outcomes = send_messages(
            [
                Message(
                    words, job.ranked.order, self.images[job.ranked.caption.image_id].key.hex(), job.trial
                )
                for job, words in zip(batch, self._words_sent(batch, channel), strict=True)
            ],
            channel,
        )
        sent: list[tuple[_Job, list[Sent]]] = []
        for job, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, LscError):
                result.fail([Failure(job.ranked.caption.text, str(outcome))], 1)
            else:
                sent.append((job, outcome))
        rows = [
            {
                "key": job.key,
                "ranking_id": job.ranked.id,
                "config_id": config.id,
                "trial": job.trial,
                "run_id": self.workspace.run_id,
            }
            for job, _ in sent
        ]
        if rows:
            with self.workspace.store.write() as session:
                prompts = prompt_ids(session, [step.prompt for _, steps in sent for step in steps])
                result.new += add(session, Transmission, rows)
                numbers = ids_by_key(session, Transmission, [job.key for job, _ in sent])
                add(session, Step, list(_step_rows(sent, numbers, prompts)))
        return {job.key: tuple(step.prompt for step in steps) for job, steps in sent}

    def _words_sent(self, batch: Sequence[_Job], channel: ChannelSettings) -> list[Sequence[str]]:
        """The words of each caption, those replaced that SCC replaces."""
        if channel.scc is None:
            return [job.ranked.caption.words for job in batch]
        models = self.workspace.models
        texts = [job.ranked.caption.text for job in batch]
        rows = semantic_coder(models, channel).captions(texts, models.parser)
        return [[word.sent for word in row] for row in rows]

    def _prompts(self, transmissions: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """The prompts after 0, 1, … words of transmissions in the store, by id."""
        steps: Any = (
            select(Step.transmission_id, Prompt.text)  # type: ignore[call-overload]
            .join(Prompt, Prompt.id == Step.prompt_id)
            .order_by(Step.transmission_id, Step.k)
        )
        found: dict[int, list[str]] = {number: [] for number in transmissions}
        with self.workspace.store.read() as session:
            for chunk in in_chunks(sorted(transmissions)):
                for number, text in session.execute(steps.where(Step.transmission_id.in_(chunk))):  # type: ignore[attr-defined]
                    found[number].append(text)
        return {number: tuple(texts) for number, texts in found.items()}


def _step_rows(
    sent: Sequence[tuple[_Job, list[Sent]]], numbers: Mapping[bytes, int], prompts: Mapping[str, int]
) -> Iterator[dict[str, Any]]:
    for job, steps in sent:
        for k, step in enumerate(steps):
            row = asdict(step)
            row |= {"transmission_id": numbers[job.key], "k": k, "prompt_id": prompts[row.pop("prompt")]}
            yield row
