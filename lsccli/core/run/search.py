"""Stage rank by methods that must try: many searches advance in lock-step, and share what Bob draws."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence

from lsccli.core.methods.base import Item, Ranking, ranking
from lsccli.core.metrics.base import METRICS
from lsccli.core.registry.base import PluginError, at_work
from lsccli.core.registry.given import is_plain_text, shown
from lsccli.core.run.judge import Judge
from lsccli.core.run.plan import Choice
from lsccli.core.run.rank import Ranked, Ranker, Task, checked_order, failed_on
from lsccli.core.run.workspace import Failure

# So many searches advance in lock-step; their candidates' images lie on disk until the last has ended.
_SEARCHES = 32


class SearchRanker(Ranker):
    """Ranks captions by a method that tries prompts on Bob."""

    def _order(self, todo: Sequence[Task], known: Mapping[bytes, Ranked]) -> None:
        # Chosen by a run that was killed before it sent them: not to be dropped by this one.
        kept = {
            prompt
            for found in known.values()
            for prompt in received(self.choice, found.caption.words, found.order)
        }
        judge = Judge(self.workspace, self.workspace.search_seed)
        sign = 1.0 if METRICS.find(judge.metric_name).better == "lower" else -1.0
        tries = [self.choice.spec.tries(len(task.caption.words)) + 1 for task in todo]
        with self.workspace.progress(f"rank ({self.choice.label}, tries)", sum(tries)):
            for start in range(0, len(todo), _SEARCHES):
                batch = todo[start : start + _SEARCHES]
                searches = [
                    _Search(task, self.item(task, facts), self.choice, sign)
                    for task, facts in self.facts(batch)
                ]
                self._advance_together(judge, searches)
                done = [(search.task, search.ranking) for search in searches if search.ranking is not None]
                # Dropped first: a run that is killed here searches again from remembered scores, and drops.
                kept.update(prompt for search in searches for prompt in search.chosen())
                if not self.workspace.keep_all_images:
                    judge.drop(sorted({prompt for search in searches for prompt in search.tried} - kept))
                self.keep(done)
                failures = [*judge.failures, *(one.failure for one in searches if one.failure is not None)]
                self.result.fail(failures, sum(search.failed for search in searches))

    def _advance_together(self, judge: Judge, searches: Sequence[_Search]) -> None:
        images = self.images
        # Step 0, the empty prompt, belongs to each curve; it is drawn once for all.
        judge.scores([(images[search.task.caption.image_id], "") for search in searches])
        while active := [search for search in searches if search.asks is not None and not search.failed]:
            pairs = [(images[s.task.caption.image_id], prompt) for s in active for prompt in s.asks or ()]
            before = judge.drawn
            scores = iter(judge.scores(pairs))
            self.workspace.watcher.advance(len(pairs) - (judge.drawn - before))
            for search in active:
                values = [next(scores) for _ in search.asks or ()]
                if any(value is None for value in values):
                    search.failed = True
                else:
                    search.answer([value for value in values if value is not None])


class _Search:
    """One caption's search: what it asks for now, what it asked for before, and its outcome."""

    def __init__(self, task: Task, item: Item, choice: Choice, sign: float) -> None:
        self.sign = sign
        self.task = task
        self.item = item
        self.choice = choice
        self.tried: set[str] = set()
        self.ranking: Ranking | None = None
        self.failed = False
        self.failure: Failure | None = None  # of the method itself
        self._run: Generator[list[str], list[float] | None, object] | None = None
        self.asks: list[str] | None = self._step(None)

    def answer(self, scores: list[float]) -> None:
        """Send the scores of what it asked for, and let it ask anew."""
        self.asks = self._step(scores)

    def _step(self, scores: list[float] | None) -> list[str] | None:
        try:
            return self._asked(scores)
        except PluginError as error:
            self.failed, self.failure = True, Failure(self.item.text, str(error))
            return None

    def _asked(self, scores: list[float] | None) -> list[str] | None:
        # A search minimises; where more is better it is sent, and gives back, the negative.
        sent = None if scores is None else [self.sign * score for score in scores]
        with at_work(self.choice.spec, failed_on(self.choice, self.item)):
            if self._run is None:
                self._run = self.choice.spec.make(self.item)
            try:
                asked = self._run.send(sent)
            except StopIteration as stop:
                answer = checked_order(self.choice, self.item, stop.value)
                plain = [None if score is None else self.sign * score for score in answer.scores]
                self.ranking = ranking(answer.order, len(self.item.words), plain, stop=answer.stop)
                return None
        if not isinstance(asked, list) or not all(is_plain_text(prompt) for prompt in asked):
            raise PluginError(
                f"{failed_on(self.choice, self.item)}: it asks for {shown(asked)}, no list of prompts."
            )
        self.tried.update(asked)
        return asked

    def chosen(self) -> set[str]:
        """The prompts that Bob will receive; none where the search has failed."""
        return set() if self.ranking is None else received(self.choice, self.item.words, self.ranking.order)


def received(choice: Choice, words: Sequence[str], order: Sequence[int]) -> set[str]:
    """What Bob will have received after 0, 1, … words, over an error-free channel."""
    reorder = str(choice.settled().settings.get("reorder", "none"))
    return {received_prompt(words, order[:k], reorder) for k in range(len(order) + 1)}


def received_prompt(words: Sequence[str], sent: Sequence[int], reorder: str) -> str:
    """Bob's prompt once the words with these indices have arrived whole, in sending or caption order."""
    return " ".join(words[index] for index in (sent if reorder == "none" else sorted(sent)))
