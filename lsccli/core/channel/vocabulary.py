"""The words that Bob knows, and how often each is used.

Shipped are `storybook`, the words of the storybook's two dialects, learnt from captions of training scenes
(`training/tables.py`), and `english`, common English word forms with the storybook's words among them
(`training/english.py`, which names source and licence). A file of one's own has one word a line, with a count
after white space or without, which counts as 1.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsccli.core.channel.noise import Floats
from lsccli.core.errors import LscError, of_system

SHIPPED = ("storybook", "english")
# Counts above this would not be exact as floating-point numbers.
_MOST = 2**53


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """V words, the most frequent first; of equal ones the earlier in the file.

    Attributes:
        counts: how often each word is used.
        words: the words.
        company: (V, V) how often two words stand in one caption, in either order; None where not known.
        places: each word's place.
        share: (V,) P(w), its share of all uses.
        digest: SHA-256 of words and counts: what a vocabulary is known by.
    """

    counts: Mapping[str, int]
    company: NDArray[np.uint16] | None = None
    words: Sequence[str] = field(init=False)
    places: Mapping[str, int] = field(init=False)
    share: Floats = field(init=False)
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        counts = np.array(list(self.counts.values()), np.float64)
        text = "".join(f"{word} {count}\n" for word, count in self.counts.items())
        object.__setattr__(self, "words", tuple(self.counts))
        object.__setattr__(self, "places", {word: place for place, word in enumerate(self.counts)})
        object.__setattr__(self, "share", counts / counts.sum())
        object.__setattr__(self, "digest", "sha256:" + hashlib.sha256(text.encode()).hexdigest())


def known_words(digest: str | None, file: str | None) -> Vocabulary:
    """The vocabulary that settings call so; LscError for a file that is not named now, or has changed.

    Args:
        digest: see `digest_told`.
        file: where its words are, if they do not come with the package.
    """
    if digest is None:
        return shipped("storybook")
    if digest == shipped("english").digest:
        return shipped("english")
    if file is None:
        raise LscError(
            f"Bob's vocabulary {digest[:15]}… was a file. What was not sent yet needs it: "
            "lsc transmit … --vocabulary FILE"
        )
    found = from_file(Path(file))
    if found.digest != digest:
        raise LscError(f"--vocabulary {file}: the file has changed; start again.")
    return found


def chosen(option: str | None, profile: str) -> tuple[Vocabulary, str | None]:
    """The vocabulary that `--vocabulary` names, and its file where it does not come with the package.

    Without it Bob knows the words that his profile was made for: `storybook`, else `english`.
    """
    name = option if option is not None else "storybook" if profile == "storybook" else "english"
    if name.lower() in SHIPPED:
        return shipped(name.lower()), None
    path = Path(name).expanduser()
    found = from_file(path)
    # The same words are the same vocabulary; company counts come with the name, so a file has none.
    same = shipped("english")
    return (same, None) if found.digest == same.digest else (found, str(path))


def digest_told(known: Vocabulary) -> str | None:
    """What settings call a vocabulary: None the storybook's, any other by its digest."""
    return None if known is shipped("storybook") else known.digest


@cache
def shipped(name: str) -> Vocabulary:
    """A vocabulary of the package; it never changes, and a test pins its digest."""
    if name == "english":
        text = gzip.decompress(_data("english.txt.gz").read_bytes()).decode()
        return Vocabulary(_parsed(name, text.splitlines()))
    lines = _data("vocabulary.txt").read_text(encoding="utf-8").splitlines()
    with _data("pairs.npy").open("rb") as stream:
        return Vocabulary(_parsed(name, lines), np.load(stream))


def from_file(path: Path) -> Vocabulary:
    """The vocabulary of a file; LscError that names the first line that is wrong."""
    try:
        now = path.stat()
        return _read(path, now.st_mtime_ns, now.st_size)
    except FileNotFoundError as error:
        raise LscError(
            f"--vocabulary {path}: choose {', '.join(SHIPPED)}, or name a file of words."
        ) from error
    except UnicodeDecodeError as error:
        raise LscError(f"--vocabulary {path}: the file is not UTF-8 text.") from error
    except OSError as error:
        raise of_system(f"--vocabulary {path}: cannot be read", error) from error


@lru_cache(maxsize=16)
def _read(path: Path, changed: int, size: int) -> Vocabulary:
    # Read once for all packets, and again where time or size of the file have changed.
    return Vocabulary(_parsed(str(path), path.read_text(encoding="utf-8-sig").split("\n")))


def _parsed(name: str, lines: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    first: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        parts = line.split()
        if not parts:
            continue
        where = f"--vocabulary {name}, line {number}"
        if len(parts) > 2:
            raise LscError(
                f"{where}: give a word, and after white space a count or nothing: {line.strip()!r}."
            )
        word, count = parts[0], parts[1] if len(parts) > 1 else "1"
        if not (count.isascii() and count.isdigit() and len(count) < 17 and 1 <= int(count) <= _MOST):
            raise LscError(f"{where}: the count {count!r} is no whole number from 1 to 2^53.")
        if word in counts:
            raise LscError(f"{where}: {word!r} stands in line {first[word]} already.")
        counts[word], first[word] = int(count), number
    if not counts:
        raise LscError(f"--vocabulary {name}: there is no word in it.")
    return dict(sorted(counts.items(), key=lambda entry: -entry[1]))


def _data(name: str) -> Traversable:
    return resources.files("lsccli").joinpath("core", "channel", "data", name)
