"""How far a transmission stays from what Shannon allows; capacities are those of the channel models.

C. Shannon, "A mathematical theory of communication", Bell Syst. Tech. J. 27, 1948. With C bits per symbol B
source bits take at least B / C symbols. Of S symbols sent, let D source bits be delivered, those of words
that Bob reads as they were sent. Then η = D / S is the spectral efficiency, γ / η the Eb/N0 spent per
delivered source bit at γ = Es/N0, C⁻¹(η) / η the least at which η is possible, and

    gap = 10 log10(γ / C⁻¹(η))  in dB.

Both take source bits at their word. A decoder that knows words, or the length of a packet, which is free,
can make up for lost bits, so that the gap may come out below zero.
"""

from __future__ import annotations

import math

from lsccli.core.channel.settings import ChannelSettings


def capacity(settings: ChannelSettings) -> float | None:
    """Bits per symbol at the operating point; None where nothing is ever lost."""
    return settings.model.capacity()


def least_symbols(settings: ChannelSettings, source_bits: float) -> float | None:
    """Symbols that so many bits take at capacity; None without noise, and where nothing gets through."""
    limit = capacity(settings)
    return source_bits / limit if limit else None


def gap_db(settings: ChannelSettings, delivered: float, symbols: float) -> float | None:
    """Eb/N0 spent per delivered source bit over the least there is, in dB.

    None where there is no Es/N0 (ideal, bsc), and where no bit was delivered.
    """
    if settings.points_db is None or delivered <= 0 or symbols <= 0:
        return None
    least = settings.model.least_es_n0(delivered / symbols)
    return None if least is None else settings.points_db[1] - 10 * math.log10(least)
