"""Stage score: each generation against its original."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lsccli.core.run.judge import Judge
from lsccli.core.run.originals import Original
from lsccli.core.run.workspace import StageResult, Workspace, timed

_BATCH = 512

Pair = tuple[int, str]  # image_id, prompt


def score_pairs(
    workspace: Workspace,
    received: Mapping[int, Sequence[Pair]],
    metrics: Sequence[str],
    images: Mapping[int, Original],
    result: StageResult,
) -> None:
    """Compare by each metric the pairs of each of the receiver's seeds."""
    with timed(result):
        for name in metrics:
            for seed, own in received.items():
                pairs = [(images[image], prompt) for image, prompt in dict.fromkeys(own) if image in images]
                judge = Judge(workspace, seed, name, workspace.metric_fit)
                judge.note_metric()
                result.units += len(pairs)
                todo = sorted(judge.unscored(pairs), key=lambda pair: pair[0].id)
                with workspace.progress(f"score ({judge.metric_name})", len(todo)):
                    for start in range(0, len(todo), _BATCH):
                        batch = todo[start : start + _BATCH]
                        before = judge.drawn
                        made = judge.scores(batch)
                        result.fail(judge.failures, made.count(None))
                        workspace.watcher.advance(len(batch) - (judge.drawn - before))
                result.new += judge.scored
