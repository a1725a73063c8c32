"""Stage rank: an order in which to send the words of each caption."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lsccli.core.errors import LscError
from lsccli.core.facts.base import FACTS
from lsccli.core.methods.base import Item, Ranking, ranking
from lsccli.core.registry.base import MethodSpec, find_metric
from lsccli.core.run.context import Bench, Failure, StageResult, timed
from lsccli.core.run.evidence import evidence
from lsccli.core.run.judge import Judge, originals
from lsccli.core.store.selection import Selection, captions
from lsccli.core.store.keys import key
from lsccli.core.store.store import add, config_id, look_up
from lsccli.core.store.tables import Ranking as RankingRow

_BATCH = 64
# So many searches advance in lock-step; their candidates' images lie on disk until the last has ended.
_SEARCHES = 32

# Options of ranking, and what each is when it is not given.
DEFAULTS: dict[str, Any] = {"seed": 0, "only_heads": False, "penalty": 0.0, "reorder": "none"}


@dataclass(frozen=True)
class Choice:
    """A method with its importance, its options where they differ from the default, and how many seeds."""

    spec: MethodSpec
    importance: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    seeds: int = 1

    @property
    def label(self) -> str:
        """`METHOD` or `METHOD:IMPORTANCE`."""
        return self.spec.name + (f":{self.importance}" if self.importance else "")

    def captioner(self, selection: Selection) -> str:
        """The captioner whose captions are ranked: the one asked for, or the method's own."""
        return selection.captioner or self.spec.captioner_of(self.importance)

    def settled(self) -> dict[str, Any]:
        """Every option that the method heeds, but for the seed."""
        heeded = self.spec.options_of(self.importance)
        return {name: self.options.get(name, DEFAULTS[name]) for name in heeded if name != "seed"}

    def replicates(self) -> list[int]:
        """The seeds to rank with: 0, 1, … where the method heeds one."""
        return list(range(self.seeds)) if "seed" in self.spec.options_of(self.importance) else [0]


def method_settings(bench: Bench, choice: Choice) -> dict[str, Any]:
    """Identity settings of a method: name, version, importance, options, and every model that it reads."""
    spec = choice.spec
    facts = [FACTS[name] for name in spec.reads_of(choice.importance)]
    for fact in facts:
        if fact.check is not None:
            fact.check(bench.models)
    settings: dict[str, Any] = {
        "method": spec.name,
        "importance": choice.importance,
        "version": spec.version,
        "options": choice.settled(),
        "reads": {role: bench.models.role_identity(role) for fact in facts for role in fact.roles},
    }
    if spec.plugin:
        settings["plugin"] = spec.plugin
    if spec.search:
        settings["search"] = {
            "receiver": bench.models.receiver_identity(),
            "seed": bench.seeds()[0],
            "metric": bench.models.metric_identity(bench.profile.need("metric").name),
        }
    return settings


def rank(bench: Bench, selection: Selection, choice: Choice) -> StageResult:
    """Rank the captions selected that have no ranking by this method yet. Captions must be there."""
    result = StageResult("rank")
    with timed(result):
        settings = method_settings(bench, choice)
        images = selection.images(bench.store)
        with bench.store.write() as session:
            config = config_id(session, "method", bench.profile.name, settings)
            own = bench.models.captioner_identity(choice.captioner(selection))
            captioner = config_id(session, "captioner", bench.profile.name, own)
            rows = captions(session, captioner, images, every=selection.all_captions)
        named = {
            (row.id, seed): key("ranking", caption=row.key, method=settings, seed=seed)
            for row in rows
            for seed in choice.replicates()
        }
        with bench.store.read() as session:
            known = look_up(session, RankingRow, "key", list(named.values()), "order")
        result.units = len(named)
        todo = [
            (row, seed, named[row.id, seed])
            for row in rows
            for seed in choice.replicates()
            if named[row.id, seed] not in known
        ]
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always", UserWarning)
            if choice.spec.search:
                # Chosen by a run that was killed before it sent them: not to be dropped by this one.
                kept = {
                    prompt
                    for row in rows
                    for seed in choice.replicates()
                    for prompt in _received(choice, row.words, known.get(named[row.id, seed], ()))
                }
                _search(bench, choice, todo, config, result, kept)
            else:
                _order(bench, choice, todo, config, result)
        for line in dict.fromkeys(str(w.message) for w in heard if issubclass(w.category, UserWarning)):
            bench.watcher.say(f"warning: {line}")
    return result


def _order(bench: Bench, choice: Choice, todo: Sequence[Any], config: int, result: StageResult) -> None:
    with bench.progress(f"rank ({choice.label})", len(todo)):
        for start in range(0, len(todo), _BATCH):
            batch = todo[start : start + _BATCH]
            done = []
            for (row, seed, name), known in _facts(bench, choice, batch, result):
                item = _item(choice, row, seed, known)
                with _blamed(choice, item):
                    answer = choice.spec.run(item)
                done.append((row, seed, name, _checked(choice, item, answer)))
            result.new += _store(bench, config, done)
            bench.watcher.advance(len(batch))


