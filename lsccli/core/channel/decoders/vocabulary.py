"""The most likely word that Bob knows.

It is the word w of his vocabulary, among those with as many bits as the packet's word, that is most likely
given all that arrived (maximum likelihood; every such word is as likely beforehand):

    ŵ = argmax_w Σ_i L_i c_i(w),   L_i = ln(P(r_i | c_i = 1) / P(r_i | c_i = 0)),

with c(w) the bits of the whole packet that would carry w: space, position as decoded, word, check bits,
through the channel code. Where no word of the vocabulary has that length the packet is read raw. The more
frequent word wins a tie. All these codes are linear: c = a ⊕ b(w), with a the packet of space and position
before a word of zeros and b that of the word behind zeros. So Σ_i L_i c_i(w) is Σ_i (1 − 2a_i) L_i b_i(w) up
to a constant, and b is made once for all packets.

With --framing fixed every word is a candidate, with its padding, and so is the end of the message.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from lsccli.core.channel.decoders.base import Frame, decoder
from lsccli.core.channel.decoders.raw import Raw
from lsccli.core.channel.noise import Bits, Floats, Ints
from lsccli.core.channel.source.base import SourceCode
from lsccli.core.errors import LscError

# Stands for the end of the message among places in the vocabulary.
END = -1


@decoder("vocabulary", summary="the likeliest word of his vocabulary", uses_vocabulary=True)
class MostLikely(Raw):
    """The most likely word that Bob knows."""

    soft = True

    def __call__(self, bits: Bits, before: int, ratios: Floats | None, said: Sequence[str]) -> str | None:
        """The word in a packet; see `Decoder`."""
        length = len(bits) - before
        places, coded = _candidates(self.frame, self.frame.source.given(said), before, length)
        if not len(places) or ratios is None:
            return super().__call__(bits, before, ratios, said)
        likely = coded @ (_front(self.frame, bits[:before].tobytes(), length) * ratios)
        likely += self.prior(places, said) if places[-1] != END else self._prior_or_end(places[:-1], said)
        # Rounded, so that a tie is one, whatever the order of summation.
        place = int(places[np.argmax(np.round(likely, 9))])
        return None if place == END else self.frame.known.words[place]

    def prior(self, places: Ints, said: Sequence[str]) -> Floats:
        """(V,) ln P(w) of the words at these places after those that were said, up to a constant."""
        return np.zeros(len(places))

    def _prior_or_end(self, places: Ints, said: Sequence[str]) -> Floats:
        """(V + 1,) the same, and last that of the end of the message, as likely as words in the mean."""
        own = self.prior(places, said)
        return np.append(own, own.mean())


@lru_cache(maxsize=64)
def _candidates(frame: Frame, source: SourceCode, before: int, length: int) -> tuple[Ints, Floats]:
    """Places of the words with so many bits, and the (V, n) coded bits of each behind `before` zeros."""
    if frame.frames.room:
        places, bits = _padded(frame, source, length)
    else:
        places, bits = source.of_length(frame.known, length)
    if not len(places):  # not every channel code takes no packet at all
        return places, np.zeros((0, 0))
    return places, frame.coded(np.pad(bits, ((0, 0), (before, 0))))


def _padded(frame: Frame, source: SourceCode, length: int) -> tuple[Ints, Bits]:
    """Places and (V + 1, length) padded bits of all words, and last the end of the message."""
    places, rows = [], []
    for place, word in enumerate(frame.known.words):
        try:
            bits = source.encode(word)
        except LscError:  # a word that the source code cannot carry is never sent
            continue
        bits = frame.frames.fitting(bits)
        places.append(place)
        rows.append(np.pad(np.append(bits, 1), (0, length - len(bits) - 1)))
    end = np.zeros(length, np.uint8)
    end[0] = 1
    return np.array([*places, END]), np.stack([*rows, end]).astype(np.uint8)


@lru_cache(maxsize=4096)
def _front(frame: Frame, prefix: bytes, length: int) -> Floats:
    """(n,) 1 − 2a of the coded bits a of this prefix before a word of zeros."""
    bits = np.pad(np.frombuffer(prefix, np.uint8), (0, length))
    return np.asarray(1 - 2 * frame.coded(bits[None])[0])
