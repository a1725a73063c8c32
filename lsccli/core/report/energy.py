"""Symbols that a noisy channel took, against Shannon's limit; formulae in `lsccli.core.channel.shannon`."""

from __future__ import annotations

from dataclasses import dataclass

from lsccli.core.channel.shannon import gap_db, least_symbols
from lsccli.core.errors import LscError
from lsccli.core.report.curves import Curve
from lsccli.core.scc.coder import settings_of


@dataclass(frozen=True)
class Spent:
    """Symbols against Shannon's limit, in the mean over images.

    Attributes:
        symbols: sent, in all rounds.
        source_bits, delivered: in all, and of the words that were read as they were sent.
        least_symbols: that the source bits take at capacity; None where nothing gets through.
        gap_db: Eb/N0 spent per delivered source bit over the least at this efficiency; None where there is no
            Es/N0, and where nothing was delivered.
    """

    symbols: float
    source_bits: float
    delivered: float
    least_symbols: float | None
    gap_db: float | None


def spent_of(curve: Curve) -> Spent | None:
    """What a curve's channel took; None where it has no noise, or is not known to this version."""
    try:
        channel = settings_of(dict(curve.settings["channel"]))
    except LscError:
        return None
    if not channel.noisy:
        return None
    symbols, source, delivered = (
        float(values.mean()) for values in (curve.symbols, curve.source_bits, curve.delivered)
    )
    return Spent(
        symbols=symbols,
        source_bits=source,
        delivered=delivered,
        least_symbols=least_symbols(channel, source),
        gap_db=gap_db(channel, delivered, symbols),
    )


def spent_texts(spent: Spent | None, none: str = "–", math: str = "") -> list[str]:
    """Symbols, the least that would do, and the gap in dB, as three cells; see `wording.estimate_text`."""
    if spent is None:
        return [none] * 3
    cells = ((spent.symbols, 0), (spent.least_symbols, 0), (spent.gap_db, 1))
    return [none if value is None else f"{math}{value:.{places}f}{math}" for value, places in cells]
