"""What counts as a wrong bit of a packet."""

import numpy as np

from lsccli.core.channel.packet import Packet


def test_wrong_bits_are_those_of_the_length_too() -> None:
    bits, heard = np.array([1, 0, 1], np.uint8), np.array([0, 0, 0], np.uint8)
    packet = Packet("x", bits, 0, 0, None, heard)
    assert packet.wrong == 2
    packet.header, packet.header_found = np.array([1], np.uint8), np.array([0], np.uint8)
    assert packet.wrong == 3
