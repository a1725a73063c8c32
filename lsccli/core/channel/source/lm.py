"""Words by arithmetic coding, driven by a small language model that Alice and Bob share.

J. Rissanen and G. Langdon, "Arithmetic coding", IBM J. Res. Dev. 23(2), 1979. The model gives the
probability of the next character of a word, or of its end, from the characters before it in the word and
the words before it as Bob read them, in sending order. Alice is assumed to know these: an ideal feedback,
at no cost.

With m words h_j of the vocabulary before it, h_m the one just before, a word w has the weight

    W(w) = a F(w | h_m) + b/m Σ_j C(w | h_j) + c U(w),

F: how often w follows h_m in a caption (without a word before: begins one), C: how often both stand in one
caption, U: how often w is used, each as shares. Where there is no such h, U stands in. A prefix has the
weight of all words that begin with it, and the next character c after prefix s the probability W(sc)/W(s),
in 65536ths and at least one of them, less 1/64 for an escape. After an escape characters come one by one,
each given the one before it by counts over the vocabulary and half a count for each of ALPHABET; others by
a second escape and their code point in 21 bits.

All tables and sums are whole numbers, so that both ends have the same on any machine. A word narrows [0, 1)
to the interval of its probability; its packet is the shortest string of bits such that whatever followed
would still lie in it: ⌈−log2 p⌉ or ⌈−log2 p⌉ + 1 bits. Given the words before, no packet begins another
one, so that the length of a packet, which is free, says nothing that its bits do not say. The end of the
word is among them, and no space is sent.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from lsccli.core.channel.arithmetic import SCALE, Interval
from lsccli.core.channel.noise import Bits, Floats, Ints
from lsccli.core.channel.source.base import SourceCode, no_such_character, source_code
from lsccli.core.channel.vocabulary import Vocabulary, shipped
from lsccli.core.errors import LscError

END, _ESCAPE = "", "\x00"
# What an escaped word is made of: its end (which also stands for its beginning), the second escape, ASCII.
ALPHABET = (END, _ESCAPE, *map(chr, range(32, 127)))
# a, b, c in 64ths, as `training/lm.py` learnt them.
WEIGHTS = (31, 32, 1)
_TOTAL = 1 << SCALE
_LEAVE = _TOTAL // 64
_POINT_BITS = 21


@dataclass
class _Node:
    """A prefix of words, [first, last) of them in sorted order, or the end of one."""

    first: int
    last: int
    parent: int
    # Place among the parent's children.
    place: int
    children: dict[str, int] = field(default_factory=dict)


@source_code("lm", summary="arithmetic code words by a language model, given the words before")
class LanguageModel(SourceCode):
    """The code before any word; `given` makes it that after some."""

    contextual = True

    def __init__(self, said: Sequence[str] = ()) -> None:
        self._letters = _letters()
        self._trie = _trie()
        parts = components(said)
        weights = sum(share * part for share, part in zip(WEIGHTS, parts, strict=True))
        self._sums: list[int] = [0, *np.cumsum(np.asarray(weights)[_sorted()]).tolist()]
        self._reached: dict[int, Interval] = {0: Interval()}

    def given(self, said: Sequence[str]) -> LanguageModel:
        """The code for the word after these, as Bob read them."""
        return _after(tuple(said))

    def encode(self, text: str) -> Bits:
        """The word's packet; LscError for half a surrogate pair."""
        value, count = self.interval(text).digits()
        return np.array([int(bit) for bit in f"{value:0{count}b}"], np.uint8)

    def decode(self, bits: Bits) -> str:
        """The word of a packet; U+FFFD ends what cannot be one, because no such packet is that long."""
        text, node, letter = "", 0, END
        number, size = int("".join(map(str, bits.tolist())) or "0", 2), 1 << len(bits)
        depth, escaped = 0, False
        # Each character outside the trie takes bits, and the trie has an end: so has the loop.
        while size >= 1 << depth:
            place = (number << SCALE) // size
            if escaped:
                row = self._letters[letter]
                index = bisect_right(row, place) - 1
                letter, low, high = ALPHABET[index], row[index], row[index + 1]
            else:
                letter, low, high = self._child(node, place)
            number, size, depth = (number << SCALE) - low * size, size * (high - low), depth + SCALE
            if letter == END:
                return text
            if not escaped and letter == _ESCAPE:
                escaped, letter = True, text[-1:]
                letter = letter if letter in self._letters else END
                continue
            if escaped and letter == _ESCAPE:
                number, depth = number << _POINT_BITS, depth + _POINT_BITS
                point = number // size
                number -= point * size
                text += "\ufffd" if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF else chr(point)
                continue
            text += letter
            if not escaped:
                node = self._trie[node].children[letter]
        return text + "\ufffd"

    def information(self, text: str) -> float:
        """−log2 p of a word, in bits."""
        return self.interval(text).nats / math.log(2)

    def interval(self, text: str) -> Interval:
        """What the word narrows [0, 1) to."""
        node, tail = _split(text)
        reached = self._reach(node)
        if tail is None:
            return reached
        _, _, high = self._bounds(node, None)
        return reached.part(high, _TOTAL - high).part(tail.low, tail.size, tail.depth)

    def of_length(self, known: Vocabulary, length: int) -> tuple[Ints, Bits]:
        """Places of the words whose packets have so many bits, and the (V, length) bits of each."""
        nodes, inverse, tails = _ends(known)
        reached = np.array([self._reach(node).nats for node in nodes]) / math.log(2)
        # A packet is up to two bits longer than −log2 p; to be exact is worth its while only near there.
        about = length - (reached[inverse] + tails)
        places, digits = [], []
        for place in np.flatnonzero((about > -1e-6) & (about < 2 + 1e-6)):
            value, count = self.interval(known.words[int(place)]).digits()
            if count == length:
                places.append(int(place))
                digits.append(f"{value:0{length}b}")
        bits = np.frombuffer("".join(digits).encode(), np.uint8) - ord("0")
        return np.array(places, np.int64), bits.reshape(len(places), length)

    def longest(self, known: Vocabulary) -> int:
        """A bound: ⌈−log2 p⌉ + 1 where no word before speaks for the known word that is least used.

        Then its weight is c U(w), of at most 1 in all, and each step leaves at least the part that is free.
        """
        nodes, inverse, tails = _ends(known)
        use = _tables()[2]
        sums = np.concatenate([[0], np.cumsum(use[_sorted()])])
        most = sum(WEIGHTS) * ((1 << 24) + len(use))
        bits = []
        for node in nodes:
            own = self._trie[node]
            at, left = node, math.log2(most) - math.log2(WEIGHTS[2] * int(sums[own.last] - sums[own.first]))
            while at:
                at = self._trie[at].parent
                left += SCALE - math.log2(_TOTAL - _LEAVE - len(self._trie[at].children) - 1)
            bits.append(left)
        found = np.array(bits)[inverse] + tails
        # Beyond that is half a surrogate pair, which is never sent.
        return math.ceil(float(found[tails < _TOTAL].max())) + 1

    def _reach(self, node: int) -> Interval:
        if node not in self._reached:
            own = self._trie[node]
            low, high, _ = self._bounds(own.parent, node)
            self._reached[node] = self._reach(own.parent).part(low, high - low)
        return self._reached[node]

    def _bounds(self, parent: int, child: int | None) -> tuple[int, int, int]:
        """Where a child begins and ends in its parent's 65536ths, and where the parent's escape begins."""
        above = self._trie[parent]
        kin = len(above.children)
        before, mass = self._sums[above.first], self._sums[above.last] - self._sums[above.first]
        free = _TOTAL - _LEAVE - kin - 1
        if child is None:
            return 0, 0, kin + free
        own = self._trie[child]
        low = own.place + (self._sums[own.first] - before) * free // mass
        high = own.place + 1 + (self._sums[own.last] - before) * free // mass
        return low, high, kin + free

    def _child(self, node: int, place: int) -> tuple[str, int, int]:
        """The character at a place of a node's 65536ths, and its bounds."""
        for letter, child in self._trie[node].children.items():
            low, high, _ = self._bounds(node, child)
            if place < high:
                return letter, low, high
        return _ESCAPE, self._bounds(node, None)[2], _TOTAL


