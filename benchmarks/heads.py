"""How many heads of captions parsers find, and how many of what they find are heads.

    python -m benchmarks.heads [--errors] [--conversion N] [--file FILE | --flickr8k FILE] [PARSER]...

Over the 300 captions marked by hand in tests/core/text/data/heads.txt, or those of another such file; with
--flickr8k over 300 that other people wrote, whose text is in your own Flickr8k.token.txt and whose heads
are in flickr8k.tsv beside heads.txt. PARSER is what a profile may name (`[parser] model`), by default the
one of the profiles that ship. Precision is the share of the heads found that are marked, recall the share
of the marked that are found, both with Wilson's 95 % interval over heads. Heads lie nested in captions,
which that interval ignores; the last column is over captions, the share without any error. What finds heads
without any tree stands below: each word that is tagged a noun or a verb. Further parsers are compared with
the first. With --errors each caption that is read wrongly, `-word` missed and `+word` taken for a head.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lsccli.core.models.roles import ParserRole
from lsccli.core.report.inference import wilson
from lsccli.core.text.parse import Parser
from lsccli.core.text.words import split_words

FILE = Path(__file__).resolve().parent.parent / "tests" / "core" / "text" / "data" / "heads.txt"
FLICKR8K = FILE.with_name("flickr8k.tsv")
# Captions that were noticed because the default parser misread them: told apart, for they were chosen by it.
KNOWN = (
    "people* walking* down a busy street*",
    "a yellow bus* drives* past a tall tree*",
    "a horse* grazes* in the field*",
    "three men* and a woman* ride* bicycles",
)


@dataclass(frozen=True)
class Marked:
    """A caption whose heads are marked.

    Attributes:
        kind: what it was written as an example of.
        words: as `split_words` has them.
        heads: indices of the words that carry a star.
    """

    kind: str
    caption: str
    words: tuple[str, ...]
    heads: frozenset[int]


def read_marked(line: str, kind: str = "") -> Marked:
    """The caption in which a star stands behind each head."""
    caption = line.replace("*", "")
    words = split_words(caption)
    # The stars before a word's end, and the one right behind it, shift what stands where.
    heads, seen = set(), 0
    for index, word in enumerate(words):
        if line[word.end + seen : word.end + seen + 1] == "*":
            heads.add(index)
            seen += 1
    if seen != line.count("*"):
        raise ValueError(f"a star stands behind no word in {line!r}")
    return Marked(kind, caption, tuple(word.text for word in words), frozenset(heads))


def marked(file: Path = FILE) -> list[Marked]:
    """The captions of a file, in which `[kind]` stands before those of a kind and # before comments."""
    found, kind = [], ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            kind = line.strip("[]")
        elif line and not line.startswith("#"):
            found.append(read_marked(line, kind))
    return found


def digest(caption: str) -> str:
    """What stands for a caption where its text may not: the first 12 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(caption.encode()).hexdigest()[:12]


def flickr8k(tokens: Path, marks: Path = FLICKR8K) -> tuple[list[Marked], list[str]]:
    """The marked captions of one's own Flickr8k.token.txt, and which are missing or of another text."""
    lines = tokens.read_text(encoding="utf-8").split("\n")
    captions = {name: caption.strip() for name, _, caption in (line.partition("\t") for line in lines)}
    found, unfit = [], []
    for line in marks.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, marked_as, heads = line.split("\t")
        caption = captions.get(name, "")
        if digest(caption) == marked_as:
            words = tuple(word.text for word in split_words(caption))
            found.append(Marked("", caption, words, frozenset(map(int, heads.split()))))
        else:
            unfit.append(name)
    return found, unfit


@dataclass(frozen=True)
class Tally:
    """What a parser made of some captions: heads found, missed and made up, which captions have no error."""

    found: int
    missed: int
    extra: int
    whole: tuple[bool, ...]

    @property
    def precision(self) -> float:
        """Of the heads found, the share that is marked."""
        return self.found / max(1, self.found + self.extra)

    @property
    def recall(self) -> float:
        """Of the marked heads, the share that is found."""
        return self.found / max(1, self.found + self.missed)


def tally(captions: Sequence[Marked], heads: Sequence[Sequence[int]]) -> Tally:
    """Marked heads against those that a parser finds, per caption the indices."""
    pairs = [(one.heads, frozenset(got)) for one, got in zip(captions, heads, strict=True)]
    return Tally(
        sum(len(want & got) for want, got in pairs),
        sum(len(want - got) for want, got in pairs),
        sum(len(got - want) for want, got in pairs),
        tuple(want == got for want, got in pairs),
    )


