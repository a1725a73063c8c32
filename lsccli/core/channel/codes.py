"""Channel codes: information bits to coded bits and back.

Repetition and Hamming are here; polar and LDPC codes are those of 5G (3GPP TS 38.212), by Sionna.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, Protocol

import numpy as np

from lsccli.core.channel.link import Received
from lsccli.core.channel.modulation import Bits
from lsccli.core.channel.settings import ChannelSettings, repetitions
from lsccli.core.errors import LscError

# Decoders always see this many packets, the last batch filled up: so a result does not depend on its company.
_BATCH = 64


class Code(Protocol):
    """A channel code; `soft` says whether it reads log-likelihood ratios instead of decisions."""

    soft: bool

    def length(self, k: int) -> int:
        """Coded bits of k information bits, padding included; LscError where k is too many."""
        ...

    def encode(self, bits: Bits) -> Bits:
        """(B, k) information bits to (B, length(k)) coded bits."""
        ...

    def decode(self, received: Received, k: int) -> Bits:
        """(B, length(k)) coded bits as they arrived to (B, k) information bits."""
        ...


class Uncoded:
    """No code: what arrives is what it is."""

    soft = False

    def length(self, k: int) -> int:
        """k."""
        return k

    def encode(self, bits: Bits) -> Bits:
        """The bits."""
        return bits

    def decode(self, received: Received, k: int) -> Bits:
        """The decisions."""
        return received.bits


class Repetition:
    """Each packet N times over; its ratios are added up. A sum of zero reads as zero."""

    soft = True

    def __init__(self, times: int) -> None:
        self.times = times

    def length(self, k: int) -> int:
        """N k."""
        return self.times * k

    def encode(self, bits: Bits) -> Bits:
        """The bits, N times one after another: repetitions of a bit lie far apart."""
        return np.tile(bits, (1, self.times))

    def decode(self, received: Received, k: int) -> Bits:
        """Maximum likelihood."""
        total = received.ratios.reshape(-1, self.times, k).sum(axis=1)
        # Ratios that cancel leave rounding errors; without the threshold these would decide.
        return np.asarray(total > 1e-9, np.uint8)


class Hamming74:
    """Four bits d and three parities (R. Hamming, 1950): corrects any one error in seven, by its syndrome.

    Parities are d1+d2+d4, d1+d3+d4, d2+d3+d4 and follow the four bits. The last block is filled with zeros.
    """

    soft = False
    _PARITY = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 1], [1, 1, 1]], np.uint8)

    def __init__(self) -> None:
        check = np.vstack([self._PARITY, np.eye(3, dtype=np.uint8)])
        self._flip = np.zeros((8, 7), np.uint8)
        for place, syndrome in enumerate(check @ (4, 2, 1)):
            self._flip[syndrome, place] = 1

    def length(self, k: int) -> int:
        """7 ⌈k / 4⌉."""
        return 7 * -(-k // 4)

    def encode(self, bits: Bits) -> Bits:
        """Blocks of seven, one after another."""
        count, k = bits.shape
        data = np.zeros((count, -(-k // 4) * 4), np.uint8)
        data[:, :k] = bits
        blocks = data.reshape(count, -1, 4)
        coded = np.concatenate([blocks, blocks @ self._PARITY % 2], axis=2)
        return np.asarray(coded.reshape(count, -1), np.uint8)

    def decode(self, received: Received, k: int) -> Bits:
        """The codeword at distance 0 or 1 from each block of decisions."""
        blocks = received.bits.reshape(len(received.bits), -1, 7)
        syndrome = (blocks[..., :4] @ self._PARITY + blocks[..., 4:]) % 2 @ (4, 2, 1)
        mended = blocks ^ self._flip[syndrome]
        return np.asarray(mended[..., :4].reshape(len(blocks), -1)[:, :k])


class FiveG:
    """Polar (uplink, CRC-aided list of 8) or LDPC (20 iterations of belief propagation) codes of 5G.

    n = ⌈k / R⌉ for k information bits, at least the shortest k and n that the code has: below it k is
    filled with zeros. Both integrate what they need; the polar code's own CRC is part of its rate.
    """

    soft = True

    def __init__(self, kind: str, rate: float) -> None:
        self._kind = kind
        self._rate = rate
        self._coders: dict[int, tuple[Any, Any, int]] = {}

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
        # 3GPP has other codes for polar blocks below 12 bits, and Sionna none of its parity-check bits
        # that 12 to 19 would need; LDPC begins at 12.
        return max(k, 20 if self._kind == "polar5g" else 12)

    def _coder(self, k: int) -> tuple[Any, Any, int]:
        if k not in self._coders:
            self._coders[k] = self._make(self._filled(k))
        return self._coders[k]

    def _make(self, k: int) -> tuple[Any, Any, int]:
        # Rates as typed are decimal; 1e-9 keeps 48 / 0.6 from becoming 81.
        n = math.ceil(k / self._rate - 1e-9)
        how: dict[str, Any] = {"precision": "single", "device": "cpu"}
        try:
            if self._kind == "polar5g":
                from sionna.phy.fec.polar import Polar5GDecoder, Polar5GEncoder

                n = max(n, k + 11)
                encoder = Polar5GEncoder(k, n, **how)
                return encoder, Polar5GDecoder(encoder, dec_type="SCL", list_size=8, **how), n
            from sionna.phy.fec.ldpc import LDPC5GDecoder, LDPC5GEncoder

            code = LDPC5GEncoder(k, n, **how)
            return code, LDPC5GDecoder(code, num_iter=20, **how), n
        except ValueError as error:
            reason = " ".join(str(error).split()).rstrip(".")
            raise LscError(f"{self._kind} of rate {self._rate:g} cannot carry {k} bits: {reason}.") from error


@cache
def find_code(code: str | None, rate: float | None) -> Code:
    """The code of this name, made once."""
    if code is None:
        return Uncoded()
    if times := repetitions(code):
        return Repetition(times)
    if code == "hamming74":
        return Hamming74()
    if rate is None:
        raise ValueError(f"{code} needs a rate")
    return FiveG(code, rate)


def code_of(settings: ChannelSettings) -> Code:
    """The channel code of these settings."""
    return find_code(settings.code, settings.rate)
