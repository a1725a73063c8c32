"""The synonyms of semantic channel coding: WordNet 3.0, cut down to its single words and their common senses.

    python -m training.wordnet DICT LICENCE

DICT holds WordNet's database (data.*, index.*, *.exc, cntlist.rev; in Debian's wordnet-base), LICENCE is its
licence: the head of each of these files.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "lsccli" / "core" / "text" / "data"
PARTS = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
# A sense is common if it is the word's first, or has this share of its tagged uses; or, of a word with fewer
# tagged uses than RARE, where such a share is less than half a use, if it is among the first FIRST.
SHARE = 0.05
RARE = 10
FIRST = 3
# Verbs whose forms are all alike, which are no exceptions to WordNet.
UNCHANGED = """
    bet burst cast cost cut forecast hit hurt input let output put quit read reset rid set shed shut slit
    split spread sublet thrust undercut upset wed
"""
# Verbs with a regular past beside WordNet's irregular one.
ALSO_REGULAR = """
    abide address bless burn bypass clothe curse dive dream dwell floodlight gild gird hang heave kneel lean
    leap learn light misspell overspill shine skydive smell sneak spell spill spoil spotlight stave transfix
    unclothe unlearn wake work
"""

Senses = dict[tuple[str, str], list[tuple[str, int]]]


@dataclass
class Synset:
    """One meaning: its words as written, and pointers (symbol, part, offset) to other meanings."""

    words: list[str]
    pointers: list[tuple[str, str, str]]


def read_synsets(folder: Path) -> dict[tuple[str, str], Synset]:
    """All meanings by (part, offset); see wndb(5WN)."""
    found = {}
    for part, name in PARTS.items():
        for line in lines(folder / f"data.{name}"):
            fields = line.split("|")[0].split()
            end = 4 + 2 * int(fields[3], 16)
            words = [re.sub(r"\(.*", "", word) for word in fields[4:end:2]]
            rest = fields[end + 1 : end + 1 + 4 * int(fields[end])]
            # A satellite adjective (s) is an adjective.
            pointers = [(rest[i], rest[i + 2].replace("s", "a"), rest[i + 1]) for i in range(0, len(rest), 4)]
            found[part, fields[0]] = Synset(words, pointers)
    return found


def read_senses(folder: Path) -> Senses:
    """Offsets of each (lemma, part), the most frequent first, with how often each is tagged."""
    tagged: Counter[tuple[str, str, int]] = Counter()
    for line in lines(folder / "cntlist.rev"):
        sense, number, count = line.split()
        lemma, rest = sense.split("%")
        tagged[lemma, "nvara"[int(rest[0]) - 1], int(number)] += int(count)
    found: Senses = {}
    for part, name in PARTS.items():
        for line in lines(folder / f"index.{name}"):
            fields = line.split()
            offsets = fields[-int(fields[2]) :]
            found[fields[0], part] = [
                (offset, tagged[fields[0], part, place]) for place, offset in enumerate(offsets, start=1)
            ]
    return found


def common(senses: Sequence[tuple[str, int]]) -> Iterator[str]:
    """Offsets of a word's common senses."""
    total = sum(count for _, count in senses)
    for place, (offset, count) in enumerate(senses):
        few = total < RARE and place < FIRST
        if place == 0 or few or 0 < SHARE * total <= count:
            yield offset


def meanings(folder: Path) -> list[str]:
    """A line per meaning: its words | those above it | nouns of the same spelling tied to an adjective.

    Above are hypernyms, and what an adjective is similar to. Lines of one part of speech stand together below
    `@part`; other lines are named by the distance to them.
    """
    synsets = read_synsets(folder)
    members: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (lemma, part), senses in sorted(read_senses(folder).items()):
        for offset in common(senses):
            # A proper name is written with a capital.
            if re.fullmatch("[a-z]{2,}", lemma) and lemma in synsets[part, offset].words:
                members[part, offset].append(lemma)
    above: dict[tuple[str, str], list[tuple[str, str]]] = {}
    alike: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for place, words in members.items():
        wanted = {"n": "@", "v": "@", "a": "&"}.get(place[0])
        pointers = [(symbol, (part, offset)) for symbol, part, offset in synsets[place].pointers]
        above[place] = [other for symbol, other in pointers if symbol == wanted and other in members]
        nouns = [other for symbol, other in pointers if symbol == "+" and place[0] == "a" and other[0] == "n"]
        alike[place] = sorted({other for other in nouns if set(members.get(other, ())) & set(words)})
    kept = {place for place, words in members.items() if len(words) > 1 or above[place] or alike[place]}
    kept |= {other for place in list(kept) for other in above[place] + alike[place]}
    order = sorted(kept, key=lambda place: ("nvar".index(place[0]), place[1]))
    row = {place: number for number, place in enumerate(order)}
    written = []
    for number, place in enumerate(order):
        if number == 0 or order[number - 1][0] != place[0]:
            written.append(f"@{place[0]}")
        others = [[str(row[other] - number) for other in group] for group in (above[place], alike[place])]
        line = "|".join(" ".join(group) for group in (members[place], *others))
        written.append(line.rstrip("|"))
    return written


