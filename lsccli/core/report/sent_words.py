"""The words that were sent over channels with noise, and what a perfect code has to say of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from sqlmodel import Session

from lsccli.core.channel.distortion import Distortion, bits_of, modes, of_groups
from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.channel.vocabulary import Vocabulary
from lsccli.core.report.sql import fetch_rows, in_list
from lsccli.core.report.stats import Ints


@dataclass(frozen=True)
class SentWords:
    """Words of the transmissions of one curve, each transmission once however often it was drawn.

    Attributes:
        counts: how often each word was sent.
        right: words that were read as they were sent.
        symbols: sent in all.
        alike: the most transmissions of one image in one trial, whose words meet the same noise.
        together: the most words of these.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    right: int = 0
    symbols: float = 0.0
    alike: int = 1
    together: int = 1

    @property
    def total(self) -> int:
        """Words that were sent."""
        return sum(self.counts.values())

    def independent(self, link: ChannelSettings) -> float:
        """As many words with noise of their own say as much: words over the most that share it.

        Where lengths are read from one stream of bits, one read wrong spoils the rest of a transmission.
        """
        stream = link.link.framing == "coded" and link.link.arq is None
        return self.total / (self.together if stream else self.alike)


def sent_words(session: Session, ids: Ints) -> SentWords:
    """The words of these transmissions."""
    among = f"s.transmission_id IN {in_list(ids)} AND s.k > 0"
    counted = fetch_rows(session, f"SELECT s.sent, count(*) FROM step s WHERE {among} GROUP BY 1 ORDER BY 1")
    sums = fetch_rows(
        session,
        "SELECT c.image_id, t.trial, count(DISTINCT t.id), count(*), sum(s.sent = s.received), "
        "sum(s.symbols) FROM step s JOIN transmission t ON t.id = s.transmission_id "
        "JOIN ranking r ON r.id = t.ranking_id JOIN caption c ON c.id = r.caption_id "
        f"WHERE {among} GROUP BY 1, 2",
    ).fetchall()
    if not sums:
        return SentWords()
    table = np.array(sums, np.float64)[:, 2:]
    most, sizes = (int(column.max()) for column in table[:, :2].T)
    right, symbols = table[:, 2:].sum(axis=0)
    return SentWords(dict(counted.fetchall()), int(right), float(symbols), most, sizes)


def word_by_word(link: ChannelSettings) -> bool:
    """Whether Bob reads each word from its own packet alone, without the words before."""
    return not link.source_coder.contextual and link.decoder in (None, "raw", "vocabulary")


def as_sent(link: ChannelSettings, sent: SentWords) -> Distortion:
    """R(D) of one of the words sent, drawn by lot; with ideal framing its length is told.

    It holds for any Bob who reads word by word, whatever he knows: his errors are a mean over these words.
    """
    told = link.link.framing == "ideal"
    groups: dict[int, list[float]] = {}
    for word, count in sorted(sent.counts.items()):
        length = bits_of(link.source_coder, word) if told else 0
        groups.setdefault(length, []).append(count / sent.total)
    return of_groups(groups.values())


def guessed_right(link: ChannelSettings, known: Vocabulary, sent: SentWords) -> float:
    """The share of the words sent that are the most frequent of Bob's, with ideal framing of their length.

    A word of a length that no word of his has is known by its length.
    """
    source, told = link.source_coder, link.link.framing == "ideal"
    guesses = modes(known, source, told)
    lengths = {bits_of(source, word) for word in known.words} if told else set()
    right = sum(
        count
        for word, count in sent.counts.items()
        if word in guesses or (told and bits_of(source, word) not in lengths)
    )
    return right / sent.total
