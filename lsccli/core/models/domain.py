"""What the models of a profile were made for, and how to tell what is not that.

A model that is shown something else does not fail, it answers: a captioner of drawn scenes says "big" thirty
times of a photograph. What is found here is said when it happens, and again under the tables.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from lsccli.core.channel.vocabulary import shipped
from lsccli.core.models.roles import DomainRole

# No wonder that these come often.
_SMALL = {
    *("a", "an", "and", "are", "at", "by", "her", "his", "in", "is", "it", "its", "of", "on", "or", "the"),
    *("their", "to", "up", "with"),
}
_TIMES, _SHARE = 4, 0.2
_IN_A_ROW, _LONGEST = 3, 4
# A caption has gone astray where more of its words are unknown than this.
UNKNOWN = 0.25


def repeated(words: Sequence[str]) -> tuple[str, int] | None:
    """What a caption says over and over, and how often it says it; None for an ordinary caption.

    That is one to four words three times in a row, or a word (but for such as "the") that comes four times
    or more and is a fifth of the caption.
    """
    told = [word.casefold() for word in words]
    for length in range(1, _LONGEST + 1):
        for start in range(len(told) - _IN_A_ROW * length + 1):
            phrase = told[start : start + length]
            if told[start : start + _IN_A_ROW * length] == phrase * _IN_A_ROW:
                if length == 1:
                    return phrase[0], told.count(phrase[0])
                times = _IN_A_ROW
                while told[start + times * length : start + (times + 1) * length] == phrase:
                    times += 1
                return " ".join(phrase), times
    often = max(set(told) - _SMALL, key=lambda word: (told.count(word), word), default="")
    times = told.count(often)
    return (often, times) if times >= _TIMES and times >= _SHARE * len(told) else None


def unknown_words(words: Sequence[str], known: Collection[str]) -> list[str]:
    """The words of a caption that are not known, where these are more than a quarter of it; else none."""
    unknown = [word for word in words if word.casefold() not in known]
    return unknown if len(unknown) > UNKNOWN * len(words) else []


def about_captions(
    domain: DomainRole | None, captioner: str, captions: Collection[Sequence[str]], *, by_people: bool
) -> list[str]:
    """What is to be said of the words of a captioner's captions, a line each.

    A model that repeats itself is lost, whatever it was made for; people may repeat what they like. Words are
    looked up where the profile says which its models know.
    """
    lines = []
    if not by_people and (loops := [found for words in captions if (found := repeated(words))]):
        word, times = max(loops, key=lambda loop: loop[1])
        lines.append(
            f"{_of(loops, captions, 'caption')} by {captioner} with the same over and over, such as {word!r} "
            f"{times} times: the captioner makes nothing of these images, and their scores mean little."
        )
    if domain is not None and domain.vocabulary is not None:
        known = frozenset(shipped(domain.vocabulary).words)
        strange = [unknown for words in captions if (unknown := unknown_words(words, known))]
        if strange:
            some = list(dict.fromkeys(word for unknown in strange for word in unknown))[:3]
            lines.append(
                f"{_of(strange, captions, 'caption')} by {captioner} with words that these models do not "
                f"know, such as {', '.join(map(repr, some))}: their scores mean little."
            )
    return lines


def about_pictures(domain: DomainRole | None, textures: Collection[float]) -> list[str]:
    """What is to be said of images of these textures (see `lsccli.core.data.texture`), a line each."""
    if domain is None:
        return []
    odd = [value for value in textures if not domain.texture_low <= value <= domain.texture_high]
    if not odd:
        return []
    return [
        f"{_of(odd, textures, 'image')} unlike {domain.pictures}, which is what these models were made for: "
        "their scores mean little."
    ]


def _of(some: Collection[object], every: Collection[object], noun: str) -> str:
    return f"{len(some)} of {len(every)} {noun}{'s' * (len(every) != 1)}"
