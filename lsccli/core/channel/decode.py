"""How Bob reads a packet.

raw: the characters as they were decoded, unprintable ones replaced by U+FFFD.

vocabulary: the word w of Bob's vocabulary, among those with as many bits as the packet's word, that is most
likely given all that arrived (maximum likelihood; every such word is as likely beforehand):

    ŵ = argmax_w Σ_i L_i c_i(w),   L_i = ln(P(r_i | c_i = 1) / P(r_i | c_i = 0)),

with c(w) the bits of the whole packet that would carry w: space, position as decoded, word, check bits,
through the channel code. Where no word of the vocabulary has that length the packet is read raw. The
vocabulary is fixed: the words of the storybook's two dialects, the more frequent first; it wins a tie.

language: the same with a prior, that is maximum a posteriori,

    ŵ = argmax_w Σ_i L_i c_i(w) + ln P(w | h_1 … h_m),   P(w | h_1 … h_m) = 1/m Σ_j P(w | h_j),
    P(w | h) = (N(w, h) + a P(w)) / (Σ_v N(v, h) + a),   a = 20,

with h_j the words before as Bob read them, those outside the vocabulary left out; N(w, h) counts how often w
and h stand in one caption of the training scenes, in either order, since words are not sent in the order of
the caption. The first word has the prior P(w), its share of all words.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import numpy as np

from lsccli.core.channel import crc
from lsccli.core.channel.codes import code_of
from lsccli.core.channel.modulation import Bits
from lsccli.core.channel.noise import Floats
from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.channel.source import find_source_code
from lsccli.core.errors import LscError

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
        text = self._source.decode(bits[before:])
        if not self._settings.noisy:
            return text
        return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


class Vocabulary(Raw):
    """The most likely word that Bob knows."""

    soft = True

    def __call__(self, bits: Bits, before: int, ratios: Floats | None, said: Sequence[str]) -> str:
        """The word in a packet; see `Raw`."""
        words = _words(self._settings.source_code).get(len(bits) - before)
        if words is None or ratios is None:
            return super().__call__(bits, before, ratios, said)
        candidates = _candidates(self._settings, bits[:before].tobytes(), len(bits) - before)
        likely = candidates @ ratios + self._prior(words[0], said)
        # Rounded, so that a tie is one, whatever the order of summation.
        return words[0][int(np.argmax(np.round(likely, 9)))]

    def _prior(self, words: Sequence[str], said: Sequence[str]) -> Floats:
        """(V,) ln P(w), up to a constant."""
        return np.zeros(len(words))


class Language(Vocabulary):
    """The most likely word that Bob knows, given those before it."""

    def _prior(self, words: Sequence[str], said: Sequence[str]) -> Floats:
        places = _places()
        chosen = np.array([places[word] for word in words])
        before = [places[word] for word in said if word in places]
        table = _conditional()
        share = table[before].mean(axis=0) if before else _frequency()
        return np.asarray(np.log(share[chosen]))


def reader(settings: ChannelSettings) -> Raw:
    """The decoder of these settings."""
    kinds: dict[str | None, type[Raw]] = {"vocabulary": Vocabulary, "language": Language}
    return kinds.get(settings.decoder, Raw)(settings)


@cache
def vocabulary() -> dict[str, int]:
    """Bob's words and how often each is used, the most frequent first."""
    lines = (line.split() for line in _file("vocabulary.txt").read_text(encoding="utf-8").splitlines())
    return {word: int(count) for word, count in lines}


@cache
def _places() -> dict[str, int]:
    """Each word's row in the tables."""
    return {word: place for place, word in enumerate(vocabulary())}


@cache
def _frequency() -> Floats:
    """(V,) P(w)."""
    counts = np.array(list(vocabulary().values()), np.float64)
    return np.asarray(counts / counts.sum())


@cache
def _conditional() -> Floats:
    """(V, V) row h: P(w | h), from how often w and h stand in one caption."""
    with _file("pairs.npy").open("rb") as stream:
        pairs = np.load(stream).astype(np.float64)
    smoothed = pairs + _SMOOTHING * _frequency()
    return np.asarray(smoothed / smoothed.sum(axis=1, keepdims=True))


def _file(name: str) -> Traversable:
    return resources.files("lsccli").joinpath("core", "channel", "data", name)


@cache
def _words(source_code: str) -> dict[int, tuple[list[str], Bits]]:
    """By their number of bits: the words of the vocabulary, and the (V, bits) bits of each."""
    coder = find_source_code(source_code)
    found: dict[int, tuple[list[str], list[Bits]]] = {}
    for word in vocabulary():
        try:
            bits = coder.encode(word)
        except LscError:  # a word that the source code cannot carry is never sent
            continue
        words, rows = found.setdefault(len(bits), ([], []))
        words.append(word)
        rows.append(bits)
    return {length: (words, np.stack(rows)) for length, (words, rows) in found.items()}


@cache
def _candidates(settings: ChannelSettings, prefix: bytes, length: int) -> Floats:
    """(V, n) coded bits of the packets that would carry each word behind this prefix."""
    _, bits = _words(settings.source_code)[length]
    front = np.tile(np.frombuffer(prefix, np.uint8), (len(bits), 1))
    info = crc.attach(np.concatenate([front, bits], axis=1), settings.crc)
    return code_of(settings).encode(info).astype(np.float64)