def share(hits: int, misses: int) -> str:
    """A share in percent with its interval."""
    if not hits + misses:
        return "–"
    found = wilson(np.repeat([1.0, 0.0], [hits, misses]))
    return f"{100 * found.mean:.1f} [{100 * found.low:.1f}, {100 * found.high:.1f}]"


def cells(made: Tally) -> list[str]:
    """Precision, recall and captions without error, as a row has them."""
    right = sum(made.whole)
    return [
        share(made.found, made.extra),
        share(made.found, made.missed),
        share(right, len(made.whole) - right),
    ]


def by_tags(tags: Sequence[Sequence[str]]) -> list[int]:
    """The words with a token that is tagged a noun or a verb."""
    return [index for index, own in enumerate(tags) if any(tag[:2] in ("NN", "VB") for tag in own)]


def apart(first: Tally, other: Tally) -> str:
    """Captions that only one of two parsers misreads, and p by an exact sign test over these."""
    from scipy.stats import binomtest

    pairs = list(zip(first.whole, other.whole, strict=True))
    one, two = sum(not a and b for a, b in pairs), sum(a and not b for a, b in pairs)
    p = binomtest(one, one + two).pvalue if one + two else 1.0
    return f"read wrongly only by the first {one}, only by this one {two}, p {p:.2f}"


def difference(one: Marked, got: Sequence[int]) -> str:
    """What a parser missed and made up in a caption; empty where nothing."""
    missed = [f"-{one.words[index]}" for index in sorted(one.heads - set(got))]
    extra = [f"+{one.words[index]}" for index in sorted(set(got) - one.heads)]
    return " ".join([*missed, *extra])


def main() -> None:
    """Print a table of Markdown for each parser, the known errors, and how long it took."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ask.add_argument("parsers", nargs="*", metavar="PARSER", default=[ParserRole().model])
    ask.add_argument("--errors", action="store_true", help="Name each caption that is read wrongly.")
    ask.add_argument("--conversion", type=int, default=1, help="Edition of the conversion, 1 or 2.")
    source = ask.add_mutually_exclusive_group()
    source.add_argument("--file", type=Path, default=FILE, help="Captions with stars behind their heads.")
    source.add_argument("--flickr8k", type=Path, metavar="FILE", help="Your own Flickr8k.token.txt.")
    asked = ask.parse_args()
    captions, unfit = flickr8k(asked.flickr8k) if asked.flickr8k else (marked(asked.file), [])
    if not captions:
        ask.error(f"{asked.flickr8k} has none of the captions of {FLICKR8K.name}")
    if unfit:
        print(f"Left out, missing or of another text than was marked: {', '.join(unfit)}.")
    known = [read_marked(line) for line in KNOWN]
    first: Tally | None = None
    for name in asked.parsers:
        begun = time.perf_counter()
        parser = Parser(name, asked.conversion)
        parses = parser.parse([one.caption for one in captions])
        heads = [parse.heads for parse in parses]
        took = time.perf_counter() - begun
        print(f"\n{name} ({parser.version[:40]}), {len(captions)} captions in {took:.1f} s with loading\n")
        print(
            "| kind | captions | heads | precision | recall | captions without error |\n" + "|---" * 6 + "|"
        )
        for kind in (*dict.fromkeys(one.kind for one in captions if one.kind), ""):
            at = [index for index, one in enumerate(captions) if kind in ("", one.kind)]
            made = tally([captions[index] for index in at], [heads[index] for index in at])
            row = [kind or "**all**", str(len(at)), str(made.found + made.missed), *cells(made)]
            print(f"| {' | '.join(row)} |")
        plain = tally(captions, [by_tags(parse.tags) for parse in parses])
        print(f"| all, by tags alone | {len(captions)} | {plain.found + plain.missed} | ", end="")
        print(f"{' | '.join(cells(plain))} |")
        whole = tally(captions, heads)
        if first is not None:
            print(f"\nOf {len(captions)} captions {apart(first, whole)}.")
        first = first or whole
        print("\n| known from use | what is wrong |\n|---|---|")
        for one, parse in zip(known, parser.parse([one.caption for one in known]), strict=True):
            print(f"| {one.caption} | {difference(one, parse.heads) or 'nothing'} |")
        if asked.errors:
            print("\n| caption | kind | what is wrong |\n|---|---|---|")
            for one, got in zip(captions, heads, strict=True):
                if told := difference(one, got):
                    print(f"| {one.caption} | {one.kind} | {told} |")


if __name__ == "__main__":
    main()
