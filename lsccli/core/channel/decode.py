"""How Bob reads a packet.

raw: the characters as they were decoded, unprintable ones replaced by U+FFFD.

vocabulary: the word w of Bob's vocabulary, among those with as many bits as the packet's word, that is most
likely given all that arrived (maximum likelihood; every such word is as likely beforehand):

    ŵ = argmax_w Σ_i L_i c_i(w),   L_i = ln(P(r_i | c_i = 1) / P(r_i | c_i = 0)),

with c(w) the bits of the whole packet that would carry w: space, position as decoded, word, check bits,
through the channel code. Where no word of the vocabulary has that length the packet is read raw. The
vocabulary is fixed: the words of the storybook's two dialects, the more frequent first; it wins a tie.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources

import numpy as np

from lsccli.core.channel import crc
from lsccli.core.channel.codes import code_of
from lsccli.core.channel.modulation import Bits
from lsccli.core.channel.noise import Floats
from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.channel.source import find_source_code
from lsccli.core.errors import LscError


class Raw:
    """Characters as they were decoded."""

    soft = False

    def __init__(self, settings: ChannelSettings) -> None:
        self._settings = settings
        self._source = find_source_code(settings.source_code)

    def __call__(self, packets: Sequence[Bits], before: int, ratios: Floats) -> list[str]:
        """The words in packets of decoded bits, the first `before` of which are space and position."""
        return [self._text(bits[before:]) for bits in packets]

    def _text(self, bits: Bits) -> str:
        text = self._source.decode(bits)
        if not self._settings.noisy:
            return text
        return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


class Vocabulary(Raw):
    """The most likely word that Bob knows."""

    soft = True

    def __call__(self, packets: Sequence[Bits], before: int, ratios: Floats) -> list[str]:
        """The words in packets; `ratios` are (B, n) of all coded bits as they arrived."""
        if not packets:
            return []
        words = _words(self._settings.source_code).get(len(packets[0]) - before)
        if words is None:
            return super().__call__(packets, before, ratios)
        found = []
        for bits, ratio in zip(packets, ratios, strict=True):
            candidates = _candidates(self._settings, bits[:before].tobytes(), len(bits) - before)
            # Rounded, so that a tie is one, whatever the order of summation.
            found.append(words[0][int(np.argmax(np.round(candidates @ ratio, 9)))])
        return found


def reader(settings: ChannelSettings) -> Raw:
    """The decoder of these settings."""
    return Vocabulary(settings) if settings.decoder == "vocabulary" else Raw(settings)


@cache
def vocabulary() -> dict[str, int]:
    """Bob's words and how often each is used, the most frequent first."""
    file = resources.files("lsccli").joinpath("core", "channel", "data", "vocabulary.txt")
    lines = (line.split() for line in file.read_text(encoding="utf-8").splitlines())
    return {word: int(count) for word, count in lines}


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
