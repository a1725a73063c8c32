"""The words that were sent over channels with noise, and how much Bob knew of them before."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlmodel import Session

from lsccli.core.channel.distortion import Distortion, bits_of, modes
from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.channel.source.lm import WEIGHTS, components
from lsccli.core.channel.vocabulary import shipped
from lsccli.core.report.sql import fetch_rows

# Transmissions of a curve from which is taken how much the words before say of the next.
_SAMPLE = 20


@dataclass(frozen=True)
class SentWords:
    """Words of the transmissions of one curve.

    Attributes:
        counts: how often each word was sent.
        sample: words of some transmissions, as sent.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    sample: Sequence[tuple[str, ...]] = ()


def sent_words(
    session: Session, tables: str, values: Sequence[Any], channels: Iterable[int]
) -> dict[tuple[int, int, int], SentWords]:
    """By captioner, method and channel, of the transmissions in `tables` over these channels."""
    over = f"{tables} AND t.config_id IN ({','.join(map(str, channels))})"
    group = "c.config_id, r.config_id, t.config_id"
    counted = fetch_rows(
        session,
        f"SELECT {group}, s.sent, count(*) FROM step s JOIN {over} AND s.transmission_id = t.id "
        "AND s.k > 0 GROUP BY 1, 2, 3, 4",
        values,
    )
    counts: dict[tuple[int, int, int], dict[str, int]] = {}
    for captioner, method, channel, word, count in counted:
        counts.setdefault((captioner, method, channel), {})[word] = count
    ids = fetch_rows(session, f"SELECT {group}, t.id FROM {over} ORDER BY t.key", values).fetchall()
    samples: dict[tuple[int, int, int], list[int]] = {}
    for captioner, method, channel, number in ids:
        own = samples.setdefault((captioner, method, channel), [])
        if len(own) < _SAMPLE:
            own.append(number)
    return {key: SentWords(own, _sequences(session, samples.get(key, []))) for key, own in counts.items()}


def _sequences(session: Session, ids: Sequence[int]) -> list[tuple[str, ...]]:
    rows = fetch_rows(
        session,
        f"SELECT transmission_id, sent FROM step WHERE transmission_id IN ({','.join(map(str, ids))}) "
        "AND k > 0 ORDER BY transmission_id, k",
    )
    found: dict[int, list[str]] = {}
    for number, word in rows:
        found.setdefault(number, []).append(word)
    return [tuple(words) for words in found.values()]


def expected(link: ChannelSettings, sent: SentWords) -> tuple[Distortion, float]:
    """R(D) of the words for a Bob who knows his vocabulary, and the share of them that guessing gets wrong.

    A word of a length that no word of his has is known by its length.
    """
    known, source = link.known_words(), link.source_coder
    told = link.link.framing == "ideal" and not source.contextual
    lengths = {word: bits_of(source, word) if told else 0 for word in {*known.words, *sent.counts}}
    groups: dict[int, list[float]] = {}
    for word, share in zip(known.words, known.share, strict=True):
        groups.setdefault(lengths[word], []).append(float(share))
    weights: Counter[int] = Counter()
    for word, count in sent.counts.items():
        weights[lengths[word]] += count
    total = sum(weights.values())
    cases = []
    for length, count in sorted(weights.items()):
        shares = np.sort(np.asarray(groups.get(length, [1.0])))[::-1]
        cases.append((count / total, shares / shares.sum()))
    guesses = modes(known, source, told)
    missed = sum(n for word, n in sent.counts.items() if word not in guesses and lengths[word] in groups)
    return Distortion(cases), missed / total


def helped(link: ChannelSettings, sent: SentWords) -> float:
    """Bits that the words before say of a word, in the mean; 0 where neither code nor decoder heeds them.

    I(W; words before) by the model of `lm`, and, where `lm` packets have lengths that are told, the entropy
    of these: both at most what they help.
    """
    source = link.source_coder
    if not source.contextual and link.decoder in (None, "raw", "vocabulary"):
        return 0.0
    known = shipped("storybook")
    gains, lengths = [], Counter[int]()
    for words in sent.sample:
        for k, word in enumerate(words):
            if source.contextual and link.link.framing == "ideal":
                lengths[len(source.given(words[:k]).encode(word))] += 1
            place = known.places.get(word)
            if place is None:
                gains.append(0.0)
                continue
            follows, company, use = components(words[:k])
            weight = np.asarray(
                sum(n * part for n, part in zip(WEIGHTS, (follows, company, use), strict=True))
            )
            gains.append(math.log2(float(weight[place] / weight.sum() / known.share[place])))
    count = sum(lengths.values())
    told = -sum(n / count * math.log2(n / count) for n in lengths.values())
    return max(0.0, float(np.mean(gains)) if gains else 0.0) + told