def components(said: Sequence[str]) -> tuple[Ints, Ints, Ints]:
    """F, C and U of each word of the vocabulary after these, in units that they share."""
    follows, company, use = _tables()
    places = shipped("storybook").places
    known = [places[word] for word in said if word in places]
    times = max(1, len(known))
    first = use if said and said[-1] not in places else follows[places[said[-1]] if said else -1]
    return first * times, company[known].sum(axis=0) if known else use, use * times


@lru_cache(maxsize=4096)
def _after(said: tuple[str, ...]) -> LanguageModel:
    return LanguageModel(said)


@cache
def _tables() -> tuple[Ints, Ints, Ints]:
    """Rows of shares in 2^24ths; U is at least 1, F and C fall back on U where a row is empty."""
    known = shipped("storybook")
    use = _shares(np.array([list(known.counts.values())], np.int64))[0] + 1
    if known.company is None:
        raise ValueError("the storybook's vocabulary lacks its company")
    tables = [_shares(counts.astype(np.int64)) for counts in (_file()["followers"], known.company)]
    for table in tables:
        table[table.sum(axis=1) == 0] = use
    return tables[0], tables[1], use


def _shares(counts: Ints) -> Ints:
    return np.asarray((counts << 24) // np.maximum(1, counts.sum(axis=1, keepdims=True)))


@cache
def _file() -> dict[str, NDArray[np.int64]]:
    path = resources.files("lsccli").joinpath("core", "channel", "data", "lm.npz")
    with path.open("rb") as stream, np.load(stream) as arrays:
        return {name: arrays[name].astype(np.int64) for name in arrays.files}


@cache
def _letters() -> dict[str, list[int]]:
    """Per letter, the bounds of each of ALPHABET after it in 65536ths."""
    rows = {}
    for letter, counts in zip(ALPHABET, 2 * _file()["letters"] + 1, strict=True):
        sums = np.concatenate([[0], np.cumsum(counts)])
        # Every one has at least a place of its own; the second escape is never learnt, and has just that.
        rows[letter] = (np.arange(len(sums)) + sums * (_TOTAL - len(counts)) // sums[-1]).tolist()
    return rows


@cache
def _sorted() -> Ints:
    words = shipped("storybook").words
    return np.array(sorted(range(len(words)), key=lambda place: words[place]))


@cache
def _trie() -> list[_Node]:
    """Node 0 is the empty prefix. A word's own end comes first among the children of a node."""
    words = [shipped("storybook").words[int(place)] for place in _sorted()]
    nodes = [_Node(0, len(words), 0, 0)]
    for place, word in enumerate(words):
        at = 0
        for letter in [*word, END]:
            children = nodes[at].children
            if letter not in children:
                children[letter] = len(nodes)
                nodes.append(_Node(place, place, at, len(children) - 1))
            at = children[letter]
            nodes[at].last = place + 1
    return nodes


@lru_cache(maxsize=1 << 16)
def _split(text: str) -> tuple[int, Interval | None]:
    """The node that a word reaches, and what follows the escape there; None where it is a word's end."""
    trie, node = _trie(), 0
    for count, letter in enumerate([*text, END]):
        child = trie[node].children.get(letter)
        if child is None:
            return node, _spelled(text, count)
        node = child
    return node, None


@lru_cache(maxsize=16)
def _ends(known: Vocabulary) -> tuple[list[int], Ints, Floats]:
    """The nodes that words reach, (V,) which of them each word does, and (V,) the bits of what follows."""
    reached, tails = [], []
    leave = -math.log2((_LEAVE + 1) / _TOTAL)
    for word in known.words:
        try:
            node, tail = _split(word)
        except LscError:  # half a surrogate pair is never sent
            node, tail = 0, Interval(0, 1, 1 << 20)
        reached.append(node)
        tails.append(0.0 if tail is None else leave + tail.nats / math.log(2))
    nodes, inverse = np.unique(reached, return_inverse=True)
    return nodes.tolist(), inverse, np.array(tails)


def _spelled(text: str, start: int) -> Interval:
    rows, found = _letters(), Interval()
    before = text[start - 1] if start else END
    for letter in [*text[start:], END]:
        row = rows.get(before, rows[END])
        before = letter
        if letter == _ESCAPE or letter not in rows:
            if "\ud800" <= letter <= "\udfff":
                raise no_such_character("lm", letter)
            index = ALPHABET.index(_ESCAPE)
            found = found.part(row[index], row[index + 1] - row[index]).part(ord(letter), 1, _POINT_BITS)
            before = _ESCAPE
            continue
        index = ALPHABET.index(letter)
        found = found.part(row[index], row[index + 1] - row[index])
    return found
