"""Polar and LDPC codes of 5G (3GPP TS 38.212), by Sionna."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lsccli.core.channel.codes.base import channel_code
from lsccli.core.channel.noise import Bits
from lsccli.core.channel.received import Received
from lsccli.core.errors import LscError
from lsccli.core.options import Settings, option

# Decoders always see this many packets, the last batch filled up: so a result does not depend on its company.
_BATCH = 64
_RATE = "Information bits per coded bit."


class PolarRate(Settings):
    """The rate of the polar code."""

    rate: float = option(0.5, ge=0.125, le=0.9, help=_RATE)


class LdpcRate(Settings):
    """The rate of the LDPC code."""

    rate: float = option(0.5, ge=0.2, le=0.9, help=_RATE)


class FiveG:
    """n = ⌈k / R⌉ for k information bits, at least the shortest k and n that the code has.

    Below it k is filled with zeros. Both codes integrate what they need; the polar code's own CRC is part of
    its rate.
    """

    soft = True
    name: str
    # The fewest information bits.
    shortest: int

    def __init__(self, options: PolarRate | LdpcRate) -> None:
        self.nominal_rate = options.rate
        self._coders: dict[int, tuple[Any, Any, int]] = {}

    def make(self, k: int, n: int, how: dict[str, Any]) -> tuple[Any, Any, int]:
        """Encoder, decoder and coded bits for k information bits in about n, by Sionna."""
        raise NotImplementedError

    def length(self, k: int) -> int:
        """⌈max(k, least k) / R⌉."""
        return self._coder(k)[2]

    def encode(self, bits: Bits) -> Bits:
        """By Sionna."""
        import torch

        count, k = bits.shape
        encoder, _, n = self._coder(k)
        padded = np.zeros((count, self._filled(k)), np.float32)
        padded[:, :k] = bits
        with torch.inference_mode():
            coded = encoder(torch.from_numpy(padded)).numpy()
        return np.asarray(coded[:, :n].round(), np.uint8)

    def decode(self, received: Received, k: int) -> Bits:
        """By Sionna, in batches of one size."""
        import torch

        _, decoder, n = self._coder(k)
        ratios = received.ratios
        found = np.empty((len(ratios), k), np.uint8)
        with torch.inference_mode():
            for start in range(0, len(ratios), _BATCH):
                batch = ratios[start : start + _BATCH]
                padded = np.zeros((_BATCH, n), np.float32)
                padded[: len(batch)] = batch
                bits = decoder(torch.from_numpy(padded)).numpy()
                found[start : start + len(batch)] = bits[: len(batch), :k].round()
        return found

    def _filled(self, k: int) -> int:
        return max(k, self.shortest)

    def _coder(self, k: int) -> tuple[Any, Any, int]:
        if k not in self._coders:
            filled = self._filled(k)
            # Rates as typed are decimal; 1e-9 keeps 48 / 0.6 from becoming 81.
            n = math.ceil(filled / self.nominal_rate - 1e-9)
            try:
                self._coders[k] = self.make(filled, n, {"precision": "single", "device": "cpu"})
            except ValueError as error:
                reason = " ".join(str(error).split()).rstrip(".")
                rate = f"{self.nominal_rate:g}"
                raise LscError(f"{self.name} of rate {rate} cannot carry {filled} bits: {reason}.") from error
        return self._coders[k]


@channel_code("polar5g", summary="the polar code of 5G, decoded by a list of 8", options=PolarRate)
class Polar5G(FiveG):
    """The uplink's, CRC-aided, decoded by a list of 8."""

    name = "polar5g"
    # 3GPP has other codes for blocks below 12 bits, and Sionna none of its parity-check bits that 12 to 19
    # would need.
    shortest = 20

    def make(self, k: int, n: int, how: dict[str, Any]) -> tuple[Any, Any, int]:
        """At least 11 bits more, those of its own CRC."""
        from sionna.phy.fec.polar import Polar5GDecoder, Polar5GEncoder

        n = max(n, k + 11)
        encoder = Polar5GEncoder(k, n, **how)
        return encoder, Polar5GDecoder(encoder, dec_type="SCL", list_size=8, **how), n


@channel_code("ldpc5g", summary="the LDPC code of 5G, 20 iterations of belief propagation", options=LdpcRate)
class Ldpc5G(FiveG):
    """20 iterations of belief propagation."""

    name = "ldpc5g"
    shortest = 12

    def make(self, k: int, n: int, how: dict[str, Any]) -> tuple[Any, Any, int]:
        """n bits."""
        from sionna.phy.fec.ldpc import LDPC5GDecoder, LDPC5GEncoder

        encoder = LDPC5GEncoder(k, n, **how)
        return encoder, LDPC5GDecoder(encoder, num_iter=20, **how), n
