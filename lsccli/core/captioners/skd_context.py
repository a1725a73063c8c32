"""SKD in context, as published: a chat model hears how Alice and Bob caption, and says hers as Bob would."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from lsccli.core.captioners.base import DEFAULT, captioner, clean
from lsccli.core.captioners.blip import BlipCaptioner
from lsccli.core.captioners.clip import ClipCaptioner
from lsccli.core.data.pictures import AT_MOST, decode
from lsccli.core.data.teaching import read_teacher, teachers
from lsccli.core.models.chat import Message, open_chat
from lsccli.core.models.profile import Profile
from lsccli.core.registry.base import NAM_2024, PluginError
from lsccli.core.text.words import split_words

if TYPE_CHECKING:
    from PIL.Image import Image

# The prompt is part of the request: whoever changes a word of it raises the captioner's version.
_TASK = (
    "Alice and Bob caption images in different words. You are told what Alice says of an image, and say what "
    "Bob would say of it: the same meaning, nothing added, nothing left out, in his words and his order of "
    "words. Answer with that one caption on one line, and nothing else."
)
_AGAIN = "That is not it: {reason}. Answer with Bob's caption alone, on one line."
_LIST = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s")
_QUOTES = ('""', "''", "“”", "‘’", "``")
_TRIES = 3
# Pictures that teach in memory at once.
_AT_ONCE = 64


@captioner(
    "skd-context",
    summary="Alice's captions rewritten as Bob would say them by a chat model that has seen pairs (SKD)",
    roles=("captioner", "bob_captioner", "chat", "pairs"),
    reads=(DEFAULT,),
    source=NAM_2024,
)
class ContextCaptioner:
    """In-context learning: pairs of captions of the same images as turns of a chat, then Alice's caption.

    The pairs are what the captioners blip and clip say of the images that the role `pairs` names. An answer
    is one line, no list, of a sane length, and with `strict` of words that the caption or a pair has; what is
    none is sent back with the reason, twice.
    """

    def __init__(self, profile: Profile, device: str, dtype: str, batch_size: int) -> None:
        role = profile.need("pairs")
        self._chat = open_chat(profile.need("chat"), device, dtype)
        files = teachers(role.data, role.shots, split=role.split)
        how = (profile, device, dtype, batch_size)
        captioners = [make(*how) for make in (BlipCaptioner, ClipCaptioner)] if files else []
        alice, bob = list[str](), list[str]()
        for start in range(0, len(files), _AT_ONCE):
            part = files[start : start + _AT_ONCE]
            images = [decode(read_teacher(key, path), at_most=AT_MOST) for key, path in part]
            for captioner_, texts in zip(captioners, (alice, bob), strict=True):
                texts += [clean(text) for text in captioner_.caption(images)]
        self._turns = [Message(role="system", content=_TASK)]
        for hers, his in zip(alice, bob, strict=True):
            self._turns += [Message(role="user", content=hers), Message(role="assistant", content=his)]
        self._known = words_of([*alice, *bob]) if role.strict else None
        # A batch in which one caption fails is asked for again, each image alone: nothing is asked twice.
        self._answers: dict[str, str | PluginError] = {}

    def caption(self, images: Sequence[Image], heard: Mapping[str, Sequence[str]]) -> list[str]:
        """Alice's captions as Bob would say them; PluginError where the model gives none."""
        return [self._rewritten(text) for text in heard[DEFAULT]]

    def _rewritten(self, text: str) -> str:
        if text not in self._answers:
            try:
                self._answers[text] = self._asked(text)
            except PluginError as error:
                self._answers[text] = error
        found = self._answers[text]
        if isinstance(found, PluginError):
            raise found
        return found

    def _asked(self, text: str) -> str:
        turns = [*self._turns, Message(role="user", content=text)]
        allowed = None if self._known is None else self._known | words_of([text])
        answer = reason = ""
        for _ in range(_TRIES):
            answer, whole = self._chat.answer(turns)
            found, reason = read_answer(answer, text, allowed) if whole else ("", "it is cut off")
            if found:
                return found
            again = Message(role="user", content=_AGAIN.format(reason=reason))
            turns = [*turns, Message(role="assistant", content=answer), again]
        shown = " ".join(answer.split())[:60]
        raise PluginError(
            f"The chat model gave no caption for {text!r}, {_TRIES} times: {reason} ({shown!r})."
        )


def words_of(texts: Sequence[str]) -> set[str]:
    """The words of texts, in lower case."""
    return {word.text.lower() for text in texts for word in split_words(text)}


def read_answer(answer: str, text: str, allowed: Collection[str] | None) -> tuple[str, str]:
    """The caption that an answer is, without quotation marks around it; or "" and why it is none.

    Args:
        answer: as the model gave it.
        text: the caption that was to be rewritten.
        allowed: the words, in lower case, that the answer may have; any where None.
    """
    lines = [line.strip() for line in answer.strip().splitlines() if line.strip()]
    if len(lines) != 1:
        return "", f"it has {len(lines)} lines" if lines else "it is empty"
    if _LIST.match(lines[0]):
        return "", "it is a list"
    found = lines[0]
    if ":" in found and ":" not in text:
        return "", "it has a colon, as before what somebody says"
    if found[:1] in "".join(_QUOTES):
        found = found.removesuffix(".")
    if len(found) > 1 and found[0] + found[-1] in _QUOTES:
        found = found[1:-1].strip()
    words, given = len(split_words(found)), len(split_words(text))
    if not words:
        return "", "it has no words"
    if words > 2 * given + 8:
        return "", f"it has {words} words where Alice's caption has {given}"
    if allowed is not None and (new := sorted(words_of([found]) - set(allowed))):
        return "", f"neither the caption nor a pair has {', '.join(new[:5])}"
    return found, ""
