"""What the store lacks for a report, and the command that makes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from lsccli.core.report import commands, read
from lsccli.core.report.complete import Part
from lsccli.core.report.elsewhere import Elsewhere
from lsccli.core.report.escape import shell_word, shell_words
from lsccli.core.report.labels import method_label
from lsccli.core.report.request import ReportRequest, Setups, split_method
from lsccli.core.report.stats import Floats, Ints
from lsccli.core.report.wording import counted


@dataclass(frozen=True)
class Missing:
    """Units of one method that are not in the store.

    Attributes:
        what: "transmission" (counted in images), "generation" or "score" (counted in steps).
        count: how many are missing.
        images: how many images that concerns.
        command: what makes them.
        then: what draws and scores them after that.
        group: which of the groups of `read.Transmissions` lacks them.
    """

    method: str
    importance: str | None
    captioner: str
    what: str
    count: int
    images: int
    command: str
    then: str = ""
    group: int = -1

    def __str__(self) -> str:
        name = method_label(self.method, self.importance)
        images = counted(self.images, "image")
        if self.what == "transmission":
            text = f"{images} not sent"
        else:
            verb = "drawn" if self.what == "generation" else "scored"
            text = f"{counted(self.count, 'step')} of {images} not {verb}"
        return f"{name} ({self.captioner}): {text}; make with: {self.command}"


def find_missing(
    session: Session,
    setups: Setups,
    request: ReportRequest,
    sent: read.Transmissions,
    scores: Mapping[tuple[int, int, int], Floats],
    parts: Sequence[Part],
    ids: Ints,
    wanted: NDArray[np.bool_],
) -> list[Missing]:
    """What keeps images out of the curves, or methods from having one.

    Args:
        scores: (receiver, metric, seed) -> (S,) scores of the steps, NaN where there is none.
        parts: the curves that have a complete image.
        ids: the selected images.
        wanted: (images,) those of which something may be said to be missing.
    """
    image_of = sent.image[sent.owner]
    drawn: dict[tuple[int, int], Ints] | None = None
    counts: dict[tuple[int, int, int], tuple[int, int]] | None = None
    result: list[Missing] = []
    for group, ids_of in enumerate(sent.groups):
        setup_of = tuple(
            of[number]
            for of, number in zip((setups.captioners, setups.methods, setups.channels), ids_of, strict=True)
        )
        captioner, method, channel = (one.settings for one in setup_of)
        own = (sent.group == group)[sent.owner] & wanted[image_of]
        gaps: list[tuple[str, int, int, str, str]] = []
        has = np.zeros(len(ids), np.bool_)
        has[image_of[own]] = True
        unsent = np.flatnonzero(wanted & ~has)
        mine = [part for part in parts if part.group == group]
        wanting: list[tuple[tuple[int, int] | None, NDArray[np.bool_]]] = [
            ((part.receiver, part.metric), own & ~part.any[image_of]) for part in mine
        ]
        lacking = [(pair, steps) for pair, steps in wanting or [(None, own)] if steps.any()]
        if not len(unsent) and not lacking:
            continue
        if request.in_force is not None and not request.in_force(*setup_of):
            continue  # of other models: what those in force would make is another curve
        name, importance = str(method.get("method", "?")), method.get("importance")
        writer = str(captioner.get("captioner", "?"))
        counts = commands.repeats(session) if counts is None else counts
        send = commands.transmit(writer, method, channel, *counts.get(ids_of, (1, 1)))
        chosen = commands.selected(request.selection, ids, unsent)
        score = commands.score(request.metric, request.stop, seeds=request.seeds)
        gaps.append(("transmission", len(unsent), len(unsent), send + chosen, score + chosen))
        for pair, open_steps in lacking:
            fit = _fit(setups, request, pair)
            score = commands.score(request.metric, request.stop, seeds=request.seeds, fit=fit)
            if drawn is None:
                drawn = read.drawn(session, setups.receivers)
                drawn = {key: own for key, own in drawn.items() if key[1] in (request.seeds or (key[1],))}
            blank, unscored = _lacking(sent, scores, drawn, pair, open_steps)
            chosen = commands.selected(request.selection, ids, image_of[open_steps])
            draw = commands.generate(request.stop, seeds=request.seeds, fit=fit) + chosen
            gaps.append(("generation", *_count(blank, image_of), draw, score + chosen))
            gaps.append(("score", *_count(unscored, image_of), score + chosen, score + chosen))
        result += [
            Missing(name, importance, writer, *gap[:3], request.advise(gap[3]), request.advise(gap[4]), group)
            for gap in gaps
            if gap[1]
        ]
    return result


def _fit(setups: Setups, request: ReportRequest, pair: tuple[int, int] | None) -> str | None:
    """How the metric of a curve sees pictures, where a command has to say so."""
    metrics = [setups.metrics[pair[1]]] if pair is not None else list(setups.metrics.values())
    fits = {str(metric.settings.get("fit")) for metric in metrics}
    return next(iter(fits)) if len(fits) == 1 and request.fit not in fits else None


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


@dataclass(frozen=True)
class LeftOut:
    """A curve that lacks images which the curves compared have.

    Attributes:
        label: as it would be printed among the others.
        images: how many of theirs it has.
        of: how many they have.
        command: what completes it; empty where that is not told.
        group: which of the groups of `read.Transmissions` it is of.
    """

    method: str
    importance: str | None
    captioner: str
    label: str
    images: int
    of: int
    command: str
    group: int = -1

    def __str__(self) -> str:
        text = f"{self.label} ({self.captioner}), complete on {self.images} of {counted(self.of, 'image')}"
        return f"{text}; complete it with: {self.command}" if self.command else text


def left_out_lines(incomplete: Sequence[LeftOut], gaps: Sequence[Missing]) -> list[str]:
    """What is said of curves left out, and of what keeps images out of the others; a line each."""
    lines = [f"Left out: {one}" for one in incomplete]
    if incomplete:
        lines.append("With --strict-images all curves are compared, on the images that all of them have.")
    told = {one.group for one in incomplete}
    kept = [gap for gap in gaps if gap.group not in told]
    return [*lines, *(f"Missing: {line}" for line in in_short(kept))]


def in_short(gaps: Sequence[Missing]) -> list[str]:
    """One line for all methods that lack as much of the same, with a command."""
    lines = []
    kinds: dict[tuple[str, str], list[Missing]] = {}
    for gap in gaps:
        # Drawing and scoring are one command for all methods; sending is one for each.
        kinds.setdefault((gap.what, gap.command), []).append(gap)
    for (what, command), same in kinds.items():
        if len(same) == 1 or what == "transmission":
            lines += list(dict.fromkeys(map(str, same)))
            continue
        names = dict.fromkeys(f"{method_label(gap.method, gap.importance)} ({gap.captioner})" for gap in same)
        verb = "drawn" if what == "generation" else "scored"
        count = sum(gap.count for gap in same)
        lines.append(f"{count} steps not {verb}, of {', '.join(names)}; make with: {command}")
    return lines


def completing(gaps: Sequence[Missing]) -> str:
    """One command line that makes all that a curve lacks: scoring draws first what is not drawn."""
    sending = [gap.command for gap in gaps if gap.what == "transmission"]
    return " && ".join(dict.fromkeys([*sending, *(gap.then for gap in gaps)]))


def nothing_yet(
    request: ReportRequest,
    touched: int,
    missing: Sequence[Missing],
    complete: Sequence[tuple[str, int]],
    elsewhere: Sequence[Elsewhere] = (),
    kin: Sequence[str] = (),
) -> str:
    """One line: why there is no curve, and which command helps.

    Args:
        touched: how many selected images were sent by some method.
        complete: the curves that have complete images, and how many each has.
        elsewhere: other profiles that have complete images here.
        kin: what was sent of the methods asked for, with another importance.
    """
    return request.advise(_nothing_yet(request, touched, missing, complete, elsewhere, kin))


def _nothing_yet(
    request: ReportRequest,
    touched: int,
    missing: Sequence[Missing],
    complete: Sequence[tuple[str, int]],
    elsewhere: Sequence[Elsewhere],
    kin: Sequence[str],
) -> str:
    selection = request.selection
    data = shell_word(selection.data, place=True) if selection.data is not None else "DATA"
    if not touched:
        of = ["--data", str(selection.data)] if selection.data is not None else []
        of += ["--captioner", selection.captioner] if selection.captioner is not None else []
        names = [method_label(*split_method(text)) for text in request.methods]
        what = f" by {' or '.join(names)}" if names else ""
        but = f" (but by {', '.join(kin)})" if kin else ""
        start = shell_words("lsc", "transmit", "--method", names[0] if names else "order", *of)
        return f"Nothing was sent{what} yet{but}. Start with: {start} (or all: lsc run {data})"
    if complete:
        each = ", ".join(f"{label} {count}" for label, count in complete)
        return (
            f"No image is complete in all {len(complete)} curves (complete images: {each}). Leave "
            "--strict-images out, or choose with --method, --where, --data or --captioner."
        )
    gaps = [gap for what in ("generation", "score") for gap in missing if gap.what == what]
    if elsewhere:
        return (
            f"No image is complete with the models of {request.profile}. "
            f"{' '.join(map(str, elsewhere))}{f' Or make it with these: {gaps[0].then}' if gaps else ''}"
        )
    if gaps:
        what = gaps[0].what
        verb = "drawn" if what == "generation" else "scored"
        count = sum(gap.count for gap in gaps if gap.what == what)
        by = f"the receiver of {request.profile}" if what == "generation" else request.metric
        return (
            f"No image is complete yet: {count} steps are not {verb} by {by}. "
            f"Make them with: {gaps[0].command}"
        )
    if request.in_force is not None:
        return f"Nothing was sent with the models of {request.profile} yet. Start with: lsc run {data}"
    score = commands.score(request.metric, request.stop, seeds=request.seeds)
    return f"No scores by {request.metric} yet. Make them with: {score}"
