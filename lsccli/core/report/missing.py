"""What the store lacks for a report, and the command that makes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from lsccli.core.channel.settings import typed
from lsccli.core.channel.vocabulary import shipped
from lsccli.core.errors import LscError
from lsccli.core.report import read
from lsccli.core.report.labels import method_label
from lsccli.core.report.request import ReportRequest, Setups, split_method
from lsccli.core.report.stats import Floats, Ints
from lsccli.core.report.wording import counted
from lsccli.core.scc.coder import settings_of


@dataclass(frozen=True)
class Missing:
    """Units of one method that are not in the store.

    Attributes:
        what: "transmission" (counted in images), "generation" or "score" (counted in steps).
        count: how many are missing.
        images: how many images that concerns.
        command: what makes them.
    """

    method: str
    importance: str | None
    captioner: str
    what: str
    count: int
    images: int
    command: str

    def __str__(self) -> str:
        name = method_label(self.method, self.importance)
        images = counted(self.images, "image")
        if self.what == "transmission":
            text = f"{images} not sent"
        else:
            verb = "drawn" if self.what == "generation" else "scored"
            text = f"{counted(self.count, 'step')} of {images} not {verb}"
        return f"{name} ({self.captioner}): {text}; make with: {self.command}"


def in_short(gaps: Sequence[Missing]) -> list[str]:
    """One line for all methods that lack as much of the same, with a command."""
    lines = []
    kinds: dict[tuple[str, int], list[Missing]] = {}
    for gap in gaps:
        # Drawing and scoring are one command for all methods; sending is one for each.
        kinds.setdefault((gap.what, gap.images if gap.what == "transmission" else 0), []).append(gap)
    for (what, _), same in kinds.items():
        if len(same) == 1:
            lines.append(str(same[0]))
            continue
        names = ", ".join(
            dict.fromkeys(f"{method_label(gap.method, gap.importance)} ({gap.captioner})" for gap in same)
        )
        if what == "transmission":
            images = counted(same[0].images, "image")
            over = {gap.command.partition(f" --captioner {gap.captioner}")[2] for gap in same}
            own = over.pop() if len(over) == 1 else " and the options of its channel"
            lines.append(f"{images} not sent by {names}; make with: lsc transmit --method METHOD{own}")
        else:
            verb = "drawn" if what == "generation" else "scored"
            count = sum(gap.count for gap in same)
            lines.append(f"{count} steps not {verb}, of {names}; make with: {same[0].command}")
    return lines


@dataclass(frozen=True, eq=False)
class Part:
    """A curve to be: its group, receiver and metric, and which images are complete at which seed."""

    group: int
    receiver: int
    metric: int
    complete: Mapping[int, NDArray[np.bool_]]  # seed -> (images,)

    @property
    def any(self) -> NDArray[np.bool_]:
        """(images,) whether an image is complete at some seed."""
        return np.asarray(np.logical_or.reduce(list(self.complete.values())))


def find_missing(
    session: Session,
    setups: Setups,
    request: ReportRequest,
    sent: read.Transmissions,
    scores: Mapping[tuple[int, int, int], Floats],
    parts: Sequence[Part],
) -> list[Missing]:
    """What keeps images out of the curves, or methods from having one.

    Args:
        scores: (receiver, metric, seed) -> (S,) scores of the steps, NaN where there is none.
        parts: the curves that have a complete image.
    """
    touched = len(np.unique(sent.image))
    image_of = sent.image[sent.owner]
    drawn: dict[tuple[int, int], Ints] | None = None
    result: list[Missing] = []
    for group, (captioner, method, channel) in enumerate(sent.groups):
        settings = setups.methods[method].settings
        name, importance = str(settings.get("method", "?")), settings.get("importance")
        writer = str(setups.captioners[captioner].settings.get("captioner", "?"))
        asked = f"{name} --importance {importance}" if importance else name
        over = _options(setups.channels[channel].settings)
        own = (sent.group == group)[sent.owner]
        gaps: list[tuple[str, int, int, str]] = []
        unsent = touched - len(np.unique(image_of[own]))
        command = f"lsc transmit --method {asked} --captioner {writer}{over}"
        gaps.append(("transmission", unsent, unsent, command))
        mine = [part for part in parts if part.group == group]
        wanted: list[tuple[tuple[int, int] | None, NDArray[np.bool_]]] = [
            ((part.receiver, part.metric), own & ~part.any[image_of]) for part in mine
        ]
        for pair, open_steps in wanted or [(None, own)]:
            if not open_steps.any():
                continue
            drawn = read.drawn(session, setups.receivers) if drawn is None else drawn
            blank, unscored = _lacking(sent, scores, drawn, pair, open_steps)
            gaps.append(("generation", *_count(blank, image_of), "lsc generate"))
            gaps.append(("score", *_count(unscored, image_of), f"lsc score --metric {request.metric}"))
        result += [Missing(name, importance, writer, *gap) for gap in gaps if gap[1]]
    return result


def _options(channel: Mapping[str, Any]) -> str:
    """The options of a channel, each after a space; none of one that another version of lsc knew."""
    try:
        settings = settings_of(dict(channel))
    except LscError:
        return ""
    options = typed(settings)
    if settings.uses_vocabulary:
        known = {None: "storybook", shipped("english").digest: "english"}
        options += ["--vocabulary", known.get(settings.vocabulary, "FILE")]
    return "".join(f" {option}" for option in options)


def _lacking(
    sent: read.Transmissions,
    scores: Mapping[tuple[int, int, int], Floats],
    drawn: Mapping[tuple[int, int], Ints],
    pair: tuple[int, int] | None,
    steps: NDArray[np.bool_],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(S,) which of `steps` are not drawn, and which are drawn but not scored.

    Counted at the receiver, metric and seed that lack least: what it takes to complete the images once.
    """
    near = [key for key in scores if pair in (None, key[:2])]
    if near:
        receiver, _, seed = best = min(near, key=lambda key: int(np.isnan(scores[key][steps]).sum()))
        without = steps & np.isnan(scores[best])
        known = drawn.get((receiver, seed), np.zeros(0, np.int64))
    else:
        without = steps
        known = max(
            drawn.values(),
            key=lambda prompts: int(read.is_in(sent.prompt[steps], prompts).sum()),
            default=np.zeros(0, np.int64),
        )
    there = read.is_in(sent.prompt, known)
    return without & ~there, without & there


