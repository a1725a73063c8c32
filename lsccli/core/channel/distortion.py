"""How many bits words must take at least, where a share D of them may come out wrong: their rate-distortion.

Of a word W that Bob expects with probabilities p_1 ≥ p_2 ≥ …, where a wrong word is as bad as any other
(V. Erokhin, "ε-entropy of a discrete random variable", Theory Probab. Appl. 3(1), 1958):

    R(D) = Σ_{i ≤ K} −p_i log2 p_i + (1 − D) log2(1 − D) + (K − 1) λ log2 λ,
    D = Σ_{i > K} p_i + (K − 1) λ,

with K the number of words whose p exceeds λ. R(0) is the entropy, and R(1 − p_1) = 0: Bob guesses. What he
knows before, a packet's length or the words that came, makes of p one distribution for each case; then R and
D are means over cases, at one slope of all, which is at one ρ = λ / (1 − D) (T. Berger, "Rate distortion
theory", 1971, section 6.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from lsccli.core.channel.noise import Floats
from lsccli.core.channel.source.base import SourceCode
from lsccli.core.channel.vocabulary import Vocabulary
from lsccli.core.errors import LscError

# ρ from nearly the entropy to guessing.
_SLOPES = np.concatenate([[0.0], np.geomspace(1e-9, 1.0, 300)])


@dataclass(frozen=True, eq=False)
class Distortion:
    """R(D) of words.

    Attributes:
        cases: the probability of each case, and those of the words in it, in descending order.
    """

    cases: Sequence[tuple[float, Floats]]

    @property
    def floor(self) -> float:
        """The share of words that could be read by guessing, without any bit of them: Σ P(case) p_1."""
        return float(sum(weight * shares[0] for weight, shares in self.cases))

    @property
    def information(self) -> float:
        """H(W) in bits, given the case."""
        return float(self._table[1][0])

    def rate(self, wrong: float) -> float:
        """R(D) in bits a word."""
        errors, rates = self._table
        return float(np.interp(wrong, errors, rates, right=0.0))

    def wrong(self, rates: Floats) -> Floats:
        """The least D at these bits a word."""
        errors, known = self._table
        return np.asarray(np.interp(rates, known[::-1], errors[::-1]))

    @cached_property
    def _table(self) -> tuple[Floats, Floats]:
        found = np.zeros((2, len(_SLOPES)))
        for weight, shares in self.cases:
            found += weight * _points(shares)
        return found[0], found[1]


def _points(p: Floats) -> Floats:
    """(2, S) D and R of one case at each ρ."""
    count = np.arange(1, len(p) + 1)
    mass, own = np.cumsum(p), np.cumsum(-p * np.log2(p))
    found = np.zeros((2, len(_SLOPES)))
    for at, rho in enumerate(_SLOPES):
        if rho == 1:
            found[:, at] = 1 - p[0], 0.0
            continue
        above = p > rho * mass / (1 + (count - 1) * rho)
        k = int(np.flatnonzero(above)[-1])
        right = mass[k] / (1 + k * rho)
        level = rho * right
        spread = k * level * np.log2(level) if k and level else 0.0
        found[:, at] = 1 - right, max(0.0, own[k] + right * np.log2(right) + spread)
    return found


@lru_cache(maxsize=64)
def of_vocabulary(known: Vocabulary, source: SourceCode, told: bool) -> Distortion:
    """R(D) of words drawn by their frequency; `told`: Bob knows the number of bits of each."""
    groups: dict[int, list[float]] = {}
    for word, share in zip(known.words, known.share, strict=True):
        groups.setdefault(bits_of(source, word) if told else 0, []).append(float(share))
    return of_groups(groups.values())


def modes(known: Vocabulary, source: SourceCode, told: bool) -> set[str]:
    """The words that Bob guesses, one of each length that he is told."""
    found: dict[int, str] = {}
    for word in known.words:
        found.setdefault(bits_of(source, word) if told else 0, word)
    return set(found.values())


def of_groups(groups: Iterable[Sequence[float]]) -> Distortion:
    """R(D) of words whose probabilities are given case by case; they sum up to 1 in all."""
    cases = []
    for group in groups:
        shares = np.sort(np.asarray(group, np.float64))[::-1]
        cases.append((float(shares.sum()), shares / shares.sum()))
    return Distortion(cases)


def bits_of(source: SourceCode, word: str) -> int:
    """Bits of a word before any other; −1 where it cannot be sent."""
    try:
        return len(source.encode(word))
    except LscError:  # never sent
        return -1
