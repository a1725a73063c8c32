"""Other profiles that have complete results in a store, and how their reports are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sqlmodel import Session

from lsccli.core.models.profile import PROFILES
from lsccli.core.report import read
from lsccli.core.report.complete import parts_of
from lsccli.core.report.escape import shell_words
from lsccli.core.report.request import ReportRequest, Setups, every_setup
from lsccli.core.report.sql import fetch_rows
from lsccli.core.report.stats import Ints
from lsccli.core.report.wording import counted

_NAMED = """
    SELECT d.models FROM run r JOIN run_detail d ON d.run_id = r.id
    WHERE r.profile = ? AND d.models IS NOT NULL ORDER BY r.id DESC LIMIT 1
"""


@dataclass(frozen=True)
class Elsewhere:
    """A profile with complete images.

    Attributes:
        metric: the one that has most of them.
        models: what `--models` takes for it; None where its file is not known, or is gone.
    """

    profile: str
    images: int
    metric: str
    models: str | None

    def __str__(self) -> str:
        here = f"Complete here with those of {self.profile}: {counted(self.images, 'image')}"
        if self.models is None:
            return f"{here}; name the file of that profile with --models."
        words = shell_words("lsc", "--models", self.models, "report", "--metric", self.metric)
        return f"{here}: {words}"


def complete_elsewhere(
    session: Session, setups: Setups, request: ReportRequest, sent: read.Transmissions, ids: Ints
) -> Sequence[Elsewhere]:
    """The other profiles whose receivers have drawn whole images that some metric has scored."""
    metrics = every_setup(session, "metric")
    found: dict[str, dict[int, Ints]] = {}
    others = {n: one for n, one in every_setup(session, "receiver").items() if one.profile != request.profile}
    scores = read.scores(session, replace(setups, receivers=others, metrics=metrics), sent, ids)
    for part in parts_of(sent, scores, len(ids)):
        own = found.setdefault(others[part.receiver].profile, {})
        own[part.metric] = np.union1d(own.get(part.metric, np.zeros(0, np.int64)), np.flatnonzero(part.any))
    result = []
    for profile, by_metric in sorted(found.items()):
        best = max(sorted(by_metric), key=lambda metric: len(by_metric[metric]))
        name = str(metrics[best].settings.get("metric", "?"))
        result.append(Elsewhere(profile, len(by_metric[best]), name, _models(session, profile)))
    return result


def _models(session: Session, profile: str) -> str | None:
    if profile in PROFILES:
        return profile
    named = fetch_rows(session, _NAMED, [profile]).fetchone()
    return named[0] if named is not None and Path(named[0]).is_file() else None
