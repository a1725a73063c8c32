"""The error-free channel: every word arrives, and its bits are counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lsccli.core.channel.settings import POSITION_BITS, ChannelSettings
from lsccli.core.errors import LscError


@dataclass(frozen=True)
class Sent:
    """One word over the channel: as sent, as received, and what it cost in bits and channel symbols."""

    sent: str
    received: str
    source_bits: int
    channel_bits: int
    symbols: int
    prompt: str


def transmit(words: Sequence[str], order: Sequence[int], settings: ChannelSettings) -> list[Sent]:
    """Send the words with the indices in `order`, one packet each; step 0, before any, comes first.

    A word costs 8 bits per byte of its UTF-8 text; from the second on, a space of 8 bits as well. The
    ideal channel carries one bit per symbol. Framing and the number of words are free.

    Raises:
        LscError: where a position must be coded in 6 bits and the caption has more than 64 words.
    """
    if settings.reorder == "coded" and len(words) > 2**POSITION_BITS:
        raise LscError(f"--reorder coded numbers {2**POSITION_BITS} words; this caption has {len(words)}.")
    steps = [Sent("", "", 0, 0, 0, "")]
    for k, index in enumerate(order, start=1):
        word = words[index]
        bits = 8 * len(word.encode()) + (8 if k > 1 else 0)
        sent_bits = bits + (POSITION_BITS if settings.reorder == "coded" else 0)
        arrived = order[:k] if settings.reorder == "none" else sorted(order[:k])
        prompt = " ".join(words[i] for i in arrived)
        steps.append(Sent(word, word, bits, sent_bits, sent_bits, prompt))
    return steps
