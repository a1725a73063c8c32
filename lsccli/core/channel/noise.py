"""Common random numbers: unit noise and fades of a packet, the same under every method and operating point.

SHA-256 of (seed, image, trial, k) gives two keys of the counter-based generator Philox, one for noise and
one for fades; the scrambler uses the second key far from where the fades do. (J. Salmon et al., "Parallel
random numbers: as easy as 1, 2, 3", SC 2011.)
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from lsccli.core.store.keys import canonical_json

Bits = NDArray[np.uint8]
Complexes = NDArray[np.complex128]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class PacketNoise:
    """The random numbers of one packet; a retransmission goes on where the round before has ended."""

    def __init__(self, seed: int, image: str, trial: int, k: int) -> None:
        """`image` is the SHA-256 of the image's file in hexadecimal, k the packet's number from 1."""
        digest = hashlib.sha256(canonical_json([seed, image, trial, k]).encode()).digest()
        self._noise = _generator(digest[:16])
        self._fade = _generator(digest[16:])
        self._scrambler = np.random.Generator(_philox(digest[16:]).jumped())

    def uniform(self, n: int) -> Floats:
        """(n,) uniform on [0, 1): a bit is flipped where this is below the bit error probability."""
        return self._noise.random(n)

    def noise(self, n: int) -> Complexes:
        """(n,) circular complex Gaussian, E|w|² = 1."""
        return _gaussian(self._noise, n)

    def scrambling(self, n: int) -> NDArray[np.uint8]:
        """(n,) random bits that Alice and Bob share."""
        return np.asarray(self._scrambler.integers(0, 256, n, dtype=np.uint8) & 1, np.uint8)

    def fades(self, n: int) -> Complexes:
        """(n,) Rayleigh fades: circular complex Gaussian, E|h|² = 1."""
        return _gaussian(self._fade, n)


def _generator(key: bytes) -> np.random.Generator:
    return np.random.Generator(_philox(key))


def _philox(key: bytes) -> np.random.Philox:
    return np.random.Philox(key=int.from_bytes(key, "little"))


def _gaussian(generator: np.random.Generator, n: int) -> Complexes:
    # Real and imaginary part side by side, so that the first m numbers do not depend on n.
    pairs = generator.standard_normal(2 * n) * np.sqrt(0.5)
    return np.asarray(pairs.view(np.complex128))
