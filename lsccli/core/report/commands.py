"""Commands that make what a report lacks, as a shell takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlmodel import Session

from lsccli.core.channel.settings import typed
from lsccli.core.channel.vocabulary import shipped
from lsccli.core.errors import LscError
from lsccli.core.methods.base import METHODS
from lsccli.core.metrics.stop import Stop
from lsccli.core.report.escape import shell_words
from lsccli.core.report.sql import fetch_rows
from lsccli.core.report.stats import Ints
from lsccli.core.scc.coder import settings_of
from lsccli.core.store.selection import Selection

_COUNTS = """
    SELECT c.config_id, r.config_id, t.config_id, max(r.seed) + 1, max(t.trial) + 1
    FROM transmission t JOIN ranking r ON r.id = t.ranking_id JOIN caption c ON c.id = r.caption_id
    GROUP BY 1, 2, 3
"""


def repeats(session: Session) -> dict[tuple[int, int, int], tuple[int, int]]:
    """(captioner, method, channel) -> how many seeds and trials it was sent with."""
    return {
        (own, how, over): (seeds, trials) for own, how, over, seeds, trials in fetch_rows(session, _COUNTS)
    }


def transmit(
    captioner: str, method: Mapping[str, Any], channel: Mapping[str, Any], seeds: int = 1, trials: int = 1
) -> str:
    """What sends by this method over this channel, all settings as they were."""
    name, importance = str(method.get("method", "?")), method.get("importance")
    words = ["lsc", "transmit", "--method", name]
    words += ["--importance", str(importance)] if importance else []
    words += _of_method(name, importance, method.get("options", {}), seeds)
    words += ["--captioner", captioner, *_of_channel(channel)]
    words += ["--trials", str(trials)] if trials > 1 else []
    return shell_words(*words)


def generate(stop: Stop | None = None, *, seeds: Sequence[int] = (), fit: str | None = None) -> str:
    """What draws all that was sent, or with `stop` until it is good enough.

    Args:
        seeds: the receiver seeds to draw with, which follow each other; the profile's without.
        fit: how metrics see pictures that are not square; as the profile says without.
    """
    until = ("--stop-at", stop.typed, "--metric", stop.metric, *_fit(fit)) if stop is not None else ()
    return shell_words("lsc", "generate", *until, *_drawn_with(seeds))


def score(metric: str, stop: Stop | None = None, *, seeds: Sequence[int] = (), fit: str | None = None) -> str:
    """What draws and scores all that was sent, or with `stop` until it is good enough; see `generate`."""
    if stop is not None:
        return generate(stop, seeds=seeds, fit=fit)
    return shell_words("lsc", "score", "--metric", metric, *_fit(fit), *_drawn_with(seeds))


def _drawn_with(seeds: Sequence[int]) -> list[str]:
    own = ["--receiver-seed", str(seeds[0])] if seeds else []
    return [*own, *(["--receiver-seeds", str(len(seeds))] if len(seeds) > 1 else [])]


def _fit(fit: str | None) -> list[str]:
    return ["--metric-fit", fit] if fit is not None else []


def selected(selection: Selection, ids: Ints, wanted: Sequence[int] | Ints) -> str:
    """The options, each after a space, that select the images at these places of `ids`.

    No more images than the first so many: what only one curve has would make the others incomplete.
    """
    words = ["--data", str(selection.data)] if selection.data is not None else []
    last = int(np.max(wanted, initial=-1)) + 1
    if selection.limit is not None or (0 < last < len(ids) and selection.image_ids is None):
        words += ["--limit", str(last)]
    words += ["--captions", "all"] if selection.all_captions else []
    return f" {shell_words(*words)}" if words else ""


def _of_method(name: str, importance: str | None, options: Mapping[str, Any], seeds: int) -> list[str]:
    spec = METHODS.all().get(name)
    words: list[str] = []
    for option in spec.options_of(importance) if spec is not None else ():
        value = options.get(option.name, option.default)
        if option.counts:
            words += [option.flag, str(seeds)] if seeds > 1 else []
        elif option.flag and value != option.default:
            flag = option.flag if value is not False else f"--no-{option.flag[2:]}"
            words += [flag] if isinstance(value, bool) else [option.flag, str(value)]
    return words


def _of_channel(channel: Mapping[str, Any]) -> list[str]:
    """The options of a channel; none of one that another version of lsc knew."""
    try:
        settings = settings_of(dict(channel))
    except LscError:
        return []
    options = typed(settings)
    if settings.uses_vocabulary:
        known = {None: "storybook", shipped("english").digest: "english"}
        options += ["--vocabulary", known.get(settings.vocabulary, "FILE")]
    return options
