"""Words of like meaning, from WordNet 3.0 cut down to single words and their common senses.

The table (`data/synonyms.txt`, made by `training/wordnet.py`) has a word under a meaning only where that is a
common sense of the word: its first, or one with at least 5 % of the word's tagged uses, or, of a word with
fewer than 10 tagged uses, one of its first three. So the word and what may stand for it are both meant in a
common sense.

Source: G. Miller, "WordNet: a lexical database for English", Communications of the ACM 38 (11), 1995.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib import resources

# In order of nearness; of several that lead to one word, the first is told.
RELATIONS = ("synonym", "narrower", "broader", "similar", "narrower noun", "broader noun")
_FILES = ("synonyms.txt", "forms.txt")


@dataclass(frozen=True)
class Alternative:
    """A lemma that may stand for another, and how WordNet relates them."""

    lemma: str
    relation: str


@dataclass(frozen=True)
class _Table:
    words: list[list[str]]
    above: list[list[int]]
    below: list[list[int]]
    nouns: list[list[int]]
    senses: dict[tuple[str, str], list[int]]


def knows(lemma: str, part: str) -> bool:
    """Whether the table has the lemma as this part of speech: n, v, a or r."""
    return (lemma, part) in _table().senses


def alternatives(lemma: str, part: str) -> list[Alternative]:
    """Lemmas that may stand for this one, by relation and then by alphabet; the lemma itself not among them.

    `synonym`: of one meaning. `narrower`, `broader`: of nouns and verbs, directly below and above it
    (hyponyms and hypernyms). `similar`: what an adjective's meaning is similar to. `narrower noun`,
    `broader noun`: directly below and above the noun of the same spelling that an adjective is tied to.
    """
    table = _table()
    found: dict[str, str] = {}
    for sense in table.senses.get((lemma, part), ()):
        around = {"synonym": [sense]}
        if part == "a":
            around["similar"] = table.above[sense] + table.below[sense]
            around["narrower noun"] = [low for noun in table.nouns[sense] for low in table.below[noun]]
            around["broader noun"] = [high for noun in table.nouns[sense] for high in table.above[noun]]
        else:
            around |= {"narrower": table.below[sense], "broader": table.above[sense]}
        for relation, meanings in around.items():
            for word in (word for meaning in meanings for word in table.words[meaning]):
                told = found.setdefault(word, relation)
                if RELATIONS.index(relation) < RELATIONS.index(told):
                    found[word] = relation
    found.pop(lemma, None)
    made = [Alternative(word, relation) for word, relation in found.items()]
    return sorted(made, key=lambda other: (RELATIONS.index(other.relation), other.lemma))


@cache
def digest() -> str:
    """SHA-256 of the tables of synonyms and of forms, for keys."""
    total = hashlib.sha256()
    for name in _FILES:
        total.update(_read(name))
    return "sha256:" + total.hexdigest()


def _read(name: str) -> bytes:
    content = resources.files("lsccli").joinpath("core", "scc", "data", name).read_bytes()
    return content.replace(b"\r\n", b"\n")


@cache
def _table() -> _Table:
    words: list[list[str]] = []
    above: list[list[int]] = []
    nouns: list[list[int]] = []
    senses: dict[tuple[str, str], list[int]] = defaultdict(list)
    part = ""
    for line in _read("synonyms.txt").decode("ascii").splitlines():
        if line.startswith("@"):
            part = line[1:]
            continue
        here = len(words)
        own, high, alike, *_ = (*line.split("|"), "", "")
        words.append(own.split())
        above.append([here + int(step) for step in high.split()])
        nouns.append([here + int(step) for step in alike.split()])
        for word in words[-1]:
            senses[word, part].append(here)
    below: list[list[int]] = [[] for _ in words]
    for here, others in enumerate(above):
        for other in others:
            below[other].append(here)
    return _Table(words, above, below, nouns, dict(senses))
