"""How Bob reads a packet.

raw: the characters as they were decoded, unprintable ones replaced by U+FFFD.

vocabulary: the word w of Bob's vocabulary, among those with as many bits as the packet's word, that is most
likely given all that arrived (maximum likelihood; every such word is as likely beforehand):

    ŵ = argmax_w Σ_i L_i c_i(w),   L_i = ln(P(r_i | c_i = 1) / P(r_i | c_i = 0)),

with c(w) the bits of the whole packet that would carry w: space, position as decoded, word, check bits,
through the channel code. Where no word of the vocabulary has that length the packet is read raw. The more
frequent word wins a tie. All these codes are linear: c = a ⊕ b(w), with a the packet of space and position
before a word of zeros and b that of the word behind zeros. So Σ_i L_i c_i(w) is Σ_i (1 − 2a_i) L_i b_i(w) up
to a constant, and b is made once for all packets.

language: the same with a prior, that is maximum a posteriori,

    ŵ = argmax_w Σ_i L_i c_i(w) + ln P(w | h_1 … h_m),   P(w | h_1 … h_m) = 1/m Σ_j P(w | h_j),
    P(w | h) = (N(w, h) + a P(w)) / (Σ_v N(v, h) + a),   a = 20,

with h_j the words before as Bob read them, those outside the vocabulary left out; N(w, h) counts how often w
and h stand in one caption of the training scenes, in either order, since words are not sent in the order of
the caption. The first word has the prior P(w), its share of all words. A vocabulary without such counts
(`english`, a file) has N = 0 throughout, hence P(w | h_1 … h_m) = P(w).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from lsccli.core.channel import crc
from lsccli.core.channel.codes import code_of
from lsccli.core.channel.modulation import Bits
from lsccli.core.channel.noise import Floats
from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.channel.source import find_source_code
from lsccli.core.channel.source.lm import LanguageModel
from lsccli.core.channel.vocabulary import Vocabulary, known_words
from lsccli.core.errors import LscError

Ints = NDArray[np.int64]
# Weight of a word's own share against its company's counts.
_SMOOTHING = 20.0


class Raw:
    """Characters as they were decoded."""

    soft = False

    def __init__(self, settings: ChannelSettings) -> None:
        self._settings = settings
        self._source = find_source_code(settings.source_code)

    def __call__(self, bits: Bits, before: int, ratios: Floats | None, said: Sequence[str]) -> str:
        """The word in a packet.

        Args:
            bits: as decoded by the channel code, without check bits.
            before: how many of them are space and position.
            ratios: (n,) of all coded bits as they arrived, where `soft`.
            said: the words before it, as Bob read them.
        """
        text = self._source.given(said).decode(bits[before:])
        if not self._settings.noisy:
            return text
        return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


class MostLikely(Raw):
    """The most likely word that Bob knows."""

    soft = True

    def __init__(self, settings: ChannelSettings) -> None:
        super().__init__(settings)
        self._known = known_words(settings)
        # Of the settings only these shape a packet: a sweep encodes the vocabulary once.
        self._shape = ChannelSettings(
            source_code=settings.source_code, code=settings.code, rate=settings.rate, crc=settings.crc
        )

    def __call__(self, bits: Bits, before: int, ratios: Floats | None, said: Sequence[str]) -> str:
        """The word in a packet; see `Raw`."""
        length = len(bits) - before
        places, coded = self._candidates(before, length, said)
        if not len(places) or ratios is None:
            return super().__call__(bits, before, ratios, said)
        likely = coded @ (_front(self._shape, bits[:before].tobytes(), length) * ratios)
        likely += self._prior(places, said)
        # Rounded, so that a tie is one, whatever the order of summation.
        return self._known.words[int(places[np.argmax(np.round(likely, 9))])]

    def _candidates(self, before: int, length: int, said: Sequence[str]) -> tuple[Ints, Floats]:
        """Places of the words with so many bits, and the coded bits of each behind `before` zeros."""
        model = self._source.given(said)
        if isinstance(model, LanguageModel):
            places, bits = model.of_length(self._known, length)
            if not len(places):  # not every channel code takes no packet at all
                return places, np.zeros((0, 0))
            return places, _packets(self._shape, np.pad(bits, ((0, 0), (before, 0))))
        found = _words(self._known, self._settings.source_code).get(length)
        if found is None:
            return np.zeros(0, np.int64), np.zeros((0, 0))
        return found[0], _behind(self._known, self._shape, before, length)

    def _prior(self, places: Ints, said: Sequence[str]) -> Floats:
        """(V,) ln P(w) of the words at these places, up to a constant."""
        return np.zeros(len(places))


class Language(MostLikely):
    """The most likely word that Bob knows, given those before it."""

    def _prior(self, places: Ints, said: Sequence[str]) -> Floats:
        known = self._known
        before = [known.places[word] for word in said if word in known.places]
        if known.company is None or not before:
            return np.asarray(np.log(known.share[places]))
        return np.asarray(np.log(_conditional(known)[before].mean(axis=0)[places]))


def reader(settings: ChannelSettings) -> Raw:
    """The decoder of these settings."""
    kinds: dict[str | None, type[Raw]] = {"vocabulary": MostLikely, "language": Language}
    return kinds.get(settings.decoder, Raw)(settings)


@cache
def _conditional(known: Vocabulary) -> Floats:
    """(V, V) row h: P(w | h), from how often w and h stand in one caption."""
    if known.company is None:
        raise ValueError("this vocabulary does not say which words keep company")
    smoothed = known.company + _SMOOTHING * known.share
    return np.asarray(smoothed / smoothed.sum(axis=1, keepdims=True))


@lru_cache(maxsize=16)
def _words(known: Vocabulary, source_code: str) -> dict[int, tuple[Ints, Bits]]:
    """By their number of bits: places of words in the vocabulary, and the (V, bits) bits of each."""
    coder = find_source_code(source_code)
    found: dict[int, tuple[list[int], list[Bits]]] = {}
    for place, word in enumerate(known.counts):
        try:
            bits = coder.encode(word)
        except LscError:  # a word that the source code cannot carry is never sent
            continue
        places, rows = found.setdefault(len(bits), ([], []))
        places.append(place)
        rows.append(bits)
    return {length: (np.array(places), np.stack(rows)) for length, (places, rows) in found.items()}


@lru_cache(maxsize=64)
def _behind(known: Vocabulary, shape: ChannelSettings, before: int, length: int) -> Floats:
    """(V, n) coded bits of the packets that would carry each word behind `before` zeros."""
    _, bits = _words(known, shape.source_code)[length]
    return _packets(shape, np.pad(bits, ((0, 0), (before, 0))))


@lru_cache(maxsize=4096)
def _front(shape: ChannelSettings, prefix: bytes, length: int) -> Floats:
    """(n,) 1 − 2a of the coded bits a of this prefix before a word of zeros."""
    bits = np.pad(np.frombuffer(prefix, np.uint8), (0, length))
    return np.asarray(1 - 2 * _packets(shape, bits[None])[0])


def _packets(shape: ChannelSettings, bits: Bits) -> Floats:
    return code_of(shape).encode(crc.attach(bits, shape.crc)).astype(np.float64)
