"""One image looked at closely: its words with their scores, and where Alice and Bob see each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from lsccli.core.data.images import to_rgb
from lsccli.core.errors import LscError
from lsccli.core.facts.base import FACTS
from lsccli.core.run import pipeline
from lsccli.core.run.context import Bench, Failure
from lsccli.core.run.evidence import evidence
from lsccli.core.run.judge import Judge, originals
from lsccli.core.run.rank import Choice, method_settings
from lsccli.core.store.selection import Selection, captions
from lsccli.core.store.artifacts import generation_path
from lsccli.core.store.store import config_id
from lsccli.core.store.tables import Ranking

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


def explain(bench: Bench, selection: Selection, choice: Choice) -> list[Explanation]:
    """The rankings of the images selected by a method; they must be there."""
    with bench.store.write() as session:
        method = config_id(session, "method", bench.profile.name, method_settings(bench, choice))
        rows = {row.id: row for row in _captions(bench, session, selection, choice.captioner(selection))}
        ranked = session.execute(
            select(Ranking.caption_id, Ranking.seed, Ranking.order, Ranking.scores)  # type: ignore[call-overload]
            .where(Ranking.config_id == method, Ranking.caption_id.in_(rows))  # type: ignore[attr-defined]
            .where(Ranking.seed.in_(choice.replicates()))  # type: ignore[attr-defined]
            .order_by(Ranking.caption_id, Ranking.seed)
        ).all()
    name = choice.captioner(selection)
    return [
        Explanation(choice.label, name, seed, tuple(rows[number].words), tuple(order), tuple(scores))
        for number, seed, order, scores in ranked
    ]


@dataclass(frozen=True)
class Replaced:
    """What SCC made of one caption's words."""

    captioner: str
    caption: str
    rule: str
    closeness: float
    words: tuple[Substitution, ...]


def substitutions(bench: Bench, leg: pipeline.Leg) -> list[Replaced]:
    """What SCC makes of the captions of the images selected; they must be there."""
    rule, closeness = leg.channel.scc, leg.channel.scc_closeness
    if rule is None or closeness is None:
        raise ValueError("this channel has no SCC")
    captioner = leg.choice.captioner(leg.selection)
    with bench.store.write() as session:
        texts = [row.text for row in _captions(bench, session, leg.selection, captioner)]
    rows = bench.models.semantic_coder(leg.channel).captions(texts, bench.models.parser)
    return [
        Replaced(captioner, text, rule, closeness, tuple(row)) for text, row in zip(texts, rows, strict=True)
    ]


def sight(bench: Bench, image: int, captioner: str) -> Sight:
    """Where Alice and Bob see the words of the first caption of an image by a captioner.

    The caption and Bob's drawing of it are made where they are missing.

    Raises:
        LscError: where the image has no such caption, or is gone; MissingModelError where a model is not here
            or has nothing to look at.
    """
    facts = ("alice_maps", "bob_maps")
    for fact in facts:
        if (check := FACTS[fact].check) is not None:
            check(bench.models)
    selection = Selection(captioner=captioner, image_ids=(image,))
    if pipeline.caption(bench, selection, [captioner]).new:
        bench.watcher.say("made first: caption")
    with bench.store.write() as session:
        rows = _captions(bench, session, selection, captioner)
    if not rows or not rows[0].words:
        raise LscError(f"The image has no caption by {captioner}; name another with --captioner.")
    (found,) = evidence(bench, facts, rows[:1])
    if isinstance(found, Failure):
        raise LscError(found.reason)
    words = tuple(rows[0].words)
    judge = Judge(bench, bench.seeds()[0])
    prompt = " ".join(words)
    missing = judge.missing([prompt], with_files=True)
    with bench.progress("generate", len(missing)):
        judge.draw(missing)
    drawing = bench.store.artifacts / generation_path(judge.generation_key(prompt))
    if not drawing.is_file():
        raise LscError(f"Bob's image of {prompt!r} is not finite; try --dtype float32.")
    alice = _open(originals(bench, [image])[image].read())
    return Sight(words, alice, _open(drawing.read_bytes()), found["alice_maps"], found["bob_maps"])


def image_of(bench: Bench, name: str) -> tuple[int, Path]:
    """The id and file of the registered image that `name` means: a path, or the end of one."""
    from lsccli.core.store.selection import find_image

    with bench.store.read() as session:
        return find_image(session, name)


def _captions(bench: Bench, session: Any, selection: Selection, captioner: str) -> Sequence[Any]:
    own = config_id(session, "captioner", bench.profile.name, bench.models.captioner_identity(captioner))
    return captions(session, own, selection.images(bench.store), every=selection.all_captions)


def _open(content: bytes) -> Image:
    from PIL import Image as Pillow

    with Pillow.open(BytesIO(content)) as image:
        return to_rgb(image)
