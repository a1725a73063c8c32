"""Coded bits over the channel: what Bob sees of them, as decisions and as log-likelihood ratios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lsccli.core.channel.modulation import Bits, modem
from lsccli.core.channel.noise import Floats, PacketNoise
from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.channel.theory import closed_form

# What an error-free channel says of a bit, in nats; decoders clip such certainty anyway.
_CERTAIN = 20.0


@dataclass
class Received:
    """(B, n) coded bits as they arrive.

    Attributes:
        bits: decisions on each bit, by the nearest symbol.
        symbol_errors: (B,) symbols of each packet that were taken for another.
        ratios: ln(P(b = 1) / P(b = 0)) of each bit; of no bit where they were not asked for.
    """

    bits: Bits
    symbol_errors: np.ndarray
    ratios: Floats


class Link:
    """A channel at an operating point; `soft` says whether ratios will be asked for."""

    def __init__(self, settings: ChannelSettings, *, soft: bool) -> None:
        self._settings = settings
        self._soft = soft
        self._flips = settings.ber if settings.channel == "bsc" else None
        if settings.formula:
            self._flips = closed_form(settings)

    def symbols(self, n: int) -> int:
        """How many symbols carry n bits: ⌈n / log2 M⌉."""
        return -(-n // self._settings.bits_per_symbol)

    def send(self, bits: Bits, noises: Sequence[PacketNoise]) -> Received:
        """Send (B, n) bits, each row a packet with its own noise; the last symbol is filled up.

        Before modulation bits are scrambled by a sequence that both ends know, as in 5G; at no cost.
        """
        if self._flips is not None:
            return self._flip(bits, noises, self._flips)
        if self._settings.channel == "ideal":
            wrong = np.zeros(len(bits), np.int64)
            return Received(bits.copy(), wrong, _certainty(bits, 0.0))
        return self._wave(bits, noises)

    def _flip(self, bits: Bits, noises: Sequence[PacketNoise], rate: float) -> Received:
        flips = np.stack([noise.uniform(bits.shape[1]) for noise in noises]) < rate
        arrived = bits ^ flips.astype(np.uint8)
        m = self._settings.bits_per_symbol
        padded = np.zeros((len(bits), self.symbols(bits.shape[1]) * m), bool)
        padded[:, : bits.shape[1]] = flips
        wrong = padded.reshape(len(bits), -1, m).any(axis=2).sum(axis=1)
        return Received(arrived, wrong, _certainty(arrived, rate))

    def _wave(self, bits: Bits, noises: Sequence[PacketNoise]) -> Received:
        settings = self._settings
        device = modem(settings.modulation or "bpsk")
        m, n = device.bits_per_symbol, bits.shape[1]
        count = self.symbols(n)
        # Letters are far from random, and closed forms hold for symbols that are all as likely: scramble.
        mask = np.stack([packet.scrambling(count * m) for packet in noises])
        sent = mask.copy()
        sent[:, :n] ^= bits
        noise = np.stack([packet.noise(count) for packet in noises])
        energy = np.full((len(bits), 1), 1 / settings.es_n0)
        received = device.symbols(sent)
        if settings.channel == "rayleigh":
            # Bob knows the fade and divides by it; the noise grows by the same factor.
            fades = [packet.fades(1 if settings.fading == "block" else count) for packet in noises]
            fade = np.stack(fades)
            received = received + np.sqrt(energy) * noise / fade
            energy = energy / np.abs(fade) ** 2
        else:
            received = received + np.sqrt(energy) * noise
        found = device.nearest(received)
        wrong = (found != sent).reshape(len(bits), count, m).any(axis=2).sum(axis=1)
        ratios = np.zeros((0, 0))
        if self._soft:
            ratios = device.ratios(received, energy)[:, :n] * (1.0 - 2.0 * mask[:, :n])
        return Received((found ^ mask)[:, :n], wrong, ratios)


def _certainty(bits: Bits, rate: float) -> Floats:
    """±ln((1 − p) / p) for decisions that are wrong with probability p."""
    nats = _CERTAIN if rate <= 0 else min(_CERTAIN, float(np.log((1 - rate) / rate)))
    return np.where(bits == 1, nats, -nats)
