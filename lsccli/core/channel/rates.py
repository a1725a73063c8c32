"""Bit, symbol and word error rates of a channel: simulated on words of the vocabulary, and in closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsccli.core.channel.distortion import of_vocabulary
from lsccli.core.channel.listening import Listener
from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.channel.shannon import Limit, limit
from lsccli.core.channel.transmit import Message, packets_of, send
from lsccli.core.channel.vocabulary import Vocabulary

# Half the width of a 95 % interval in standard errors.
_Z95 = 1.959964


@dataclass(frozen=True)
class Rate:
    """A share of errors: as simulated, half its 95 % interval, and in closed form where there is one."""

    simulated: float
    margin: float
    closed_form: float | None


@dataclass(frozen=True)
class Rates:
    """What a channel does to words at one operating point.

    Attributes:
        ebn0_db, esn0_db: in dB; None on a channel of bits.
        bits: wrong bits of words after channel decoding.
        symbols: wrong symbols before it.
        words: words that Bob read otherwise than they were sent, those dropped among them.
        channel_bits, rounds: per word, in the mean.
        channel_symbols: the same, of symbols.
        limit: what a perfect code would need for as many words.
    """

    ebn0_db: float | None
    esn0_db: float | None
    bits: Rate
    symbols: Rate
    words: Rate
    channel_bits: float
    rounds: float
    channel_symbols: float
    limit: Limit


def measure(settings: ChannelSettings, count: int, known: Vocabulary | None = None) -> Rates:
    """Send `count` words, each a packet of its own; the same words and noise at every operating point.

    They are drawn from `known`, else from the vocabulary of the settings.

    Raises:
        LscError: where the channel code cannot carry a word.
    """
    known = known or settings.known_words()
    drawn = words(known, count)
    packets = [
        packet
        for trial, word in enumerate(drawn)
        for packet in packets_of(Message([word], [0], "", trial), settings)
    ]
    send(packets, settings)
    if refused := next((packet.refused for packet in packets if packet.refused), None):
        raise refused
    for packet in packets:
        Listener(settings).hear(packet)
    sizes = np.array([len(packet.bits) + len(packet.header) for packet in packets], np.float64)
    wrong = np.array([packet.wrong for packet in packets], np.float64)
    symbols = np.array([packet.symbols for packet in packets], np.float64)
    symbol_errors = np.array([packet.symbol_errors for packet in packets], np.float64)
    misread = np.array([packet.text != packet.word for packet in packets], np.float64)
    ebn0, esn0 = settings.points_db or (None, None)
    return Rates(
        ebn0_db=ebn0,
        esn0_db=esn0,
        bits=_rate(wrong, sizes, _bits(settings)),
        symbols=_rate(symbol_errors, symbols, _symbols(settings)),
        words=_rate(misread, np.ones(len(packets)), _words(settings, sizes)),
        channel_bits=float(np.mean([packet.channel_bits for packet in packets])),
        rounds=float(np.mean([packet.rounds for packet in packets])),
        channel_symbols=float(symbols.mean()),
        limit=limit(
            settings,
            of_vocabulary(known, settings.source_coder, settings.link.framing == "ideal"),
            float(misread.mean()),
            len(packets),
            float(symbols.mean()),
        ),
    )


def words(known: Vocabulary, count: int) -> list[str]:
    """Words of a vocabulary, drawn by their frequency; always the same ones first."""
    shares = np.cumsum(list(known.counts.values())) / sum(known.counts.values())
    drawn = np.random.Generator(np.random.Philox(key=0)).random(count)
    return [known.words[i] for i in np.searchsorted(shares, drawn, "right")]


def _rate(errors: NDArray[np.float64], sizes: NDArray[np.float64], known: float | None) -> Rate:
    """Σ errors / Σ sizes; packets, not bits, are independent (W. Cochran, "Sampling techniques", ch. 6)."""
    share = float(errors.sum() / sizes.sum())
    spread = float(np.std(errors - share * sizes, ddof=1)) if len(errors) > 1 else math.nan
    return Rate(share, _Z95 * spread / math.sqrt(len(errors)) / float(sizes.mean()), known)


def _bits(settings: ChannelSettings) -> float | None:
    # Nor is there one of the last round alone, where the rounds before have failed.
    return None if settings.arq or settings.code is not None else settings.model.bit_error_rate()


def _symbols(settings: ChannelSettings) -> float | None:
    # With retransmissions the symbols of bad packets count more often.
    return None if settings.arq else settings.model.symbol_error_rate()


def _words(settings: ChannelSettings, sizes: NDArray[np.float64]) -> float | None:
    if settings.uses_vocabulary or settings.code is not None or settings.crc is not None:
        return None
    known = [settings.model.packet_error_rate(int(size)) for size in sizes]
    given = [rate for rate in known if rate is not None]
    return float(np.mean(given)) if len(given) == len(known) else None
