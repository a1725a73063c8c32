"""Stage transmit: each ranking over the channel, word by word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from lsccli.core.bench import Bench, Failure, StageResult, timed
from lsccli.core.channel.ideal import transmit as send
from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.errors import LscError
from lsccli.core.keys import identity_of, key
from lsccli.core.stages.rank import Choice, method_settings
from lsccli.core.stages.selection import Selection, captions
from lsccli.core.store import add, config_id, ids_by_key, prompt_ids
from lsccli.core.tables import Ranking, Step, Transmission

_BATCH = 500


def transmit(bench: Bench, selection: Selection, choice: Choice, channel: ChannelSettings) -> StageResult:
    """Send the rankings of a method that were not sent over this channel yet. Rankings must be there."""
    result = StageResult("transmit")
    with timed(result):
        settings = identity_of(channel)
        with bench.store.write() as session:
            config = config_id(session, "channel", bench.profile.name, settings)
        rows = rankings(bench, selection, choice)
        names = {row.id: key("transmission", ranking=row.key, channel=settings, trial=0) for row in rows}
        with bench.store.read() as session:
            known = ids_by_key(session, Transmission, list(names.values()))
        result.units = len(rows)
        todo = [row for row in rows if names[row.id] not in known]
        with bench.progress(f"transmit ({choice.label})", len(todo)):
            for start in range(0, len(todo), _BATCH):
                batch = todo[start : start + _BATCH]
                _send_batch(bench, batch, names, config, channel, result)
                bench.watcher.advance(len(batch))
    return result


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


def _send_batch(
    bench: Bench,
    batch: Sequence[_Ranked],
    names: dict[int, bytes],
    config: int,
    channel: ChannelSettings,
    result: StageResult,
) -> None:
    sent: dict[bytes, Any] = {}
    for row in batch:
        try:
            sent[names[row.id]] = (row, send(row.words, row.order, channel))
        except LscError as error:
            result.fail([Failure(row.text, str(error))], 1)
    with bench.store.write() as session:
        prompts = prompt_ids(session, [step.prompt for _, steps in sent.values() for step in steps])
        result.new += add(
            session,
            Transmission,
            [
                {"key": name, "ranking_id": row.id, "config_id": config, "trial": 0, "run_id": bench.run_id}
                for name, (row, _) in sent.items()
            ],
        )
        numbers = ids_by_key(session, Transmission, list(sent))
        add(session, Step, list(_step_rows(sent, numbers, prompts)))


def _step_rows(
    sent: dict[bytes, Any], numbers: dict[bytes, int], prompts: dict[str, int]
) -> Iterable[dict[str, Any]]:
    for name, (_, steps) in sent.items():
        for k, step in enumerate(steps):
            facts = {
                **vars(step),
                "transmission_id": numbers[name],
                "k": k,
                "prompt_id": prompts[step.prompt],
            }
            del facts["prompt"]
            yield facts


def received(
    bench: Bench, selection: Selection, choice: Choice, channel: ChannelSettings
) -> list[tuple[int, str]]:
    """Distinct pairs (image_id, received prompt) of a method's transmissions in the selection."""
    rows = rankings(bench, selection, choice)
    names = [key("transmission", ranking=row.key, channel=identity_of(channel), trial=0) for row in rows]
    pairs: dict[tuple[int, str], None] = {}
    with bench.store.read() as session:
        numbers = ids_by_key(session, Transmission, names)
        image = {numbers[n]: row.image_id for n, row in zip(names, rows, strict=True) if n in numbers}
        wanted = sorted(image)
        for start in range(0, len(wanted), _BATCH):
            chunk = wanted[start : start + _BATCH]
            for number, text in session.execute(_PROMPTS.where(Step.transmission_id.in_(chunk))):  # type: ignore[attr-defined]
                pairs[image[number], text] = None
    return list(pairs)


def _prompts_query() -> Any:
    from lsccli.core.tables import Prompt

    return (
        select(Step.transmission_id, Prompt.text)  # type: ignore[call-overload]
        .join(Prompt, Prompt.id == Step.prompt_id)
        .order_by(Step.transmission_id, Step.k)
    )


_PROMPTS = _prompts_query()
