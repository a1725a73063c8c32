"""Trees by Stanza, whose labels are those of Universal Dependencies already.

P. Qi et al., "Stanza: A Python natural language processing toolkit for many human languages", ACL 2020.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from functools import cached_property
from pathlib import Path
from typing import Any

from lsccli.core.errors import MissingModelError
from lsccli.core.store.keys import digest_of_files
from lsccli.core.text.tree import Tree

LANGUAGE = "en"
# Stanza adds `mwt` where its tokenizer needs it.
_STEPS = "tokenize,pos,lemma,depparse"
# Not on the way to a tree. Whatever else lies beside these (vectors, language models) is read on it.
_UNREAD = ("ner", "sentiment", "constituency", "coref", "langid", "lemma_classifier")


class StanzaReader:
    """Stanza's English pipeline up to the dependency parser, from resources that are here; fetches nothing.

    Args:
        name: "en", where Stanza keeps its resources (STANZA_RESOURCES_DIR), or the directory of such.

    Raises:
        MissingModelError: on use, where Stanza or the resources are missing.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    @cached_property
    def folder(self) -> Path:
        """Where `resources.json` lies."""
        if self.name != LANGUAGE:
            return Path(self.name)
        if told := os.environ.get("STANZA_RESOURCES_DIR"):
            return Path(told)
        from stanza.resources.common import DEFAULT_MODEL_DIR

        return Path(DEFAULT_MODEL_DIR)

    @cached_property
    def version(self) -> str:
        """The digest of the models' files, and of which are the default; read once, for they are large."""
        _need_stanza()
        index, models = self.folder / "resources.json", self.folder / LANGUAGE
        try:
            default = json.loads(index.read_text(encoding="utf-8"))[LANGUAGE]["packages"]["default"]
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise self._missing() from error
        files = {
            path.relative_to(models).as_posix(): path
            for path in models.rglob("*.pt")
            if path.relative_to(models).parts[0] not in _UNREAD
        }
        if not files:
            raise self._missing()
        told = json.dumps([default, digest_of_files(files)], sort_keys=True)
        return "sha256:" + hashlib.sha256(f"stanza {told}".encode()).hexdigest()

    def read(self, caption: str) -> Tree:
        """The tree of one caption, of which Stanza may make several sentences."""
        return tree_of(self._pipeline(caption))

    @cached_property
    def _pipeline(self) -> Any:
        _need_stanza()
        import stanza

        try:
            return stanza.Pipeline(
                LANGUAGE,
                dir=str(self.folder),
                processors=_STEPS,
                download_method=None,
                use_gpu=False,
                logging_level="ERROR",
            )
        # Stanza raises many kinds; each means that the models are not to be had.
        except Exception as error:
            # The first sentence: torch's next ones advise to run what lies in a file.
            reason = (str(error).strip() or type(error).__name__).splitlines()[0].split(". ")[0]
            raise self._missing(f" that can be loaded ({reason})") from error

    def _missing(self, which: str = "") -> MissingModelError:
        return MissingModelError(
            f"No Stanza models for English{which} in {self.folder}. Fetch them once "
            f"(python -c \"import stanza; stanza.download('en')\") or name their directory in the profile: "
            'model = "stanza:DIR".'
        )


def tree_of(document: Any) -> Tree:
    """The tree of a Stanza document; its sentences have a root each.

    `fixed` is a convention and not government: what hangs by it depends on the governor, as in
    `lsccli.core.text.universal`. A word of a token of several ("doesn't") stands where its token does, unless
    Stanza says better.
    """
    words: list[Any] = []
    told: list[int] = []
    for sentence in document.sentences:
        first = len(words)
        words += sentence.words
        told += [first + (word.head or word.id) - 1 for word in sentence.words]
    governors = list(told)
    for token in range(len(words)):
        top = token
        while words[top].deprel == "fixed":
            top = told[top]
        if top != token and told[top] != top:
            governors[token] = told[top]
    places = [word if word.start_char is not None else word.parent for word in words]
    return Tree(
        tuple(word.text for word in words),
        tuple((place.start_char, place.end_char) for place in places),
        tuple(word.xpos or word.upos for word in words),
        tuple(governors),
        tuple(word.deprel == "punct" for word in words),
    )


def _need_stanza() -> None:
    if importlib.util.find_spec("stanza") is None:
        raise MissingModelError(
            "The profile's parser is Stanza, which is not installed: pip install stanza, or name another."
        )
