"""Stage generate with `--stop-at`: each transmission is drawn word by word until it is good enough."""

from __future__ import annotations

from collections.abc import Sequence

from lsccli.core.errors import LscError
from lsccli.core.metrics.stop import Stop
from lsccli.core.run.context import Bench, Failure, StageResult, timed
from lsccli.core.run.judge import Judge, Original, originals

Path = tuple[int, tuple[str, ...]]  # image_id, and the prompts received after 0, 1, … words
Pair = tuple[int, str]


def generate_until(
    bench: Bench, paths: Sequence[Path], stop: Stop
) -> tuple[StageResult, dict[int, list[Pair]]]:
    """Draw and score k = 0, 1, 2, … of each transmission until `stop` is reached, for each receiver seed.

    All transmissions advance in lock-step, so that batches are full; nothing is drawn beyond, and what the
    store remembers is used. Gives also, by seed, the pairs (image_id, prompt) that were looked at.
    """
    result = StageResult("generate")
    visited: dict[int, list[Pair]] = {}
    with timed(result):
        distinct = list(dict.fromkeys(paths))
        found = originals(bench, [image for image, _ in distinct])
        gone = _gone(found)
        for seed in bench.seeds():
            judge = Judge(bench, seed, stop.metric)
            whole = [path for path in distinct if path[0] not in gone]
            pairs = _walk(bench, judge, found, whole, stop)
            visited[seed] = pairs
            result.units += len({prompt for _, prompt in pairs}) + len(distinct) - len(whole)
            result.new += judge.drawn
            result.fail(judge.failures, len(judge.undrawable))
            result.fail(gone.values(), len(distinct) - len(whole))
    return result, visited


def _gone(found: dict[int, Original]) -> dict[int, Failure]:
    """The images that cannot be read any more; a transmission of such a one cannot be judged."""
    failures = {}
    for number, original in found.items():
        try:
            original.read()
        except LscError as error:
            failures[number] = Failure(str(original.places[0]), str(error))
    return failures


def _walk(
    bench: Bench, judge: Judge, found: dict[int, Original], paths: Sequence[Path], stop: Stop
) -> list[Pair]:
    visited: dict[Pair, None] = {}
    active, k = list(paths), 0
    with bench.progress(
        f"generate (until {stop.metric} {stop.score:g})", sum(len(prompts) for _, prompts in paths)
    ):
        while active:
            visited.update(dict.fromkeys((image, prompts[k]) for image, prompts in active))
            before = judge.drawn
            scores = judge.scores([(found[image], prompts[k]) for image, prompts in active])
            bench.watcher.advance(len(active) - (judge.drawn - before))
            going = []
            for path, score in zip(active, scores, strict=True):
                # Without a score (Bob's image was not finite) nobody can tell where to stop.
                if score is None or stop.reached(score) or k + 1 == len(path[1]):
                    bench.watcher.advance(len(path[1]) - k - 1)
                else:
                    going.append(path)
            active, k = going, k + 1
    return list(visited)
