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
# Written by some tools at the ends of a line; seen by nobody.
_INVISIBLE = frozenset("\u200b\u200e\u200f\u2060\ufeff")
# After a character it asks for the picture: U+203C alone is two exclamation marks, with it an emoji.
_EMOJI_STYLE = "\ufe0f"


@dataclass(frozen=True)
class Word:
    """One word and where it stands: `text` is the caption's characters from `start` up to `end`."""

    text: str
    start: int
    end: int


def split_words(caption: str) -> tuple[Word, ...]:
    """The words of a caption: split at white space, outer punctuation stripped, case kept.

    Punctuation is what Unicode (category P) or ASCII (`string.punctuation`) calls so; emoji are not.
    A token of nothing but punctuation is no word. Marks inside a word stay: "t-shirt", "man's".
    """
    words = []
    for token in _TOKEN.finditer(caption):
        start, end = token.span()
        while start < end and _outer(caption, start, end):
            start += 1
        while start < end and _outer(caption, end - 1, end):
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


def _outer(caption: str, index: int, end: int) -> bool:
    """Whether the character is one to strip from the end of a word."""
    character = caption[index]
    if caption[index + 1 : end].startswith(_EMOJI_STYLE):
        return False
    return (
        character in string.punctuation
        or character in _INVISIBLE
        or unicodedata.category(character).startswith("P")
    )
