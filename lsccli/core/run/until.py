"""Stage generate with `--stop-at`: each transmission is drawn word by word until it is good enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lsccli.core.errors import LscError
from lsccli.core.metrics.stop import Stop
from lsccli.core.run.judge import Judge
from lsccli.core.run.originals import Original
from lsccli.core.run.score import Pair
from lsccli.core.run.transmit import Reception
from lsccli.core.run.workspace import Failure, StageResult, Workspace, timed


def draw_until(
    workspace: Workspace,
    receptions: Sequence[Reception],
    stop: Stop,
    images: Mapping[int, Original],
    result: StageResult,
) -> dict[int, list[Pair]]:
    """Draw and score k = 0, 1, 2, … of each transmission until `stop` is reached, for each receiver seed.

    All transmissions advance in lock-step, so that batches are full; nothing is drawn beyond, and what the
    store remembers is used. Gives by seed the pairs (image_id, prompt) that were looked at.
    """
    visited: dict[int, list[Pair]] = {}
    with timed(result):
        distinct = list(dict.fromkeys(receptions))
        gone = _gone(images, {one.image_id for one in distinct})
        for seed in workspace.seeds():
            judge = Judge(workspace, seed, stop.metric, workspace.metric_fit)
            judge.note_metric()
            whole = [one for one in distinct if one.image_id not in gone]
            pairs = _walk(workspace, judge, images, whole, stop)
            visited[seed] = pairs
            result.units += len({prompt for _, prompt in pairs}) + len(distinct) - len(whole)
            result.new += judge.drawn
            result.fail(judge.failures, len(judge.undrawable))
            result.fail(gone.values(), len(distinct) - len(whole))
    return visited


def _gone(images: Mapping[int, Original], wanted: set[int]) -> dict[int, Failure]:
    """The images that cannot be read any more; a transmission of such a one cannot be judged."""
    failures = {}
    for number in sorted(wanted):
        try:
            images[number].read()
        except LscError as error:
            failures[number] = Failure(str(images[number].places[0]), str(error))
    return failures


def _walk(
    workspace: Workspace,
    judge: Judge,
    images: Mapping[int, Original],
    receptions: Sequence[Reception],
    stop: Stop,
) -> list[Pair]:
    visited: dict[Pair, None] = {}
    active, k = list(receptions), 0
    total = sum(len(one.prompts) for one in receptions)
    with workspace.progress(f"generate (until {stop.metric} {stop.score:g})", total):
        while active:
            visited.update(dict.fromkeys((one.image_id, one.prompts[k]) for one in active))
            before = judge.drawn
            scores = judge.scores([(images[one.image_id], one.prompts[k]) for one in active])
            workspace.watcher.advance(len(active) - (judge.drawn - before))
            going = []
            for one, score in zip(active, scores, strict=True):
                # Without a score (Bob's image was not finite) nobody can tell where to stop.
                if score is None or stop.reached(score) or k + 1 == len(one.prompts):
                    workspace.watcher.advance(len(one.prompts) - k - 1)
                else:
                    going.append(one)
            active, k = going, k + 1
    return list(visited)
