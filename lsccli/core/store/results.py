"""The key of each kind of result: what names it, and nothing else.

    caption    = f(image, captioner)                ranking      = f(caption, method + all it reads[, image])
    generation = f(prompt, receiver, seed)          transmission = f(ranking, channel, trial)
    score      = f(image, generation, metric)

Images go by the SHA-256 of their file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lsccli.core.store.keys import Identity, key


def caption_key(image: bytes, captioner: Identity, position: int = 0, text: str | None = None) -> bytes:
    """The key of a caption; people's captions are inputs, not results: their `text` is part of it."""
    return key("caption", image=image, captioner=captioner, position=position or None, text=text)


def fact_key(
    fact: str,
    words: Sequence[str],
    roles: Mapping[str, Identity],
    image: bytes | None = None,
    edition: Mapping[str, Any] | None = None,
    text: str | None = None,
) -> bytes:
    """The key of a fact of a caption's words, and of the image where it is looked at.

    Of two captioners with the same words the second is served too: a fact knows no captioner. `edition` tells
    apart what another version or plug-in file of the fact has made; `text` is the caption as written, where
    a fact may look at that.
    """
    named = {role: dict(identity.named) for role, identity in roles.items()}
    return key(fact, words=list(words), roles=named, image=image, fact=edition, text=text)


def ranking_key(caption: bytes, method: Identity, seed: int = 0) -> bytes:
    """The key of a ranking."""
    return key("ranking", caption=caption, method=method, seed=seed or None)


def transmission_key(ranking: bytes, channel: Identity, trial: int = 0) -> bytes:
    """The key of a transmission; the image, which chooses the noise, is behind the ranking."""
    return key("transmission", ranking=ranking, channel=channel, trial=trial or None)


def generation_key(prompt: str, receiver: Identity, seed: int) -> bytes:
    """The key of Bob's image for a prompt."""
    return key("generation", prompt=prompt, receiver=receiver, seed=seed)


def score_key(image: bytes, generation: bytes, metric: Identity) -> bytes:
    """The key of the score between an original and Bob's image."""
    return key("score", image=image, generation=generation, metric=metric)
