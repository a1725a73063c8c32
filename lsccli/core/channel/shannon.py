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
Technol. 43(2), 1994). With retransmissions a word depends on several fades, and the ergodic capacity is the
limit.

D is measured, so what counts is an upper bound of it: the D above the share d of n words that came out wrong
at which n (d ln(d / D) + (1 − d) ln((1 − d) / (1 − D))) = ln 10⁶ (W. Hoeffding, J. Am. Stat. Assoc. 58, 1963,
theorem 1). The true D is above that with a probability of 10⁻⁶ at most, whatever each word's own may be. So
often at most a limit is wrong, of symbols and Es/N0 that a system takes in expectation.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lsccli.core.channel.distortion import Distortion
from lsccli.core.channel.settings import ChannelSettings

# The probability with which a system may appear to be better than its limit, at most.
BEATEN = 1e-6
# ln of what symbols and Es/N0 are looked for in.
_RANGE = 60.0


@dataclass(frozen=True)
class Limit:
    """What a perfect code would need for what a system delivered; see `BEATEN`.

    Attributes:
        floor: the share of words that could be read at capacity zero, by guessing.
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


def limit(settings: ChannelSettings, known: Distortion, wrong: float, count: float, symbols: float) -> Limit:
    """What a perfect code would need.

    Args:
        known: R(D) of the words.
        wrong: the share of words that came out wrong.
        count: words that were sent, each over noise of its own.
        symbols: sent a word.
    """
    most = upper(wrong, count)
    needed = known.rate(most)
    model = settings.model
    perfect = excess = None
    fades = model.block_gains() if settings.link.arq is None else None
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
    """The D above a share among `count` that the true one exceeds with probability `BEATEN` at most."""
    from scipy.optimize import brentq
    from scipy.special import rel_entr

    if share >= 1:
        return 1.0
    if share <= 0:
        return -math.expm1(math.log(BEATEN) / count)

    def unlikely(most: float) -> float:
        return count * float(rel_entr(share, most) + rel_entr(1 - share, 1 - most)) + math.log(BEATEN)

    nearly = 1 - 1e-15
    return float(brentq(unlikely, share, nearly, xtol=1e-15)) if unlikely(nearly) > 0 else 1.0


def _least(lacking: Callable[[float], float]) -> float | None:
    """Where a falling function of ln x changes its sign; None where it does not."""
    from scipy.optimize import brentq

    if lacking(math.exp(_RANGE)) > 0 or lacking(math.exp(-_RANGE)) < 0:
        return None
    return math.exp(float(brentq(lambda log: lacking(math.exp(log)), -_RANGE, _RANGE, xtol=1e-9)))
