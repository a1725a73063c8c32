"""What a source code is: a word to bits and back. Its table never changes; another table is another code."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self, TypeVar, cast

import numpy as np

from lsccli.core.channel.noise import Bits, Ints
from lsccli.core.channel.vocabulary import Vocabulary
from lsccli.core.errors import LscError
from lsccli.core.registry.base import Entry, Registry


class SourceCode:
    """Words to bits and back; how Bob knows how many bits a word has is up to the framing.

    Attributes:
        contextual: whether the bits of a word depend on the words before it. Such a code ends words itself,
            so that no space is sent; the others code every word alone.
        unit: every word has a multiple of so many bits.
    """

    contextual: bool = False
    unit: int = 1

    def given(self, said: Sequence[str]) -> Self:
        """The code for the word after these, as Bob read them; the same one where it codes words alone."""
        return self

    def encode(self, text: str) -> Bits:
        """The bits of a text; LscError that names the first character which the code does not have."""
        raise NotImplementedError

    def decode(self, bits: Bits) -> str:
        """The text of bits that may be wrong; what is no character reads as U+FFFD."""
        raise NotImplementedError

    def longest(self, known: Vocabulary) -> int:
        """Bits of the longest known word, whatever was said before it; LscError where none can be sent."""
        lengths = _by_length(self, known)
        if not lengths:
            raise LscError("The source code can send none of the words that Bob knows.")
        return max(lengths)

    def of_length(self, known: Vocabulary, length: int) -> tuple[Ints, Bits]:
        """Places of the known words that have so many bits now, and the (V, length) bits of each."""
        nothing = np.zeros(0, np.int64), np.zeros((0, length), np.uint8)
        return _by_length(self, known).get(length, nothing)


@dataclass(frozen=True, kw_only=True)
class SourceSpec(Entry):
    """One source code: `make()` gives a `SourceCode`, before any word."""

    def made(self) -> SourceCode:
        """The code, made once."""
        return _made(self)


SOURCE_CODES: Registry[SourceSpec] = Registry(
    "source code", "lsccli.core.channel.source", "lsc channel --help"
)

S = TypeVar("S", bound=SourceCode)


def source_code(
    name: str, *, summary: str, source: str = "", version: int = 1
) -> Callable[[type[S]], type[S]]:
    """Register a subclass of `SourceCode`."""

    def register(make: type[S]) -> type[S]:
        SOURCE_CODES.add(SourceSpec(name=name, make=make, summary=summary, source=source, version=version))
        return make

    return register


def find_source_code(name: str) -> SourceCode:
    """The source code of this name, before any word."""
    return SOURCE_CODES.find(name).made()


def no_such_character(code: str, letter: str) -> LscError:
    """What is said of a character that a code cannot carry."""
    name = unicodedata.name(letter, "no name")
    shown = f"{letter!r}, " if letter.isprintable() else ""
    return LscError(f"{code} has no code for {shown}U+{ord(letter):04X} ({name}).")


@lru_cache(maxsize=64)
def _made(spec: SourceSpec) -> SourceCode:
    return cast(SourceCode, spec.make())


@lru_cache(maxsize=16)
def _by_length(code: SourceCode, known: Vocabulary) -> dict[int, tuple[Ints, Bits]]:
    """By their number of bits: places of words in the vocabulary, and the (V, bits) bits of each."""
    found: dict[int, tuple[list[int], list[Bits]]] = {}
    for place, word in enumerate(known.counts):
        try:
            bits = code.encode(word)
        except LscError:  # a word that the source code cannot carry is never sent
            continue
        places, rows = found.setdefault(len(bits), ([], []))
        places.append(place)
        rows.append(bits)
    return {length: (np.array(places), np.stack(rows)) for length, (places, rows) in found.items()}
