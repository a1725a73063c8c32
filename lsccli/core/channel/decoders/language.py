"""The most likely word that Bob knows, given the words before it.

As by the vocabulary, with a prior; that is maximum a posteriori,

    ŵ = argmax_w Σ_i L_i c_i(w) + ln P(w | h_1 … h_m),   P(w | h_1 … h_m) = 1/m Σ_j P(w | h_j),
    P(w | h) = (N(w, h) + a P(w)) / (Σ_v N(v, h) + a),   a = 20,

with h_j the words before as Bob read them, those outside the vocabulary left out; N(w, h) counts how often w
and h stand in one caption of the training scenes, in either order, since words are not sent in the order of
the caption. The first word has the prior P(w), its share of all words. A vocabulary without such counts
(`english`, a file) has N = 0 throughout, hence P(w | h_1 … h_m) = P(w).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from lsccli.core.channel.decoders.base import decoder
from lsccli.core.channel.decoders.vocabulary import MostLikely
from lsccli.core.channel.noise import Floats, Ints
from lsccli.core.channel.vocabulary import Vocabulary

# Weight of a word's own share against its company's counts.
_SMOOTHING = 20.0


@decoder("language", summary="the likeliest one given the words before as well", uses_vocabulary=True)
class Language(MostLikely):
    """The most likely word that Bob knows, given those before it."""

    def prior(self, places: Ints, said: Sequence[str]) -> Floats:
        """(V,) ln P(w | h_1 … h_m)."""
        known = self.frame.known
        before = [known.places[word] for word in said if word in known.places]
        if known.company is None or not before:
            return np.asarray(np.log(known.share[places]))
        return np.asarray(np.log(_conditional(known)[before].mean(axis=0)[places]))


@cache
def _conditional(known: Vocabulary) -> Floats:
    """(V, V) row h: P(w | h), from how often w and h stand in one caption."""
    if known.company is None:
        raise ValueError("this vocabulary does not say which words keep company")
    smoothed = known.company + _SMOOTHING * known.share
    return np.asarray(smoothed / smoothed.sum(axis=1, keepdims=True))
