"""Semantic channel coding (SCC): before they are sent, content words give way to synonyms that Bob knows.

A longer word has more letters to be recognised by. For each noun, verb, adjective and adverb of the caption
(by the parser's tag; be, have and do are none) the candidates are the words

- that WordNet puts beside it in a common sense (`lsccli.core.scc.thesaurus`), in the same form (plural, …),
- that are in Bob's vocabulary,
- whose states in Bob's text encoder have a cosine of at least `scc_closeness` with the word's.

`longer`: the longest candidate is sent, if it is longer than the word; of equally long ones the closest, then
the first by alphabet. `distance`: the candidate w with the largest d(w) is sent, if that is larger than the
word's own; d(w) = min over all other words v of Bob's vocabulary of the Levenshtein distance of w and v; of
equal ones the longer, then the first by alphabet. A word with no such candidate stays. Before a word that was
replaced, "a" becomes "an", or "an" "a", where its sound asks for it and Bob knows that article.

Ranking and attention look at the words before; only what is sent differs.

Source: H. Nam et al., "Language-oriented communication with semantic coding and knowledge distillation for
text-to-image generation", ICASSP 2024 (arXiv 2309.11127), for `longer`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.scc import thesaurus
from lsccli.core.scc.distance import Surroundings
from lsccli.core.scc.inflect import PART_OF_TAG, forms, lemmas
from lsccli.core.text.words import split_words

if TYPE_CHECKING:
    from lsccli.core.text.parse import Parser

# Raise it when the same tables and models give other words.
VERSION = 1
# Forms of be, have and do, which carry tense and little else.
_LIGHT = frozenset(
    (
        *("be", "am", "is", "are", "was", "were", "been", "being"),
        *("have", "has", "had", "having", "do", "does", "did", "done", "doing"),
    )
)
# Written with a vowel and spoken with a consonant, or the other way round.
_SPOKEN_CONSONANT = re.compile("(uni([^nm]|$)|u[bst][aeiu]|eu|one$|once|ewe)")
_SPOKEN_VOWEL = re.compile("(hour|honest|hono|heir)")


class Closeness(Protocol):
    """What says how close two words are, from −1 to 1."""

    def learn(self, words: Iterable[str]) -> None:
        """Prepare for many words at once."""

    def cosine(self, first: str, second: str) -> float:
        """The cosine of two words' states."""


@dataclass(frozen=True)
class Candidate:
    """A word that Bob knows and WordNet offers in place of another.

    Attributes:
        relation: of `thesaurus.RELATIONS`.
        closeness: the cosine of the two words' states.
        distance: d of the word, where the rule heeds it.
        verdict: "sent", or why not.
    """

    word: str
    relation: str
    closeness: float
    distance: int | None
    verdict: str


@dataclass(frozen=True)
class Substitution:
    """What became of a word: as in the caption, as sent, and why.

    Attributes:
        tag: of the parser; empty where the word is several tokens to it.
        part: n, v, a or r; empty where it is no content word.
        distance: d of the word itself, where the rule heeds it.
        unknown: how many words of WordNet Bob does not know.
        reason: in words.
    """

    word: str
    sent: str
    tag: str
    part: str
    reason: str
    distance: int | None = None
    unknown: int = 0
    candidates: tuple[Candidate, ...] = ()


