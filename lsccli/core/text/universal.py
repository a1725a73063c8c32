"""From spaCy's English (ClearNLP) dependencies to governors in the sense of Universal Dependencies.

The two differ in who governs whom only where function words are concerned: ClearNLP lets a preposition
govern its object and a copula its predicate, UD lets content words govern. Labels are kept as found,
but for the function words moved here ("case", "cop").

Sources: https://universaldependencies.org/u/overview/syntax.html and the pages there on English `case`,
`cop`, `conj`, `expl` and `fixed`; J. Choi, "ClearNLP guidelines" (2012) for the input.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

# Written as one adposition: every word of it is `case` of the object, the first one too. "in front of" and
# "on top of" are not among them: UD reads them word by word, and front and top govern what follows.
_COMPLEX_ADPOSITIONS = frozenset((
    ("next", "to"), ("out", "of"), ("off", "of"), ("inside", "of"), ("outside", "of"), ("ahead", "of"),
    ("along", "with"), ("together", "with"), ("across", "from"), ("apart", "from"), ("away", "from"),
    ("because", "of"), ("instead", "of"), ("due", "to"), ("prior", "to"), ("according", "to"), ("such", "as"),
))  # fmt: skip
# UD joins these by `fixed`, which is a convention and not government: all of them depend on the governor.
_FIXED = (("as", "well", "as"), ("as", "well"), ("rather", "than"), ("of", "course"))
_BE = frozenset(
    ("be", "am", "is", "are", "was", "were", "been", "being", "'s", "’s", "'re", "’re", "'m", "’m")
)
_SUBJECTS = ("nsubj", "nsubjpass", "csubj", "csubjpass")
_ADPOSITION_LABELS = ("prep", "agent", "dative", "pcomp", "conj", "ROOT")


def universal_governors(
    texts: Sequence[str],
    governors: Sequence[int],
    labels: Sequence[str],
    tags: Sequence[str],
    edition: int = 1,
) -> list[int]:
    """The UD governor of each token of a ClearNLP tree.

    - An adposition depends on its object, which takes its place; so do both of "out of", "next to". One
      without an object (stranded, or a particle) stays where it is.
    - A copula (a form of "be" that is no auxiliary) depends on its predicate: attribute, adjective, then a
      prepositional phrase or adverb ("is in the park", "is outside"). In "there is a dog" the verb stays the
      root, as UD has it (`expl`).
    - Conjuncts depend on the first one, a conjunction on the conjunct that follows it (UD version 2).

    The second edition reads two things besides as noun phrases:

    - A participle that is a root, has a subject and no auxiliary ("people walking down a street") modifies
      that subject (`acl`), which takes its place. Parsers read so by themselves where there is an article
      ("a man walking down a street"), and where there is none sometimes.
    - What has an article is no part of an adposition: "the inside of a box".

    Args:
        texts: the tokens.
        governors: index of each token's governor; a root governs itself.
        labels: ClearNLP labels (prep, pobj, attr, ...).
        tags: Penn tags.
        edition: 1 or 2.

    Raises:
        ValueError: where the lengths differ, an index is out of range or the governors run in a circle.
    """
    count = len(texts)
    if not count == len(governors) == len(labels) == len(tags):
        raise ValueError(
            f"{count} tokens, {len(governors)} governors, {len(labels)} labels, {len(tags)} tags"
        )
    if any(not 0 <= governor < count for governor in governors):
        raise ValueError(f"{list(governors)} are no governors of {count} tokens")
    tree = _Tree([text.lower() for text in texts], list(governors), list(labels), list(tags))
    tree.flatten_fixed()
    if edition > 1:
        tree.turn_participles()
    tree.turn_adpositions()
    tree.join_complex_adpositions(nouns=edition > 1)
    tree.turn_copulas()
    tree.flatten_conjuncts()
    return tree.governors


class _Tree:
    """A dependency tree in the making."""

    def __init__(self, texts: list[str], governors: list[int], labels: list[str], tags: list[str]) -> None:
        self.texts = texts
        self.governors = governors
        self.labels = labels
        self.tags = tags
        self.objects: set[int] = set()  # tokens that took the place of an adposition

    def children(self, token: int) -> list[int]:
        return [child for child, governor in enumerate(self.governors) if governor == token != child]

    def promote(self, child: int, label: str) -> None:
        """Let `child` take its governor's place; the governor, now `label`, and all else depend on it."""
        parent = self.governors[child]
        siblings = self.children(parent)
        self.governors[child] = child if self.governors[parent] == parent else self.governors[parent]
        self.labels[child] = self.labels[parent]
        for sibling in [*siblings, parent]:
            if sibling != child:
                self.governors[sibling] = child
        self.labels[parent] = label

    def flatten_fixed(self) -> None:
        for expression in _FIXED:
            for start in self._find(expression):
                inside = range(start, start + len(expression))
                tops = [token for token in inside if self.governors[token] not in inside]
                if len(tops) != 1 or self.labels[tops[0]] not in ("cc", "advmod", "mark"):
                    continue
                top = self.governors[tops[0]]
                for token in inside:
                    for child in [token, *self.children(token)]:
                        self.governors[child] = top
                    self.labels[token] = self.labels[tops[0]]

    def turn_participles(self) -> None:
        for token, tag in enumerate(self.tags):
            if self.governors[token] != token or tag not in ("VBG", "VBN"):
                continue
            children = self.children(token)
            subjects = [child for child in children if self.labels[child] in ("nsubj", "nsubjpass")]
            verbal = any(self.labels[child] in ("aux", "auxpass") for child in children)
            if len(subjects) == 1 and subjects[0] < token and not verbal:
                # Unlike `promote`: what else depends on the participle stays with it.
                self.governors[subjects[0]], self.labels[subjects[0]] = subjects[0], self.labels[token]
                self.governors[token], self.labels[token] = subjects[0], "acl"

    def turn_adpositions(self) -> None:
        # From the leaves up, so that in "out of the water" the object passes "of" before it passes "out".
        for token in sorted(range(len(self.texts)), key=self._depth, reverse=True):
            found = self._object_of(token)
            if found is not None:
                self.promote(found, "case")
                self.objects.add(found)

    def _object_of(self, token: int) -> int | None:
        children = self.children(token)
        for label in ("pobj", "pcomp"):
            for child in children:
                if self.labels[child] == label:
                    return child
        # "according" and "including" are tagged as verbs; only their label tells them from real ones.
        adposition = self.tags[token] in ("IN", "TO", "RP", "RB") or self.labels[token] == "prep"
        if adposition and self.labels[token] in _ADPOSITION_LABELS:
            # A second adposition has the object: "out of", "from behind", "in and around".
            for child in children:
                if child in self.objects and self.labels[child] in ("prep", "pcomp", "conj"):
                    return child
        return None

    def join_complex_adpositions(self, *, nouns: bool) -> None:
        for first, second in ((index, index + 1) for index in range(len(self.texts) - 1)):
            if (self.texts[first], self.texts[second]) not in _COMPLEX_ADPOSITIONS:
                continue
            found = self.governors[second]
            if self.labels[second] != "case" or self.labels[first] == "case":
                continue
            if nouns and any(self.labels[child] == "det" for child in self.children(first)):
                continue
            if self.governors[found] == first:
                self.promote(found, "case")
            elif not self.children(first) and self.governors[first] != first:
                self.governors[first], self.labels[first] = found, "case"

    def turn_copulas(self) -> None:
        for token, text in enumerate(self.texts):
            if (
                text in _BE
                and self.tags[token].startswith("VB")
                and self.labels[token] not in ("aux", "auxpass")
            ):
                predicate = self._predicate_of(token)
                if predicate is not None:
                    self.promote(predicate, "cop")

    def _predicate_of(self, copula: int) -> int | None:
        children = self.children(copula)
        labels = {child: self.labels[child] for child in children}
        if any(labels[child] == "expl" and self.texts[child] == "there" for child in children):
            return None
        before = [child for child in children if child < copula]
        after = [child for child in children if child > copula]
        phrases_before = [child for child in before if labels[child] == "prep" and child in self.objects]
        places_before = [
            child
            for child in before
            if labels[child] == "advmod"
            and (self.texts[child] in ("here", "there") or self.tags[child] == "WRB")
        ]
        nouns = [child for child in children if labels[child] == "attr"]
        if nouns and (phrases_before or places_before) and not set(labels.values()) & set(_SUBJECTS):
            # Turned round: "in the park is a girl". What the parser calls attribute is the subject.
            return (phrases_before or places_before)[-1]
        adjectives = [child for child in children if labels[child] in ("acomp", "oprd")]
        phrases_after = [child for child in after if labels[child] == "prep" and child in self.objects]
        places_after = [child for child in after if labels[child] in ("advmod", "prep", "prt")]
        clauses = [child for child in after if labels[child] == "xcomp"]
        ranked = [
            *nouns,
            *adjectives,
            *phrases_after,
            *places_after,
            *places_before,
            *phrases_before,
            *clauses,
        ]
        return ranked[0] if ranked else None

    def flatten_conjuncts(self) -> None:
        given = list(self.governors)
        for token, label in enumerate(self.labels):
            if label == "cc":
                following = [
                    other
                    for other in range(token + 1, len(given))
                    if given[other] == given[token] and self.labels[other] == "conj"
                ]
                if following:
                    self.governors[token] = following[0]
            elif label == "conj":
                first = given[token]
                while self.labels[first] == "conj" and given[first] != first:
                    first = given[first]
                self.governors[token] = first

    def _find(self, expression: tuple[str, ...]) -> Iterator[int]:
        size = len(expression)
        for start in range(len(self.texts) - size + 1):
            if tuple(self.texts[start : start + size]) == expression:
                yield start

    def _depth(self, token: int) -> int:
        depth = 0
        while self.governors[token] != token:
            token = self.governors[token]
            depth += 1
            if depth > len(self.texts):
                raise ValueError(f"the governors {self.governors} run in a circle")
        return depth
