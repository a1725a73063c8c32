"""Bob's side: what he takes out of a stream, bit by bit."""

import numpy as np

from lsccli.core.channel.listening import Listener, parsed
from lsccli.core.channel.settings import resolved
from lsccli.core.channel.transmit import Message, packets_of, send

LINK = resolved(framing="coded")
NO_RATIOS = np.zeros(0)


def stream(words: list[str], **options: bool) -> np.ndarray:
    packets = packets_of(Message(words, range(len(words))), LINK, **options)
    send(packets, LINK)
    return np.concatenate([packet.arrived for packet in packets])


def test_a_packet_is_as_long_as_its_field_says() -> None:
    bits = stream(["dog", "a"])
    found = parsed(LINK, bits, NO_RATIOS, 0, 0)
    assert found is not None
    assert (found.size, np.packbits(found.bits).tobytes(), found.ends) == (28, b"dog", False)
    # The field changed from 3 to 2: two letters, and the next packet begins too early.
    bits[3] ^= 1
    found = parsed(LINK, bits, NO_RATIOS, 0, 0)
    assert found is not None
    assert (found.size, np.packbits(found.bits).tobytes()) == (20, b"do")


def test_what_has_not_come_is_waited_for_and_zero_ends() -> None:
    bits = stream(["dog"])
    assert parsed(LINK, bits[:-1], NO_RATIOS, 0, 0) is None
    assert parsed(LINK, bits[:3], NO_RATIOS, 0, 0) is None
    found = parsed(LINK, np.zeros(4, np.uint8), NO_RATIOS, 0, 0)
    assert found is not None
    assert found.ends


def test_a_longer_word_comes_late_with_the_next() -> None:
    packets = packets_of(Message(["dog", "a", "cat"], range(3)), LINK, closed=True)
    send(packets, LINK)
    # 3 becomes 7: four letters more are taken from what follows.
    packets[0].arrived[1] ^= 1
    packets[0].header_found = packets[0].header.copy()
    packets[0].header_found[1] ^= 1
    bob = Listener(LINK)
    for packet in packets:
        bob.hear(packet)
    assert packets[0].text == packets[1].text == ""
    assert packets[2].text.startswith("dog")
    assert len(bob.said[0]) == 7