class SemanticCoder:
    """Replaces words by a rule; what it needs is handed over, so that it loads nothing.

    Args:
        rule: `longer` or `distance`.
        vocabulary: the words that Bob knows, in lower case.
        states: the closeness of words in Bob's text encoder.
        least: candidates less close than this are not sent.
    """

    def __init__(self, rule: str, vocabulary: Iterable[str], states: Closeness, least: float) -> None:
        if rule not in ("longer", "distance"):
            raise ValueError(f"no rule {rule!r}; rules are longer and distance")
        self._rule = rule
        self._known = frozenset(vocabulary)
        self._around = Surroundings(self._known) if rule == "distance" else None
        self._states = states
        self._least = least
        self._done: dict[tuple[str, str], Substitution] = {}
        self._captions: dict[str, list[Substitution]] = {}

    def captions(self, texts: Sequence[str], parser: Parser) -> list[list[Substitution]]:
        """What becomes of each word of these captions."""
        new = [text for text in dict.fromkeys(texts) if text not in self._captions]
        for text, parse in zip(new, parser.parse(new), strict=True):
            self._captions[text] = self.encode([word.text for word in split_words(text)], parse.tags)
        return [self._captions[text] for text in texts]

    def encode(self, words: Sequence[str], tags: Sequence[Sequence[str]]) -> list[Substitution]:
        """What becomes of each word of a caption, given the tags of its tokens."""
        found = [self._word(word, tuple(own)) for word, own in zip(words, tags, strict=True)]
        for index in range(len(found) - 1):
            found[index] = self._article(found[index], found[index + 1])
        return found

    def _word(self, word: str, tags: tuple[str, ...]) -> Substitution:
        if len(tags) != 1:
            return Substitution(word, word, "", "", "more than one token")
        tag = tags[0]
        if (word, tag) not in self._done:
            self._done[word, tag] = self._replaced(word, tag)
        return self._done[word, tag]

    def _replaced(self, word: str, tag: str) -> Substitution:
        part, lower = PART_OF_TAG.get(tag, ""), word.lower()
        if not part or (part == "v" and lower in _LIGHT):
            return Substitution(word, word, tag, "", "no content word")
        own = [lemma for lemma in lemmas(lower, tag) if thesaurus.knows(lemma, part)]
        if not own:
            return Substitution(word, word, tag, part, "WordNet offers none")
        offers = _offers(own[0], tag, part)
        known: dict[str, str] = {}
        unknown = 0
        for relation, offered in offers:
            form = next((form for form in offered if form in self._known and form != lower), None)
            if form is not None:
                known.setdefault(form, relation)
            else:
                unknown += lower not in offered
        self._states.learn([lower, *known] if known else [])
        close = {form: self._states.cosine(lower, form) for form in known}
        return self._chosen(word, tag, part, known, close, unknown)

    def _chosen(
        self, word: str, tag: str, part: str, known: dict[str, str], close: dict[str, float], unknown: int
    ) -> Substitution:
        lower = word.lower()
        own = self._gain(lower)
        fit = [form for form in known if close[form] >= self._least]
        better = [form for form in fit if self._gain(form) > own]
        best = min(better, key=lambda form: self._place(form, close[form]), default=None)
        verdicts = dict.fromkeys(known, "too far in meaning")
        verdicts |= dict.fromkeys(fit, "not longer" if self._around is None else "not more distant")
        verdicts |= dict.fromkeys(better, f"{best} goes before it")
        if best is not None:
            verdicts[best] = "sent"
            reason = "the longest" if self._around is None else "the most distant"
            if len(better) > 1 and sum(self._gain(form) == self._gain(best) for form in better) > 1:
                reason += ", and the closest" if self._around is None else ", and the longest"
        elif not known:
            reason = f"Bob knows none of {unknown}" if unknown else "WordNet offers none"
        elif not fit:
            reason = "none is close enough in meaning"
        else:
            reason = "none is longer" if self._around is None else "none is more distant"
        order = sorted(
            known, key=lambda form: (form != best, form not in fit, *self._place(form, close[form]))
        )
        return Substitution(
            word=word,
            sent=word if best is None else _cased(word, best),
            tag=tag,
            part=part,
            reason=reason,
            distance=self._distance(lower),
            unknown=unknown,
            candidates=tuple(
                Candidate(form, known[form], close[form], self._distance(form), verdicts[form])
                for form in order
            ),
        )

    def _gain(self, word: str) -> int:
        """What the rule looks at: the length, or the distance to all other words."""
        return len(word) if self._around is None else self._distance(word) or 0

    def _place(self, word: str, closeness: float) -> tuple[Any, ...]:
        """A sorting key, the best first."""
        if self._around is None:
            return -len(word), -closeness, word
        return -self._gain(word), -len(word), word

    def _distance(self, word: str) -> int | None:
        return None if self._around is None else self._around.nearest(word)

    def _article(self, this: Substitution, following: Substitution) -> Substitution:
        lower = this.word.lower()
        if lower not in ("a", "an") or following.sent == following.word:
            return this
        fitting = "an" if _vowel(following.sent) else "a"
        if fitting == lower or fitting not in self._known:
            return this
        return Substitution(
            this.word, _cased(this.word, fitting), this.tag, "", f"article of {following.sent}"
        )


def settings_of(facts: dict[str, Any]) -> ChannelSettings:
    """The settings behind `facts`."""
    return ChannelSettings.of({name: value for name, value in facts.items() if name != "scc_reads"})


def _offers(lemma: str, tag: str, part: str) -> list[tuple[str, list[str]]]:
    """Relation and fitting forms of each word beside a lemma."""
    others = thesaurus.alternatives(lemma, part)
    made = [(other.relation, forms(other.lemma, tag)) for other in others if other.lemma not in _LIGHT]
    return [(relation, fitting) for relation, fitting in made if fitting]


def _cased(like: str, word: str) -> str:
    """The word in capitals where `like` is, or with one where `like` begins with one."""
    if len(like) > 1 and like.isupper():
        return word.upper()
    return word.capitalize() if like[:1].isupper() else word


def _vowel(word: str) -> bool:
    """Whether the word is spoken with a vowel first, as far as spelling tells."""
    lower = word.lower()
    if _SPOKEN_VOWEL.match(lower):
        return True
    return lower[:1] in "aeiou" and _SPOKEN_CONSONANT.match(lower) is None
