"""One image looked at closely: its words with their scores, and where Alice and Bob see each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsccli.core.data.pictures import decode
from lsccli.core.errors import LscError
from lsccli.core.facts.base import FACTS
from lsccli.core.run.evidence import evidence
from lsccli.core.run.judge import Judge
from lsccli.core.run.pipeline import Pipeline
from lsccli.core.run.plan import Choice, Leg
from lsccli.core.run.workspace import Failure, Workspace
from lsccli.core.scc.link import semantic_coder
from lsccli.core.store.selection import Selection

if TYPE_CHECKING:
    from PIL.Image import Image

    from lsccli.core.scc.coder import Substitution


@dataclass(frozen=True)
class Explanation:
    """One ranking of one caption: word indices in sending order, and a score for each where there is one."""

    method: str
    captioner: str
    seed: int
    words: tuple[str, ...]
    order: tuple[int, ...]
    scores: tuple[float | None, ...]


@dataclass(frozen=True)
class Sight:
    """A caption's words, Alice's image, Bob's of the whole caption, and a map of each word on either."""

    words: tuple[str, ...]
    alice: Image
    bob: Image
    alice_maps: Any  # (n, H, W)
    bob_maps: Any  # (n, 24, 24)


def explain(pipeline: Pipeline, choice: Choice, captioner: str) -> list[Explanation]:
    """The rankings of a captioner's captions by a method, made where they are missing."""
    return [
        Explanation(choice.label, captioner, row.seed, tuple(row.caption.words), row.order, row.scores)
        for row in pipeline.ranked(choice, captioner)[1]
    ]


@dataclass(frozen=True)
class Replaced:
    """What SCC made of one caption's words."""

    captioner: str
    caption: str
    rule: str
    closeness: float
    words: tuple[Substitution, ...]


def substitutions(pipeline: Pipeline, leg: Leg) -> list[Replaced]:
    """What SCC makes of the captions that are sent."""
    rule, closeness = leg.channel.scc, leg.channel.scc_closeness
    if rule is None or closeness is None:
        raise ValueError("this channel has no SCC")
    models = pipeline.workspace.models
    texts = [row.text for row in pipeline.captions(leg.speaker)]
    rows = semantic_coder(models, leg.channel).captions(texts, models.parser)
    return [
        Replaced(leg.speaker, text, rule, closeness, tuple(row))
        for text, row in zip(texts, rows, strict=True)
    ]


def sight(workspace: Workspace, image: int, captioner: str) -> Sight:
    """Where Alice and Bob see the words of the first caption of an image by a captioner.

    The caption and Bob's drawing of it are made where they are missing.

    Raises:
        LscError: where the image has no such caption, or is gone; MissingModelError where a model is not here
            or has nothing to look at.
    """
    facts = [FACTS.find(name) for name in ("alice_maps", "bob_maps")]
    for fact in facts:
        if fact.check is not None:
            fact.check(workspace.models)
    pipeline = Pipeline(workspace, Selection(captioner=captioner, image_ids=(image,)))
    if pipeline.caption([captioner]).new:
        workspace.watcher.say("made first: caption")
    rows = pipeline.captions(captioner)
    if not rows or not rows[0].words:
        raise LscError(f"The image has no caption by {captioner}; name another with --captioner.")
    (found,) = evidence(workspace, facts, rows[:1], pipeline.images)
    if isinstance(found, Failure):
        raise LscError(found.reason)
    words = tuple(rows[0].words)
    judge = Judge(workspace, workspace.search_seed)
    prompt = " ".join(words)
    missing = judge.missing([prompt])
    with workspace.progress("generate", len(missing)):
        judge.draw(missing)
    if prompt in judge.undrawable:
        raise LscError(f"Bob's image of {prompt!r} is not finite; try --dtype float32.")
    (drawing,) = judge.files([prompt])
    alice = pipeline.images[image].open()
    return Sight(words, alice, decode(drawing), found["alice_maps"], found["bob_maps"])


def image_of(workspace: Workspace, name: str) -> tuple[int, Path]:
    """The id and file of the registered image that `name` means: a path, or the end of one."""
    from lsccli.core.store.selection import find_image

    with workspace.store.read() as session:
        return find_image(session, name)
