"""What semantic channel coding finds to replace, and how close in meaning it is; on the storybook.

python -m benchmarks.scc
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from lsccli.core.channel.settings import SCC_RULES, resolved
from lsccli.core.channel.vocabulary import shipped
from lsccli.core.models import Models, resolve_compute
from lsccli.core.profile import load_profile
from lsccli.core.text import thesaurus
from lsccli.core.text.inflect import PART_OF_TAG, forms, lemmas
from training import lexicon

CAPTIONS = Path(__file__).resolve().parent.parent / "examples" / "storybook" / "captions.txt"
MEANINGS = (lexicon.KIND_OF, lexicon.COLOUR_OF, lexicon.SIZE_OF, lexicon.ACTION_OF, lexicon.PLACE_OF)


def meanings(word: str) -> set[tuple[int, str]]:
    """The constants of the world that a word names."""
    return {(number, names[word]) for number, names in enumerate(MEANINGS) if word in names}


def related(known: frozenset[str]) -> dict[tuple[str, str], bool]:
    """Pairs of known words that WordNet relates in some form, and whether they mean the same in the world."""
    found = {}
    for word in known:
        for tag in PART_OF_TAG:
            for lemma in lemmas(word, tag):
                for other in thesaurus.alternatives(lemma, PART_OF_TAG[tag]):
                    for form in forms(other.lemma, tag):
                        if form in known and form != word and meanings(word) and meanings(form):
                            found[min(word, form), max(word, form)] = bool(meanings(word) & meanings(form))
    return found


def report(name: str, models: Models, texts: list[str], rule: str) -> None:
    """Print what a rule replaces in these captions."""
    coder = models.semantic_coder(resolved(scc=rule))
    words = [word for row in coder.captions(texts, models.parser) for word in row]
    content = [word for word in words if word.part]
    replaced = [word for word in content if word.sent != word.word]
    letters = sum(len(word.word) for word in words) / len(texts)
    more = sum(len(word.sent) - len(word.word) for word in words) / len(texts)
    share = f"{len(replaced)} of {len(content)} content words replaced ({len(replaced) / len(content):.1%})"
    print(f"{name}, --scc {rule}: {share}; {more:+.2f} letters a caption, which has {letters:.1f}")
    counts = Counter(f"{word.word} {word.sent}" for word in replaced).most_common(24)
    print("   ", ", ".join(f"{pair} {count}" for pair, count in counts))
    kept = Counter(f"{word.word} ({word.reason})" for word in content if word.sent == word.word)
    print("    stay:", ", ".join(f"{word} {count}" for word, count in kept.most_common(24)))


def main() -> None:
    """Print cosines of related words, and what each rule replaces in the captions of the example scenes."""
    models = Models(load_profile("storybook"), resolve_compute("cpu", "auto", "auto"))
    pairs = related(frozenset(shipped("storybook").words))
    models.word_states.learn({word for pair in pairs for word in pair})
    for truth, name in ((True, "one meaning"), (False, "another")):
        cosines = sorted((models.word_states.cosine(*pair), pair) for pair in pairs if pairs[pair] is truth)
        ends = " and ".join("/".join(pair) for _, pair in (cosines[0], cosines[-1]))
        print(f"{name}: {len(cosines)} pairs, cosine {cosines[0][0]:.3f} to {cosines[-1][0]:.3f}; {ends}")
    with CAPTIONS.open(encoding="utf-8") as stream:
        rows = [(line["image"], line["caption"]) for line in csv.DictReader(stream)]
    for rule in SCC_RULES:
        report("all captions", models, [text for _, text in rows], rule)
        report("first captions", models, list(dict(reversed(rows)).values()), rule)


if __name__ == "__main__":
    main()
