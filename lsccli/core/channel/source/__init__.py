"""Source codes: a word to bits and back. The table of a code never changes; another table is another code."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Protocol

from lsccli.core.channel.modulation import Bits


class SourceCode(Protocol):
    """Words to bits and back; Bob is told how many bits a word has.

    `contextual` says whether the bits of a word depend on the words before it; such a code ends words itself,
    so that no space is sent.
    """

    contextual: bool

    def given(self, said: Sequence[str]) -> SourceCode:
        """The code for the word after these, as Bob read them."""
        ...

    def encode(self, text: str) -> Bits:
        """The bits of a text; LscError that names the first character which the code does not have."""
        ...

    def decode(self, bits: Bits) -> str:
        """The text of bits that may be wrong; what is no character reads as U+FFFD."""
        ...


@cache
def find_source_code(name: str) -> SourceCode:
    """The source code of this name, before any word."""
    from lsccli.core.channel.source.ascii import Ascii7, Ascii8
    from lsccli.core.channel.source.huffman import Huffman
    from lsccli.core.channel.source.lm import LanguageModel

    coders: dict[str, type[SourceCode]] = {
        "ascii8": Ascii8,
        "ascii7": Ascii7,
        "huffman": Huffman,
        "lm": LanguageModel,
    }
    return coders[name]()
