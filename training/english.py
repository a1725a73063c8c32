"""The vocabulary `english`: common English word forms with counts, the storybook's words among them.

    pip download symspellpy==6.10.1 --no-deps && python -m training.english symspellpy-6.10.1-py3-none-any.whl

The list is the frequency dictionary that SymSpell ships (MIT; counts of Google Books Ngrams, CC BY 3.0, for
the words that SCOWL has). The most frequent are kept, counts in units of 100,000.
"""

from __future__ import annotations

import gzip
import sys
import zipfile
from pathlib import Path

from training.tables import FOLDER

WORDS = 16_000
UNIT = 100_000
_FILE = "symspellpy/frequency_dictionary_en_82_765.txt"


def chosen(text: str, needed: list[str]) -> dict[str, int]:
    """The most frequent words of `word count` lines, and those needed; the most frequent first."""
    counts = {word: int(count) for word, count in (line.split() for line in text.splitlines())}
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    words = [*ordered[:WORDS], *(word for word in needed if word not in ordered[:WORDS])]
    scaled = {word: max(1, round(counts.get(word, 0) / UNIT)) for word in words}
    return dict(sorted(scaled.items(), key=lambda entry: (-entry[1], -counts.get(entry[0], 0), entry[0])))


def main() -> None:
    """Write `english.txt.gz`."""
    with zipfile.ZipFile(Path(sys.argv[1])) as wheel:
        text = wheel.read(_FILE).decode("utf-8-sig")
    lines = (FOLDER / "vocabulary.txt").read_text(encoding="utf-8").splitlines()
    words = chosen(text, [line.split()[0] for line in lines])
    data = "".join(f"{word} {count}\n" for word, count in words.items()).encode()
    (FOLDER / "english.txt.gz").write_bytes(gzip.compress(data, mtime=0))
    print(f"{len(words)} words, {len(data)} bytes")


if __name__ == "__main__":
    main()
