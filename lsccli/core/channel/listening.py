"""Bob's side: packets out of what arrives, and words out of packets.

Where lengths are sent (`--framing coded`) Bob has one stream of bits. He reads a length, takes as many bits
as it says, and goes on behind them: a length read wrongly shifts all that follows, and words may come late,
be others, or not at all. A length that no packet can have he takes for the end. With --arq he answers each
packet, and so knows where the next begins. Behind the end of the message nothing comes.
"""

from __future__ import annotations

import numpy as np

from lsccli.core.channel import crc
from lsccli.core.channel.codes.base import ChannelCode
from lsccli.core.channel.link import POSITION_BITS
from lsccli.core.channel.noise import Bits, Floats
from lsccli.core.channel.packet import Found, Packet
from lsccli.core.channel.received import Received
from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.errors import LscError


class Listener:
    """Bob over one message.

    Attributes:
        said: the words that he has read so far.
    """

    def __init__(self, settings: ChannelSettings) -> None:
        self.said: list[str] = []
        self._settings = settings
        self._ended = False
        # Packets by Bob's count, packets by Alice's, and where in the stream both are.
        self._count = self._sent = 0
        self._at = self._sent_at = 0
        self._bits: Bits = np.zeros(0, np.uint8)
        self._ratios: Floats = np.zeros(0)

    def hear(self, packet: Packet) -> None:
        """Read what there is to read once this packet has come."""
        if not self._settings.frames.field:
            self._take(packet, bounded(packet))
            return
        if self._settings.link.arq is not None:
            self._take(packet, packet.burst)
            return
        whole = len(packet.arrived)
        self._bits = np.concatenate([self._bits, packet.arrived])
        if packet.arrived_ratios is not None:
            self._ratios = np.concatenate([self._ratios, packet.arrived_ratios])
        while not self._ended:
            in_step = self._count == self._sent and self._at == self._sent_at
            if in_step and (packet.header_found == packet.header).all():
                found: Found | None = bounded(packet)
            else:
                found = parsed(self._settings, self._bits, self._ratios, self._at, self._known())
            if found is None:
                break
            self._at += found.size
            self._take(packet, found)
            if self._at >= self._sent_at + whole:
                break
        self._sent += 1
        self._sent_at += whole

    def _known(self) -> int:
        return self._settings.frames.space if self._count else 0

    def _take(self, packet: Packet, found: Found | None) -> None:
        """Read the word of what was found, as the packet of Bob's own count."""
        number, self._count = self._count, self._count + 1
        if self._ended or found is None or not found.passed:
            return
        text = None if found.ends else self._read(found)
        if text is None:
            self._ended = True
            return
        self.said.append(text)
        if text.strip():
            digits = found.bits[found.known : found.before]
            packet.read.append((text, number, int("".join(map(str, digits)) or "0", 2)))
        packet.text = f"{packet.text} {text}" if packet.text else text

    def _read(self, found: Found) -> str | None:
        return self._settings.reader(found.bits, found.before, found.ratios, self.said)


def bounded(packet: Packet) -> Found:
    """A packet that Bob knows the bounds of."""
    return Found(
        bits=packet.found,
        known=packet.known,
        before=packet.known + packet.prefix,
        ratios=packet.ratios,
        passed=packet.passed,
        size=len(packet.arrived),
        ends=bool(len(packet.header)) and not packet.header_found.any(),
    )


def parsed(settings: ChannelSettings, bits: Bits, ratios: Floats, at: int, known: int) -> Found | None:
    """The packet that begins at a place of the stream; None where not all of it has come.

    Args:
        bits, ratios: (n,) as they arrived; no ratios where nobody reads them.
        known: bits of the space, which Bob knows.
    """
    frames, code, model = settings.frames, settings.channel_coder, settings.model
    field = code.length(frames.field)
    if at + field > len(bits):
        return None
    word = frames.told(decoded(code, bits[None], ratios[None], at, frames.field)[0])
    prefix = POSITION_BITS if settings.link.reorder == "coded" else 0
    length = known + prefix + word + settings.check_bits
    try:
        coded = code.length(length) if word else 0
    except LscError:
        word, coded = 0, 0
    size = model.symbols(field + coded) * model.bits_per_symbol
    if not word:
        return Found(np.zeros(0, np.uint8), size=size, ends=True)
    if at + size > len(bits):
        return None
    start = at + field
    found = decoded(code, bits[None], ratios[None], start, length)
    if known:
        found[:, :known] = settings.source_coder.encode(" ")
    passed = not settings.check_bits or bool(crc.holds(found, settings.link.crc)[0])
    kept = length - settings.check_bits
    soft = ratios[start : start + coded] if settings.reader.soft else None
    return Found(found[0, :kept], known, known + prefix, soft, passed, size)


def decoded(code: ChannelCode, bits: Bits, ratios: Floats, start: int, k: int) -> Bits:
    """(B, k) information bits of what begins at a place of (B, n) bits as they arrived."""
    end = start + code.length(k)
    some = ratios[:, start:end] if ratios.size else ratios
    return code.decode(Received(bits[:, start:end], np.zeros(len(bits), np.int64), some), k)
