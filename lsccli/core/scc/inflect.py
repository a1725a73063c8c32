"""English inflection: from a word as it stands to its lemma, and from a lemma to the form that fits a tag.

Irregular forms are those of WordNet's exception lists (`data/forms.txt`, made by `training/wordnet.py`); all
others follow the rules of spelling. Tags are those of the Penn Treebank.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from importlib import resources

# Part of speech in WordNet, by tag: content words only.
PART_OF_TAG = {
    **dict.fromkeys(("NN", "NNS"), "n"),
    **dict.fromkeys(("VB", "VBD", "VBG", "VBN", "VBP", "VBZ"), "v"),
    **dict.fromkeys(("JJ", "JJR", "JJS"), "a"),
    **dict.fromkeys(("RB", "RBR", "RBS"), "r"),
}
_PLAIN = ("NN", "VB", "VBP", "JJ", "RB")
# Nouns whose plural may be like the singular.
_ALIKE = ("aircraft", "bison", "cod", "deer", "fish", "moose", "salmon", "sheep", "shrimp", "squid", "trout")
# Nouns that end in -man and have -mans.
_NO_MEN = ("human", "shaman", "talisman", "ottoman", "caiman", "roman", "german", "norman")
# Endings of nouns from Latin and Greek, which have a regular plural beside the irregular one.
_FOREIGN = ("us", "um", "a", "on", "is", "ex", "ix", "eau", "i", "o")
# What each tag's regular ending may have replaced, after WordNet's morphy(7WN).
_ENDINGS = {
    "NNS": (("men", "man"), ("ies", "y"), ("ves", "f"), ("es", ""), ("es", "e"), ("s", "")),
    "VBZ": (("ies", "y"), ("es", "e"), ("es", ""), ("s", "")),
    "VBG": (("ying", "ie"), ("ing", "e"), ("ing", "")),
    "VBD": (("ied", "y"), ("ed", "e"), ("ed", "")),
    "JJR": (("ier", "y"), ("er", ""), ("er", "e")),
    "JJS": (("iest", "y"), ("est", ""), ("est", "e")),
}
_ENDINGS |= {"VBN": _ENDINGS["VBD"], "RBR": _ENDINGS["JJR"], "RBS": _ENDINGS["JJS"]}
_VOWELS = "aeiou"


def lemmas(word: str, tag: str) -> list[str]:
    """What the word may be a form of, most likely first; the word itself for a plain tag.

    Only spelling is looked at: `thesaurus` says which of them are words.

    Args:
        word: in lower case.
        tag: of the Penn Treebank; ValueError where it is no content word's.
    """
    part = _part(tag)
    if tag in _PLAIN:
        return [word]
    found = list(_lemmas_of().get((part, tag, word), ()))
    for ending, replaced in _ENDINGS[tag]:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            stem = word[: -len(ending)] + replaced
            found.append(stem)
            if not replaced and tag != "NNS" and len(stem) > 2 and stem[-1] == stem[-2]:
                found.append(stem[:-1])  # a doubled consonant
    if tag == "NNS" and word in _ALIKE:
        found.append(word)
    # First those that lead back to the word: "racing" is of race, not of rac.
    return sorted(dict.fromkeys(found), key=lambda lemma: word not in forms(lemma, tag))


def forms(lemma: str, tag: str) -> list[str]:
    """The forms of a lemma that fit a tag, the usual one first; none where it has none ("more blue").

    Args:
        lemma: in lower case.
        tag: of the Penn Treebank; ValueError where it is no content word's.
    """
    part = _part(tag)
    if tag in _PLAIN:
        return [lemma]
    listed = _irregular().get((part, tag, lemma), ())
    found = [form for form in listed if form]
    if tag == "NNS" and lemma in _ALIKE:
        found.insert(0, lemma)
    if not listed or "" in listed or (tag == "NNS" and lemma.endswith(_FOREIGN)):
        regular = _regular(lemma, tag)
        found += [regular] if regular else []
    return list(dict.fromkeys(found))


def _regular(lemma: str, tag: str) -> str | None:
    if tag == "NNS" and lemma.endswith("man") and not lemma.endswith(_NO_MEN):
        return lemma[:-3] + "men"
    if tag in ("NNS", "VBZ"):
        if re.search("[^aeiou]y$", lemma):
            return lemma[:-1] + "ies"
        return lemma + ("es" if re.search("(s|x|z|ch|sh|[^aeiou]o)$", lemma) else "s")
    if tag == "VBG":
        if lemma.endswith("ie"):
            return lemma[:-2] + "ying"
        return (lemma[:-1] if re.search("[^eoy]e$", lemma) else _doubled(lemma)) + "ing"
    if tag in ("VBD", "VBN"):
        return _with_e(lemma) + "d"
    if _syllables(lemma) > (2 if lemma.endswith("y") else 1):
        return None
    return _with_e(lemma) + ("r" if tag in ("JJR", "RBR") else "st")


def _with_e(lemma: str) -> str:
    if lemma.endswith("e"):
        return lemma
    return (lemma[:-1] + "i" if re.search("[^aeiou]y$", lemma) else _doubled(lemma)) + "e"


def _doubled(lemma: str) -> str:
    """With its last letter twice after one short vowel: stop, stopp; WordNet lists the longer words."""
    return lemma + lemma[-1] if re.fullmatch("[^aeiou]*[aeiou][^aeiouwxy]", lemma) else lemma


def _syllables(lemma: str) -> int:
    return len(re.findall("[aeiouy]+", lemma.removesuffix("e")))


def _part(tag: str) -> str:
    if tag not in PART_OF_TAG:
        raise ValueError(f"{tag!r} is no tag of a content word; those are {', '.join(PART_OF_TAG)}")
    return PART_OF_TAG[tag]


@cache
def _irregular() -> dict[tuple[str, str, str], tuple[str, ...]]:
    """Forms by (part, tag, lemma); an empty one stands for the regular form."""
    found = {}
    text = resources.files("lsccli").joinpath("core", "scc", "data", "forms.txt").read_text("ascii")
    for line in text.splitlines():
        part, lemma, *told = line.split()
        for entry in told:
            tag, _, listed = entry.partition("=")
            found[part, tag, lemma] = tuple(listed.split(","))
    return found


@cache
def _lemmas_of() -> dict[tuple[str, str, str], list[str]]:
    """Lemmas by (part, tag, irregular form)."""
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for (part, tag, lemma), listed in _irregular().items():
        for form in listed:
            found[part, tag, form].append(lemma)
    return found
