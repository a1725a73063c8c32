"""How far a transmission stays from what Shannon allows; capacities are those of the channel models.

C. Shannon, "A mathematical theory of communication", Bell Syst. Tech. J. 27, 1948; "Coding theorems for a
discrete source with a fidelity criterion", IRE Nat. Conv. Rec., 1959. Words of which a share D comes out
wrong take R(D) bits each at least (`lsccli.core.channel.distortion`), given all that Bob knows without them:
the words there are and how often each is used, and with ideal framing a packet's length. No code delivers
them in fewer than S* = R(D) / C symbols a word, nor in S symbols a word at an Es/N0 below C⁻¹(R(D) / S). The
excess is by how many dB Es/N0 is above that.

In block fading each word meets one fade |h|², and no code can make up for a bad one, so that
D = E[D(S log2(1 + |h|² Es/N0))] instead, D(R) the inverse of R(D): of a word that needs R bits whole that is
the outage probability P(S log2(1 + |h|² Es/N0) < R) (L. Ozarow, S. Shamai and A. Wyner, IEEE Trans. Veh.
Technol. 43(2), 1994). With retransmissions, or where the words before help, a word depends on several
fades, and the ergodic capacity is the limit.

D is measured, so what counts is the upper end of its 95 % interval (E. Wilson, J. Am. Stat. Assoc. 22, 1927),
times the ratio of what guessing gets wrong of words at large to what it gets wrong of those that were sent
(W. Cochran, "Sampling techniques", ch. 6): a sample that is easy to guess is no merit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lsccli.core.channel.distortion import Distortion
from lsccli.core.channel.settings import ChannelSettings

_Z95 = 1.959964
# ln of what symbols and Es/N0 are looked for in.
_RANGE = 60.0


@dataclass(frozen=True)
class Limit:
    """What a perfect code would need for what a system delivered.

    Attributes:
        floor: the share of words that is read at capacity zero, by guessing.
        information: bits of a word, given all that Bob knows without it.
        needed: bits a word that had to come for as few errors as there were, R(D).
        perfect_symbols: symbols a word that a perfect code would take at this operating point; None where the
            capacity is not known, or is zero.
        excess_db: how far Es/N0 is above the least that would have done in as many symbols; None where
            there is no Es/N0, and where guessing does as well.
    """

    floor: float
    information: float
    needed: float
    perfect_symbols: float | None
    excess_db: float | None


def capacity(settings: ChannelSettings) -> float | None:
    """Bits per symbol at the operating point; None where nothing is ever lost."""
    return settings.model.capacity()


def limit(
    settings: ChannelSettings,
    known: Distortion,
    wrong: float,
    guessed: float,
    count: float,
    symbols: float,
    helped: float = 0.0,
) -> Limit:
    """What a perfect code would need.

    Args:
        known: R(D) of the words.
        wrong: the share of words that came out wrong.
        guessed: the share of them that guessing gets wrong.
        count: words that were sent.
        symbols: sent a word.
        helped: bits that Bob knows of a word besides, in the mean, from the words before.
    """
    most = upper(wrong, count) * (1 - known.floor) / guessed if guessed else 1.0
    # I(W; Y | words before) ≥ I(W; Y) − I(W; words before).
    needed = max(0.0, known.rate(min(1.0, most)) - helped)
    model = settings.model
    perfect = excess = None
    fades = model.block_gains() if settings.link.arq is None and not helped else None
    if not needed:
        perfect = 0.0
    elif fades is not None and settings.points_db is not None:
        gains, weights = fades

        def errors(uses: float, es_n0: float) -> float:
            with_fade = np.log1p(gains * es_n0) / math.log(2)
            return float(weights @ known.wrong(uses * with_fade))

        own = settings.es_n0
        perfect = _least(lambda uses: errors(uses, own) - most)
        least = _least(lambda es_n0: errors(symbols, es_n0) - most)
        excess = 10 * math.log10(own / least) if least else None
    else:
        at_most = model.capacity()
        perfect = needed / at_most if at_most else None
        found = model.least_es_n0(needed / symbols) if settings.points_db is not None else None
        excess = 10 * math.log10(settings.es_n0 / found) if found else None
    return Limit(known.floor, known.information, needed, perfect, excess)


def upper(share: float, count: float) -> float:
    """The upper end of Wilson's 95 % interval of a share among `count`."""
    square = _Z95**2 / count
    middle = share + square / 2
    return (middle + math.sqrt(square * share * (1 - share) + square**2 / 4)) / (1 + square)


def _least(lacking: Callable[[float], float]) -> float | None:
    """Where a falling function of ln x changes its sign; None where it does not."""
    from scipy.optimize import brentq

    if lacking(math.exp(_RANGE)) > 0 or lacking(math.exp(-_RANGE)) < 0:
        return None
    return math.exp(float(brentq(lambda log: lacking(math.exp(log)), -_RANGE, _RANGE, xtol=1e-9)))
