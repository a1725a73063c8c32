"""Stage generate: Bob draws every received prompt that has no image yet, each once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lsccli.core.run.judge import Judge
from lsccli.core.run.workspace import StageResult, Workspace, timed


def draw_prompts(workspace: Workspace, prompts: Iterable[str], result: StageResult) -> None:
    """Draw the distinct prompts for each receiver seed, also where an image was dropped or damaged."""
    distinct = list(dict.fromkeys(prompts))
    with timed(result):
        result.units += len(distinct) * workspace.receiver_seeds
        judges = [Judge(workspace, seed) for seed in workspace.seeds()]
        todo = [judge.missing(distinct) for judge in judges]
        with workspace.progress("generate", sum(map(len, todo))):
            for judge, missing in zip(judges, todo, strict=True):
                judge.draw(_by_length(missing))
                result.new += judge.drawn
                result.fail(judge.failures, len(judge.failures))


def _by_length(prompts: Sequence[str]) -> list[str]:
    # The first words come first, so that an interrupted run has curves that begin.
    return sorted(prompts, key=lambda prompt: (len(prompt.split()), prompt))
