"""The Hamming code of seven bits for four."""

from __future__ import annotations

import numpy as np

from lsccli.core.channel.codes.base import channel_code
from lsccli.core.channel.noise import Bits
from lsccli.core.channel.received import Received
from lsccli.core.options import Settings


@channel_code("hamming74", summary="corrects any one error in seven bits")
class Hamming74:
    """Four bits d and three parities (R. Hamming, 1950): corrects any one error in seven, by its syndrome.

    Parities are d1+d2+d4, d1+d3+d4, d2+d3+d4 and follow the four bits. The last block is filled with zeros.
    """

    soft = False
    nominal_rate = 4 / 7
    _PARITY = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 1], [1, 1, 1]], np.uint8)

    def __init__(self, options: Settings) -> None:
        """There are no options."""
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
