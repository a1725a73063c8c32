"""Symbols that a noisy channel took, and that a perfect code would: see `lsccli.core.channel.shannon`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.channel.shannon import Limit, limit
from lsccli.core.report.curves import Curve
from lsccli.core.report.sent_words import SentWords, as_sent, guessed_right, word_by_word
from lsccli.core.report.vocabularies import at_hand

_CONTEXT = (
    "No limit is told where Bob reads words by those before (--decoder language, --source-code lm): how much "
    "captions as they were sent say of their next word is not known."
)


@dataclass(frozen=True)
class Spent:
    """Symbols against their limit, in the mean over images.

    Attributes:
        symbols: sent, in all rounds.
        source_bits, delivered: in all, and of the words that were read as they were sent.
        floor: the share of words that Bob could read by guessing alone: the most frequent of his words, with
            ideal framing of that length; None where `no_floor` says why, or code words have no length of
            their own.
        perfect_symbols: that a perfect code would take for as many words; None where that is not known.
        excess_db: Es/N0 above the least there is for them, in dB; None where there is no Es/N0, where
            guessing does as well, and where it is not known.
        no_limit, no_floor: why there is none.
    """

    symbols: float
    source_bits: float
    delivered: float
    floor: float | None = None
    perfect_symbols: float | None = None
    excess_db: float | None = None
    no_limit: str | None = None
    no_floor: str | None = None


def spent_of(curve: Curve, files: Sequence[str] = ()) -> Spent | None:
    """What a curve's channel took; None where it has no noise, or is not known to this version.

    Args:
        files: where Bob's words may be, if they are a file.
    """
    channel = curve.link
    if channel is None or not channel.noisy:
        return None
    symbols, source, delivered = (
        float(values.mean()) for values in (curve.symbols, curve.source_bits, curve.delivered)
    )
    sent = curve.sent
    if not sent.counts:
        return Spent(symbols, source, delivered)
    floor = no_floor = perfect = excess = None
    if not channel.source_coder.contextual:
        known = at_hand(channel.link.vocabulary, files)
        if isinstance(known, str):
            no_floor = known
        else:
            floor = guessed_right(channel, known, sent)
    own = limit_of(channel, sent)
    if own is not None:
        each = sent.symbols / sent.total
        perfect = None if own.perfect_symbols is None else own.perfect_symbols / each * symbols
        excess = own.excess_db
    no_limit = _CONTEXT if own is None else None
    return Spent(symbols, source, delivered, floor, perfect, excess, no_limit, no_floor)


def limit_of(channel: ChannelSettings, sent: SentWords) -> Limit | None:
    """What a perfect code would need for a word, in the mean; None where words before help, or may."""
    if not word_by_word(channel):
        return None
    wrong = 1 - sent.right / sent.total
    count = sent.independent(channel)
    return limit(channel, as_sent(channel, sent), wrong, count, sent.symbols / sent.total)


def is_guesser(curve: Curve) -> bool:
    """Whether a curve's Bob knows words and is told the length of each for nothing."""
    link = curve.link
    return link is not None and link.noisy and link.framing is None and link.decoder not in (None, "raw")


def spent_texts(spent: Spent | None, none: str = "–", math: str = "") -> list[str]:
    """Symbols, those of a perfect code, and the excess in dB, as three cells; see `wording.estimate_text`."""
    if spent is None:
        return [none] * 3
    cells = ((spent.symbols, 0), (spent.perfect_symbols, 0), (spent.excess_db, 1))
    return [none if value is None else f"{math}{value:.{places}f}{math}" for value, places in cells]