def _count(steps: NDArray[np.bool_], image_of: Ints) -> tuple[int, int]:
    return int(steps.sum()), len(np.unique(image_of[steps]))


def nothing_yet(
    request: ReportRequest,
    touched: int,
    missing: Sequence[Missing],
    complete: Sequence[tuple[str, int]],
) -> str:
    """One line: why there is no curve, and which command helps.

    Args:
        touched: how many selected images were sent by some method.
        complete: the curves that have complete images, and how many each has.
    """
    if not touched:
        names = [method_label(*split_method(text)) for text in request.methods]
        method = names[0].partition(":")[0] if names else "order"
        what = f" by {' or '.join(names)}" if names else ""
        return (
            f"Nothing was sent{what} yet. Start with: lsc transmit --method {method} (or all: lsc run DATA)"
        )
    if complete:
        each = ", ".join(f"{label} {count}" for label, count in complete)
        return (
            f"No image is complete in all {len(complete)} curves (complete images: {each}). "
            "Choose with --method, --data or --captioner, or run the missing parts."
        )
    for what, verb in (("generation", "drawn"), ("score", "scored")):
        gaps = [gap for gap in missing if gap.what == what]
        if gaps:
            count = sum(gap.count for gap in gaps)
            by = f"the receiver of {request.profile}" if what == "generation" else request.metric
            return (
                f"No image is complete yet: {count} steps are not {verb} by {by}. "
                f"Make them with: {gaps[0].command}"
            )
    return f"No scores by {request.metric} yet. Make them with: lsc score --metric {request.metric}"