def _search(
    bench: Bench, choice: Choice, todo: Sequence[Any], config: int, result: StageResult, kept: set[str]
) -> None:
    """Search for the orders; images of the prompts `kept` stay, as do those of prompts chosen now."""
    judge = Judge(bench, bench.seeds()[0])
    sign = 1.0 if find_metric(judge.metric_name).better == "lower" else -1.0
    tries = [len(row.words) * (len(row.words) + 1) // 2 + 1 for row, _, _ in todo]
    with bench.progress(f"rank ({choice.label}, tries)", sum(tries)):
        for start in range(0, len(todo), _SEARCHES):
            batch = todo[start : start + _SEARCHES]
            searches = [
                _Search(entry, _item(choice, entry[0], entry[1], known), choice, sign)
                for entry, known in _facts(bench, choice, batch, result)
            ]
            _advance_together(bench, judge, searches)
            done = [(*search.entry, search.ranking) for search in searches if search.ranking is not None]
            # Dropped first: a run that is killed here searches again from its remembered scores, and drops.
            kept.update(prompt for search in searches for prompt in search.chosen())
            if not bench.keep_all_images:
                judge.drop(sorted({prompt for search in searches for prompt in search.tried} - kept))
            result.new += _store(bench, config, done)
            result.fail(judge.failures, sum(search.failed for search in searches))


class _Search:
    """One caption's search: what it asks for now, what it asked for before, and its outcome."""

    def __init__(self, entry: Any, item: Item, choice: Choice, sign: float) -> None:
        self.sign = sign
        self.entry = entry
        self.item = item
        self.choice = choice
        self.tried: set[str] = set()
        self.ranking: Ranking | None = None
        self.failed = False
        self._run: Generator[list[str], list[float], Any] = choice.spec.run(item)
        self.asks: list[str] | None = self._step(None)

    def answer(self, scores: list[float]) -> None:
        """Send the scores of what it asked for, and let it ask anew."""
        self.asks = self._step(scores)

    def _step(self, scores: list[float] | None) -> list[str] | None:
        # A search minimises; where more is better it is sent, and gives back, the negative.
        sent = None if scores is None else [self.sign * score for score in scores]
        try:
            with _blamed(self.choice, self.item):
                asked = self._run.send(sent)  # type: ignore[arg-type]
        except StopIteration as stop:
            answer = _checked(self.choice, self.item, stop.value)
            plain = [None if score is None else self.sign * score for score in answer.scores]
            self.ranking = ranking(answer.order, len(self.item.words), plain)
            return None
        self.tried.update(asked)
        return asked

    def chosen(self) -> set[str]:
        """The prompts that Bob will receive; none where the search has failed."""
        return set() if self.ranking is None else _received(self.choice, self.item.words, self.ranking.order)


def _received(choice: Choice, words: Sequence[str], order: Sequence[int]) -> set[str]:
    """What Bob will have received after 0, 1, … words, over an error-free channel."""
    reorder = choice.settled().get("reorder", "none")
    return {received_prompt(words, order[:k], reorder) for k in range(len(order) + 1)}


def received_prompt(words: Sequence[str], sent: Sequence[int], reorder: str) -> str:
    """Bob's prompt once the words with these indices have arrived whole, in sending or caption order."""
    return " ".join(words[index] for index in (sent if reorder == "none" else sorted(sent)))


def _advance_together(bench: Bench, judge: Judge, searches: Sequence[_Search]) -> None:
    found = originals(bench, [search.entry[0].image_id for search in searches])
    # Step 0, the empty prompt, belongs to each curve; it is drawn once for all.
    judge.scores([(found[search.entry[0].image_id], "") for search in searches])
    while active := [search for search in searches if search.asks is not None and not search.failed]:
        pairs = [(found[s.entry[0].image_id], prompt) for s in active for prompt in s.asks or ()]
        before = judge.drawn
        scores = iter(judge.scores(pairs))
        bench.watcher.advance(len(pairs) - (judge.drawn - before))
        for search in active:
            values = [next(scores) for _ in search.asks or ()]
            if any(value is None for value in values):
                search.failed = True
            else:
                search.answer([value for value in values if value is not None])


def _facts(
    bench: Bench, choice: Choice, batch: Sequence[Any], result: StageResult
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The entries whose facts can be had, each with them; counts the others as failed."""
    found = evidence(bench, choice.spec.reads_of(choice.importance), [row for row, _, _ in batch])
    for entry, known in zip(batch, found, strict=True):
        if isinstance(known, Failure):
            result.fail([known], 1)
        else:
            yield entry, known


def _item(choice: Choice, row: Any, seed: int, facts: dict[str, Any]) -> Item:
    heeded = choice.spec.options_of(choice.importance)
    options = choice.settled() | ({"seed": seed} if "seed" in heeded else {})
    return Item(row.text, tuple(row.words), choice.importance, facts, options)


@contextmanager
def _blamed(choice: Choice, item: Item) -> Iterator[None]:
    """An error inside a user's own method becomes one line that says where."""
    try:
        yield
    except (LscError, StopIteration):
        raise
    except Exception as error:
        if not choice.spec.plugin:
            raise
        frame = traceback.extract_tb(error.__traceback__)[-1]
        raise LscError(
            f"Method {choice.label} failed on {item.text!r}: {type(error).__name__}: {error} "
            f"({Path(frame.filename).name}, line {frame.lineno})."
        ) from error


def _checked(choice: Choice, item: Item, answer: Any) -> Ranking:
    try:
        if isinstance(answer, Ranking):
            return ranking(answer.order, len(item.words), answer.scores)
        return ranking(list(answer), len(item.words))
    except (TypeError, ValueError) as error:
        raise LscError(f"Method {choice.label} gave no order for {item.text!r}: {error}.") from error


def _store(bench: Bench, config: int, done: Sequence[Any]) -> int:
    rows = [
        {
            "key": name,
            "caption_id": row.id,
            "config_id": config,
            "seed": seed,
            "order": list(answer.order),
            "scores": list(answer.scores),
            "run_id": bench.run_id,
        }
        for row, seed, name, answer in done
    ]
    with bench.store.write() as session:
        return add(session, RankingRow, rows)
