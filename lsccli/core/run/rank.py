"""Stage rank: an order in which to send the words of each caption."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from lsccli.core.methods.base import Item, Ranking, ranking
from lsccli.core.registry.base import PluginError, at_work
from lsccli.core.registry.given import taken
from lsccli.core.run.evidence import evidence
from lsccli.core.run.originals import Original
from lsccli.core.run.plan import Choice, method_identity
from lsccli.core.run.workspace import Configuration, Failure, StageResult, Workspace, timed
from lsccli.core.store.results import ranking_key
from lsccli.core.store.selection import CaptionRow
from lsccli.core.store.store import add, in_chunks
from lsccli.core.store.tables import RankingRow

_BATCH = 64


@dataclass(frozen=True)
class Ranked:
    """A ranking in the store beside the caption that it orders."""

    id: int
    key: bytes
    seed: int
    order: tuple[int, ...]
    scores: tuple[float | None, ...]
    caption: CaptionRow


@dataclass(frozen=True)
class Task:
    """A caption to be ranked with a seed, and the key of what becomes of it."""

    caption: CaptionRow
    seed: int
    key: bytes


class Ranker:
    """Ranks captions by one method; `rank` is the whole stage.

    Args:
        images: the originals of the captions' images.
    """

    def __init__(self, workspace: Workspace, choice: Choice, images: Mapping[int, Original]) -> None:
        self.workspace = workspace
        self.choice = choice
        self.images = images
        self.result = StageResult("rank")
        self.config: Configuration = workspace.configuration("method", method_identity(workspace, choice))

    def rank(self, captions: Sequence[CaptionRow]) -> list[Ranked]:
        """Rank the captions that have no ranking by this method yet; the rankings of all."""
        with timed(self.result):
            method = self.config.identity
            tasks = [
                Task(row, seed, ranking_key(row.key, method, seed))
                for row in captions
                for seed in self.choice.replicates()
            ]
            self.result.units += len(tasks)
            known = self._stored(tasks)
            todo = self._short_enough([task for task in tasks if task.key not in known])
            if todo:
                with warnings.catch_warnings(record=True) as heard:
                    warnings.simplefilter("always", UserWarning)
                    self._order(todo, known)
                said = [
                    w for w in heard if issubclass(w.category, UserWarning) and not _of_pillow(w.filename)
                ]
                for line in dict.fromkeys(str(warning.message) for warning in said):
                    self.workspace.watcher.say(f"warning: {line}")
                known |= self._stored(todo)
        return [known[task.key] for task in tasks if task.key in known]

    def _short_enough(self, todo: Sequence[Task]) -> list[Task]:
        """The tasks whose captions are not too long for the method; counts the others as failed."""
        most = self.choice.spec.most_words
        if most is None:
            return list(todo)
        for words in (task.caption.words for task in todo if len(task.caption.words) > most):
            reason = f"{len(words)} words; {self.choice.label} takes captions of at most {most}"
            self.result.fail([Failure(repr(" ".join(words)), reason)], 1)
        return [task for task in todo if len(task.caption.words) <= most]

    def _order(self, todo: Sequence[Task], known: Mapping[bytes, Ranked]) -> None:
        with self.workspace.progress(f"rank ({self.choice.label})", len(todo)):
            for start in range(0, len(todo), _BATCH):
                batch = todo[start : start + _BATCH]
                done = []
                for task, facts in self.facts(batch):
                    item = self.item(task, facts)
                    try:
                        with at_work(self.choice.spec, failed_on(self.choice, item)):
                            answer = checked_order(self.choice, item, self.choice.spec.make(item))
                        done.append((task, answer))
                    except PluginError as error:
                        self.result.fail([Failure(item.text, str(error))], 1)
                self.keep(done)
                self.workspace.watcher.advance(len(batch))

    def facts(self, batch: Sequence[Task]) -> Iterator[tuple[Task, dict[str, Any]]]:
        """The tasks whose facts can be had, each with them; counts the others as failed."""
        found = evidence(self.workspace, self.choice.facts(), [task.caption for task in batch], self.images)
        for task, known in zip(batch, found, strict=True):
            if isinstance(known, Failure):
                self.result.fail([known], 1)
            else:
                yield task, known

    def item(self, task: Task, facts: Mapping[str, Any]) -> Item:
        """A caption as the method sees it."""
        row = task.caption
        return Item(
            row.text, tuple(row.words), self.choice.importance, facts, self.choice.options_for(task.seed)
        )

    def keep(self, done: Sequence[tuple[Task, Ranking]]) -> None:
        """Put rankings into the store."""
        rows = [
            {
                "key": task.key,
                "caption_id": task.caption.id,
                "config_id": self.config.id,
                "seed": task.seed,
                "order": list(answer.order),
                "scores": list(answer.scores),
                "run_id": self.workspace.run_id,
            }
            for task, answer in done
        ]
        if rows:
            with self.workspace.store.write() as session:
                self.result.new += add(session, RankingRow, rows)

    def _stored(self, tasks: Sequence[Task]) -> dict[bytes, Ranked]:
        by_key = {task.key: task for task in tasks}
        found = {}
        columns: Any = select(RankingRow.id, RankingRow.key, RankingRow.order, RankingRow.scores)  # type: ignore[call-overload]
        with self.workspace.store.read() as session:
            for chunk in in_chunks(list(by_key)):
                for row in session.execute(columns.where(RankingRow.key.in_(chunk))):  # type: ignore[attr-defined]
                    task = by_key[row.key]
                    found[row.key] = Ranked(
                        row.id, row.key, task.seed, tuple(row.order), tuple(row.scores), task.caption
                    )
        return found


def _of_pillow(file: str) -> bool:
    # Pillow complains of EXIF that cannot be read, which is no matter here.
    return "PIL" in Path(file).parts


def failed_on(choice: Choice, item: Item) -> str:
    """What is said of a method that cannot do a caption."""
    return f"Method {choice.label} failed on {item.text!r}"


def checked_order(choice: Choice, item: Item, answer: Any) -> Ranking:
    """What a method has answered as a ranking; PluginError where it is none, or a score is no number."""
    most = len(item.words)
    try:
        if isinstance(answer, Ranking):
            order, scores = taken(answer.order, most), taken(answer.scores, most)
            return ranking(order, most, scores, stop=answer.stop)
        return ranking(taken(answer, most), most)
    except (TypeError, ValueError, OverflowError) as error:
        raise PluginError(f"Method {choice.label} gave no order for {item.text!r}: {error}.") from error
