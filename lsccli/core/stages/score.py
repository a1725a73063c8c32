"""Stage score: each generation against its original."""

from __future__ import annotations

from collections.abc import Sequence

from lsccli.core.bench import Bench, StageResult, timed
from lsccli.core.judge import Judge, originals

_BATCH = 512


def score(bench: Bench, received: Sequence[tuple[int, str]], metrics: Sequence[str]) -> StageResult:
    """Compare each pair (image_id, prompt) by each metric, for each of the receiver's seeds."""
    result = StageResult("score")
    distinct = list(dict.fromkeys(received))
    with timed(result):
        found = originals(bench, [image for image, _ in distinct])
        pairs = [(found[image], prompt) for image, prompt in distinct if image in found]
        for name in metrics:
            for seed in bench.seeds():
                judge = Judge(bench, seed, name)
                result.units += len(pairs)
                todo = sorted(judge.unscored(pairs), key=lambda pair: pair[0].id)
                with bench.progress(f"score ({judge.metric_name})", len(todo)):
                    for start in range(0, len(todo), _BATCH):
                        batch = todo[start : start + _BATCH]
                        before = judge.drawn
                        made = judge.scores(batch)
                        result.fail(judge.failures, made.count(None))
                        bench.watcher.advance(len(batch) - (judge.drawn - before))
                result.new += judge.scored
    return result
