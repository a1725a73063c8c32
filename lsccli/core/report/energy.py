"""Symbols that a noisy channel took, and that a perfect code would: see `lsccli.core.channel.shannon`."""

from __future__ import annotations

from dataclasses import dataclass

from lsccli.core.channel.shannon import limit
from lsccli.core.errors import LscError
from lsccli.core.report.curves import Curve
from lsccli.core.report.sent_words import expected, helped
from lsccli.core.scc.coder import settings_of


@dataclass(frozen=True)
class Spent:
    """Symbols against their limit, in the mean over images.

    Attributes:
        symbols: sent, in all rounds.
        source_bits, delivered: in all, and of the words that were read as they were sent.
        floor: the share of words that is read at capacity zero, by guessing.
        perfect_symbols: that a perfect code would take for as many words; None where that is not known.
        excess_db: Es/N0 above the least there is for them, in dB; None where there is no Es/N0, where
            guessing does as well, and where it is not known.
    """

    symbols: float
    source_bits: float
    delivered: float
    floor: float | None
    perfect_symbols: float | None
    excess_db: float | None


def spent_of(curve: Curve) -> Spent | None:
    """What a curve's channel took; None where it has no noise, or is not known to this version."""
    try:
        channel = settings_of(dict(curve.settings["channel"]))
    except LscError:
        return None
    if not channel.noisy:
        return None
    symbols, source, delivered, words, right = (
        float(values.mean())
        for values in (curve.symbols, curve.source_bits, curve.delivered, curve.words, curve.right)
    )
    found = Spent(symbols, source, delivered, None, None, None)
    if not words or not curve.sent.counts:
        return found
    try:
        known, guessed = expected(channel, curve.sent)
        count = float((curve.words * curve.replicates).sum())
        own = limit(
            channel, known, 1 - right / words, guessed, count, symbols / words, helped(channel, curve.sent)
        )
    except LscError:  # Bob's vocabulary was a file that is not named now
        return found
    perfect = None if own.perfect_symbols is None else own.perfect_symbols * words
    return Spent(symbols, source, delivered, own.floor, perfect, own.excess_db)


def is_guesser(curve: Curve) -> bool:
    """Whether a curve's Bob knows words and is told the length of each for nothing."""
    try:
        channel = settings_of(dict(curve.settings["channel"]))
    except LscError:
        return False
    return channel.noisy and channel.framing is None and channel.decoder not in (None, "raw")


def spent_texts(spent: Spent | None, none: str = "–", math: str = "") -> list[str]:
    """Symbols, those of a perfect code, and the excess in dB, as three cells; see `wording.estimate_text`."""
    if spent is None:
        return [none] * 3
    cells = ((spent.symbols, 0), (spent.perfect_symbols, 0), (spent.excess_db, 1))
    return [none if value is None else f"{math}{value:.{places}f}{math}" for value, places in cells]