def exceptions(folder: Path, part: str) -> dict[str, list[str]]:
    """Irregular forms by lemma, single words only."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in lines(folder / f"{PARTS[part]}.exc"):
        form, *lemmas = line.split()
        for lemma in lemmas:
            if form != lemma and form.isalpha() and lemma.isalpha():
                found[lemma].append(form)
    return found


def verb_forms(lemma: str, irregular: Iterable[str]) -> dict[str, list[str]]:
    """Past (VBD), participle (VBN), -ing (VBG), third person (VBZ), the first of each the usual one."""
    forms = list(irregular)
    found = {
        "VBG": [form for form in forms if form.endswith("ing")],
        "VBZ": [form for form in forms if form.endswith("s")],
    }
    past = [form for form in forms if not form.endswith(("ing", "s"))]
    twin = {re.sub("a(?=[a-z]+$)", "u", form) for form in past if "a" in form}
    passive = [form for form in past if form in twin] if len(past) > 1 else []
    if not passive:
        passive = [form for form in past if re.search("(n|ne)$", form) and form not in ("won", "shone")]
        passive = [form for form in passive if not form.endswith("ran")]
    active = [form for form in past if form not in passive and not (passive and form.endswith("en"))]
    if not active and passive:  # beat, beaten; otherwise mowed, mown
        active = [lemma] if lemma.endswith(("beat", "bid")) else []
    elif active and not passive:  # came, come; ran, run; otherwise kept, kept
        same = active[0].endswith(("came", "ran"))
        passive = [lemma] if same else active
    if lemma == "get":
        passive = [*passive, *active]
    if lemma in ALSO_REGULAR.split():
        active, passive = [*active, ""], [*passive, ""]
    found |= {"VBD": active, "VBN": passive if active or not passive else [*passive, ""]}
    return {tag: forms for tag, forms in found.items() if forms}


def irregular(folder: Path, known: Mapping[str, set[str]]) -> list[str]:
    """A line per lemma: part, lemma, then TAG=form,form; a form left empty is the regular one."""
    written = []
    for part in PARTS:
        own = exceptions(folder, part)
        if part == "v":
            own.pop("be", None)  # has a form per person, and is no content word
            own.pop("may", None)
        rows: dict[str, dict[str, list[str]]] = {}
        for lemma, forms in own.items():
            if part == "n":
                rows[lemma] = {"NNS": forms}
            elif part == "v":
                rows[lemma] = verb_forms(lemma, forms)
            else:
                tags = {"a": ("JJR", "JJS"), "r": ("RBR", "RBS")}[part]
                ends = {tags[0]: "r", tags[1]: "t"}
                rows[lemma] = {
                    tag: [form for form in forms if form.endswith(end)] for tag, end in ends.items()
                }
        if part == "v":
            for lemma in UNCHANGED.split():
                rows.setdefault(lemma, {}).update({"VBD": [lemma], "VBN": [lemma]})
        for lemma, tags_of in sorted(rows.items()):
            told = [f"{tag}={','.join(forms)}" for tag, forms in tags_of.items() if forms]
            if lemma in known[part] and told:
                written.append(" ".join([part, lemma, *told]))
    return written


def lines(path: Path) -> Iterator[str]:
    """Lines of a file of WordNet, without its licence, which is indented."""
    with path.open(encoding="latin-1") as stream:
        yield from (line.rstrip("\n") for line in stream if not line.startswith("  "))


def main(folder: Path, licence: Path) -> None:
    """Write `synonyms.txt`, `forms.txt` and `WORDNET-LICENSE.txt`."""
    FOLDER.mkdir(exist_ok=True)
    table = meanings(folder)
    known: dict[str, set[str]] = {part: set() for part in PARTS}
    part = ""
    for line in table:
        if line.startswith("@"):
            part = line[1:]
        else:
            known[part] |= set(line.split("|")[0].split())
    for name, rows in (("synonyms", table), ("forms", irregular(folder, known))):
        (FOLDER / f"{name}.txt").write_text("\n".join(rows) + "\n", encoding="ascii")
    shutil.copyfile(licence, FOLDER / "WORDNET-LICENSE.txt")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
