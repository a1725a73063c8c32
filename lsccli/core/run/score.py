"""Stage score: each generation against its original."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lsccli.core.run.context import Bench, StageResult, timed
from lsccli.core.run.judge import Judge, originals

_BATCH = 512


def score(
    bench: Bench, received: Mapping[int, Sequence[tuple[int, str]]], metrics: Sequence[str]
) -> StageResult:
    """Compare pairs (image_id, prompt) by each metric: for each of the receiver's seeds its own pairs."""
    result = StageResult("score")
    with timed(result):
        found = originals(bench, [image for own in received.values() for image, _ in own])
        for name in metrics:
            for seed, own in received.items():
                pairs = [(found[image], prompt) for image, prompt in dict.fromkeys(own) if image in found]
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
