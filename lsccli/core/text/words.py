"""A caption's words, and how anything else (tokens of a model, of a parser) lines up with them."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Span = tuple[int, int]

_TOKEN = re.compile(r"\S+")
# After a character it asks for the picture: U+203C alone is two exclamation marks, with it an emoji.
_EMOJI_STYLE = "\ufe0f"
# Format characters (category Cf) that are seen: Arabic, Syriac and Kaithi marks that span numbers.
_SEEN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
# Seen by nobody though of another category: Unicode's other default ignorable characters.
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
_SELECTORS = frozenset(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
_JOINERS = "\u200c\u200d"
_BLACK_FLAG, _FIRST_TAG, _LAST_TAG = "\U0001f3f4", "\U000e0020", "\U000e007f"


@dataclass(frozen=True)
class Word:
    """One word and where it stands: `text` is the caption's characters from `start` up to `end`."""

    text: str
    start: int
    end: int


def split_words(caption: str) -> tuple[Word, ...]:
    """The words of a caption: split at white space, outer punctuation stripped, case kept.

    Punctuation is what Unicode (category P) or ASCII (`string.punctuation`) calls so; emoji are not.
    Format characters that nobody sees (U+00AD, U+200B, …) are stripped too, except where they change the
    character before them. A token of nothing but these is no word. Marks inside a word stay: "t-shirt".
    """
    words = []
    for token in _TOKEN.finditer(caption):
        start, end = token.span()
        while start < end and _outer(caption, start, start, end):
            start += 1
        while start < end and _outer(caption, start, end - 1, end):
            end -= 1
        if start < end:
            words.append(Word(caption[start:end], start, end))
    return tuple(words)


def align(words: Sequence[Word], spans: Sequence[Span]) -> list[list[int]]:
    """For each word the indices of the spans (start, end) that share a character with it.

    Empty spans, as tokenizers give to their special tokens, belong to no word.
    """
    return [
        [index for index, (start, end) in enumerate(spans) if max(start, word.start) < min(end, word.end)]
        for word in words
    ]


def joined(words: Sequence[str]) -> tuple[str, tuple[Word, ...]]:
    """The words joined by single spaces, and each word with its place in that text."""
    placed = []
    start = 0
    for word in words:
        placed.append(Word(word, start, start + len(word)))
        start += len(word) + 1
    return " ".join(words), tuple(placed)


def window_of(tokenizer: Any, config: Any) -> int:
    """How many tokens a text model reads: the narrower of its tokenizer and its positions."""
    # Some tokenizers have no limit of their own (10^30), some models no table of positions (T5).
    positions = getattr(config, "max_position_embeddings", tokenizer.model_max_length)
    return int(min(tokenizer.model_max_length, positions))


def encode(tokenizer: Any, words: Sequence[str], window: int) -> tuple[list[int], list[list[int]]]:
    """Token ids of the words joined by single spaces, and per word the positions of its tokens.

    The ids have the special tokens and are cut at `window`. A word of which any token lies beyond it is not
    seen, nor are those after it: they have no tokens.
    """
    text, placed = joined(words)
    whole = tokenizer(text, return_offsets_mapping=True, verbose=False)
    needed = [len(tokens) for tokens in align(placed, whole["offset_mapping"])]
    cut = tokenizer(text, return_offsets_mapping=True, truncation=True, max_length=window)
    groups = align(placed, cut["offset_mapping"])
    for word, tokens in enumerate(groups):
        if len(tokens) < needed[word]:
            groups[word:] = [[] for _ in groups[word:]]
            break
    return list(cut["input_ids"]), groups


def _outer(caption: str, start: int, index: int, end: int) -> bool:
    """Whether the character is one to strip from the end of a word."""
    character = caption[index]
    if _invisible(character):
        return not _changes(caption[start:index], character)
    if caption[index + 1 : end].startswith(_EMOJI_STYLE):
        return False
    return character in string.punctuation or unicodedata.category(character).startswith("P")


def _invisible(character: str) -> bool:
    return (
        (unicodedata.category(character) == "Cf" and character not in _SEEN)
        or character in _FILLERS
        or character in _SELECTORS
    )


def _changes(before: str, character: str) -> bool:
    """Whether an invisible character changes how what is before it in its word looks."""
    if not before or _invisible(before[-1]):
        # The flag of Scotland is a black flag and six tags, which name it.
        flag, tags = before.rpartition(_BLACK_FLAG)[1:]
        is_tag = _FIRST_TAG <= character <= _LAST_TAG
        return bool(flag) and is_tag and all(_FIRST_TAG <= tag <= _LAST_TAG for tag in tags)
    if character in _SELECTORS:
        return True
    if _FIRST_TAG <= character <= _LAST_TAG:
        return before.endswith(_BLACK_FLAG)
    # After a virama (combining class 9) they choose the letter's form; a joiner does so after Arabic ones.
    return character in _JOINERS and (
        unicodedata.combining(before[-1]) == 9
        or (character == "\u200d" and unicodedata.bidirectional(before[-1]) == "AL")
    )
