"""Vocabularies that are files: a store has their digests, and runs the names that were typed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlmodel import Session

from lsccli.core.channel.vocabulary import Vocabulary, from_file, known_words, shipped
from lsccli.core.errors import LscError
from lsccli.core.report.sql import fetch_rows

_FLAG = "--vocabulary"


def named_files(session: Session, own: str | None) -> list[str]:
    """Files that may be Bob's words: the one named now, then those of the store's runs, the last first."""
    rows = fetch_rows(
        session, "SELECT arguments FROM run WHERE arguments LIKE ? ORDER BY id DESC", [f"%{_FLAG}%"]
    )
    found = [own] if own is not None else []
    for (text,) in rows.fetchall():
        found += _typed(json.loads(text))
    return list(dict.fromkeys(found))


def _typed(arguments: Sequence[str]) -> Iterable[str]:
    for place, word in enumerate(arguments):
        name, given, value = word.partition("=")
        if name == _FLAG and (given or place + 1 < len(arguments)):
            yield value if given else arguments[place + 1]


def at_hand(digest: str | None, files: Sequence[str]) -> Vocabulary | str:
    """The vocabulary of a digest, or why it is not to be had."""
    if digest in (None, shipped("english").digest):
        return known_words(digest, None)
    for name in files:
        try:
            found = from_file(Path(name).expanduser())
        except LscError:  # not there, or no vocabulary any longer
            continue
        if found.digest == digest:
            return found
    gone = f", and {' and '.join(files)} changed since or cannot be read" if files else ""
    return (
        f"No floor is told where Bob's vocabulary is {str(digest)[:15]}…: it was a file{gone}. Name it as it "
        "was: lsc report --vocabulary FILE"
    )
