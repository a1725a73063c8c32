"""Framing: how Bob knows where a word ends, and where the message ends.

`ideal`, as published: he is told the number of bits of each packet and the number of words, for nothing.

`fixed`: every packet has one length, which both ends know before there is any image: the space, the position,
and room for the longest word of Bob's vocabulary and one bit more. Behind a word come a one and zeros (the
padding of ISO/IEC 7816-4), so that any word can be told from its padding; a packet of padding alone ends the
message. Of a word that is longer, what fits is sent.

`coded`: before each packet goes a field that counts the word's units (bytes of `ascii8`, characters of
`ascii7`, else bits) in as many bits as the longest word of Bob's vocabulary takes; zero ends the message.
The channel code encodes field and packet apart, for Bob must read the one to know how long the other is.
Check bits are of the packet alone. Of a word that is longer than the field can say, what it can say is sent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lsccli.core.channel.noise import Bits

FRAMINGS = ("ideal", "fixed", "coded")
_NOTHING = np.zeros(0, np.uint8)


@dataclass(frozen=True)
class Frames:
    """The framing of a link.

    Attributes:
        kind: one of `FRAMINGS`.
        unit: bits of what the length field counts.
        longest: bits of the longest word that is sent whole; 0 where any is.
        space: bits of the space between two words.
    """

    kind: str = "ideal"
    unit: int = 1
    longest: int = 0
    space: int = 0

    @property
    def field(self) -> int:
        """Bits of the length field; 0 where there is none."""
        return (-(-self.longest // self.unit)).bit_length() if self.kind == "coded" else 0

    @property
    def room(self) -> int:
        """Bits of space, word and padding of every packet; 0 where packets are not of one length."""
        return self.space + self.longest + 1 if self.kind == "fixed" else 0

    @property
    def closes(self) -> bool:
        """Whether the end of the message is sent."""
        return self.kind != "ideal"

    def fitting(self, word: Bits) -> Bits:
        """What is sent of a word's bits."""
        if self.kind == "fixed":
            return word[: self.longest]
        return word[: (2**self.field - 1) * self.unit] if self.kind == "coded" else word

    def padding(self, known: int, word: int) -> Bits:
        """What comes behind so many bits of space and word: a one and zeros, or nothing."""
        if self.kind != "fixed":
            return _NOTHING
        found = np.zeros(self.room - known - word, np.uint8)
        found[0] = 1
        return found

    def header(self, word: int) -> Bits:
        """The length field of a word of so many bits."""
        if not self.field:
            return _NOTHING
        return np.array([int(digit) for digit in f"{word // self.unit:0{self.field}b}"], np.uint8)

    def told(self, header: Bits) -> int:
        """The bits of a word by its length field."""
        return int("".join(map(str, header.tolist())), 2) * self.unit

    def word(self, bits: Bits) -> Bits | None:
        """The word without its padding; None where there is no end to it."""
        if self.kind != "fixed":
            return bits
        ones = np.flatnonzero(bits)
        return bits[: ones[-1]] if len(ones) else None

    def ends(self, bits: Bits) -> bool:
        """Whether these bits behind space and position end the message."""
        word = self.word(bits) if self.kind == "fixed" else None
        return word is not None and not len(word)
