"""Words over the channel: one packet a word.

A packet's information bits are, in this order: the space before the word (from the second word on), its
position in the caption in 6 bits (with --reorder coded), the word, padding (with --framing fixed), and the
check bits. The space is counted and sent, but Bob knows it. How Bob knows where a word and the message end,
and what that costs, see `lsccli.core.channel.framing`; the end of the message is a packet of its own, whose
cost is the last word's.

A source code that heeds the words before, `lm`, ends words itself and has no space. It heeds them as Bob read
them, which Alice is assumed to know at no cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lsccli.core.channel import crc
from lsccli.core.channel.link import POSITION_BITS
from lsccli.core.channel.listening import Listener, bounded, decoded, parsed
from lsccli.core.channel.noise import Bits, Floats, PacketNoise
from lsccli.core.channel.packet import Packet
from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.errors import LscError
from lsccli.core.registry.base import PluginError

# Packets of equal length that are sent at once.
_AT_ONCE = 1024


@dataclass(frozen=True)
class Sent:
    """One word over the channel: as sent, as received, and what it cost.

    Attributes:
        received: what Bob has read when the packet had come: nothing where it was dropped because it failed
            its check to the last, and as many words as there are where he lost the bounds of packets.
        source_bits: of the word, and of the space before it.
        channel_bits: all bits on the channel: coded, framing among them, filled up to whole symbols, in all
            rounds.
        symbols: in all rounds.
        bit_errors: wrong bits of word, position and framing after channel decoding, in the last round.
        rounds: how often the packet was sent.
        prompt: the words that have arrived so far.
    """

    sent: str
    received: str
    source_bits: int
    channel_bits: int
    symbols: int
    bit_errors: int
    rounds: int
    prompt: str


@dataclass(frozen=True)
class Message:
    """The words of a caption and the order to send them in; `image` and `trial` choose the noise.

    `image` is the SHA-256 of the image's file in hexadecimal.
    """

    words: Sequence[str]
    order: Sequence[int]
    image: str = ""
    trial: int = 0


def send_messages(messages: Sequence[Message], settings: ChannelSettings) -> list[list[Sent] | LscError]:
    """Send each message; step 0, before any word, comes first. What cannot be sent gives its reason."""
    try:
        return (_in_turn if settings.source_coder.contextual else _at_once)(messages, settings)
    except PluginError as error:  # an entry of the link cannot even be made
        return [error for _ in messages]


def _at_once(messages: Sequence[Message], settings: ChannelSettings) -> list[list[Sent] | LscError]:
    """Send all words of all messages, then let Bob hear them."""
    packets: list[list[Packet] | LscError] = []
    for message in messages:
        try:
            packets.append(packets_of(message, settings, closed=True))
        except LscError as error:
            packets.append(error)
    send([packet for row in packets if isinstance(row, list) for packet in row], settings)
    return [_outcome(row, message, settings) for row, message in zip(packets, messages, strict=True)]


def _in_turn(messages: Sequence[Message], settings: ChannelSettings) -> list[list[Sent] | LscError]:
    """Send the first word of each message, then the second: each is coded given those that Bob has read."""
    rows: list[list[Packet]] = [[] for _ in messages]
    bobs = [Listener(settings) for _ in messages]
    failed: dict[int, LscError] = {}
    for k in range(max((_count(message, settings) for message in messages), default=0)):
        for number, message in enumerate(messages):
            if k < _count(message, settings) and number not in failed:
                try:
                    rows[number].append(_packet(message, k, settings, bobs[number].said))
                except LscError as error:
                    failed[number] = error
        going = [n for n, row in enumerate(rows) if len(row) > k and n not in failed]
        send([rows[number][k] for number in going], settings)
        for number in going:
            try:
                _hear(bobs[number], rows[number][k])
            except LscError as error:
                failed[number] = error
    return [
        failed[number] if number in failed else _steps(row, message, settings)
        for number, (row, message) in enumerate(zip(rows, messages, strict=True))
    ]


def _outcome(
    row: list[Packet] | LscError, message: Message, settings: ChannelSettings
) -> list[Sent] | LscError:
    if isinstance(row, LscError):
        return row
    bob = Listener(settings)
    try:
        for packet in row:
            _hear(bob, packet)
    except LscError as error:
        return error
    return _steps(row, message, settings)


def _hear(bob: Listener, packet: Packet) -> None:
    """Let Bob read a packet; LscError where it could not be sent, or what reads it fails."""
    if packet.refused:
        raise LscError(f"{packet.word!r}: {packet.refused}")
    bob.hear(packet)


def packets_of(message: Message, settings: ChannelSettings, *, closed: bool = False) -> list[Packet]:
    """The packets of a message, not sent yet, by a code that does not heed the words before.

    Args:
        closed: with the end of the message, where that is sent.

    Raises:
        LscError: where the source code lacks a character.
    """
    count = _count(message, settings) if closed else len(message.order)
    return [_packet(message, k, settings, ()) for k in range(count)]


def _count(message: Message, settings: ChannelSettings) -> int:
    """Packets of a message; without a word there is none."""
    words = len(message.order)
    return words + 1 if words and settings.frames.closes else words


def _packet(message: Message, k: int, settings: ChannelSettings, said: Sequence[str]) -> Packet:
    """Packet k of a message, from 0; `said` are the words that Bob has read, where the code heeds them.

    Behind the last word comes the end of the message: padding alone, or a length of zero and nothing else.
    """
    coder, frames = settings.source_coder, settings.frames
    coded = settings.link.reorder == "coded"
    if coded and len(message.words) > 2**POSITION_BITS:
        count = len(message.words)
        raise LscError(f"--reorder coded numbers {2**POSITION_BITS} words; this caption has {count}.")
    end = k == len(message.order)
    index = 0 if end else message.order[k]
    word = "" if end else message.words[index]
    nothing = np.zeros(0, np.uint8)
    bare = end and bool(frames.field)
    before = coder.encode(" ") if k and not coder.contextual and not bare else nothing
    digits = f"{index:0{POSITION_BITS}b}" if coded and not bare else ""
    position = np.array([int(digit) for digit in digits], np.uint8)
    own = nothing if end else frames.fitting(coder.given(said).encode(word))
    padding = frames.padding(len(before), len(own))
    bits = np.concatenate([before, position, own, padding])
    noise = None
    if settings.noisy:
        noise = PacketNoise(settings.link.seed, message.image, message.trial, k + 1)
    return Packet(
        word,
        bits,
        len(before),
        len(position),
        noise,
        bits,
        padding=len(padding),
        header=frames.header(len(own)),
    )


def send(packets: Sequence[Packet], settings: ChannelSettings) -> None:
    """Send packets; those that the channel code cannot carry, or at which an entry fails, say why.

    Bob has not read them yet; see `lsccli.core.channel.listening`.
    """
    groups: dict[tuple[int, int], list[Packet]] = {}
    for packet in packets:
        groups.setdefault((len(packet.bits), packet.known), []).append(packet)
    for (length, _), group in sorted(groups.items(), key=lambda entry: entry[0]):
        try:
            for size in (len(group[0].header), length + settings.check_bits if length else 0):
                if size:
                    settings.channel_coder.length(size)
        except LscError as error:
            for packet in group:
                packet.refused = error
            continue
        for start in range(0, len(group), _AT_ONCE):
            _send_or_refuse(group[start : start + _AT_ONCE], settings)


def _send_or_refuse(packets: Sequence[Packet], settings: ChannelSettings) -> None:
    """Send packets of equal length; where an entry fails at that, each alone."""
    try:
        _send(packets, settings)
    except PluginError as error:
        if len(packets) == 1:
            packets[0].refused = error
            return
        for packet in packets:
            packet.anew()
            _send_or_refuse([packet], settings)


def _send(packets: Sequence[Packet], settings: ChannelSettings) -> None:
    """Send packets of equal length and equal space, round by round."""
    code, model, soft = settings.channel_coder, settings.model, settings.reader.soft
    truth = np.stack([packet.bits for packet in packets])
    info = crc.attach(truth, settings.crc) if truth.shape[1] else truth
    known, field = packets[0].known, len(packets[0].header)
    parts = [np.stack([packet.header for packet in packets]), info]
    coded = np.concatenate([code.encode(part) for part in parts if part.shape[1]], axis=1)
    symbols = model.symbols(coded.shape[1])
    if field:  # whole symbols, so that packets join to a stream
        coded = np.pad(coded, ((0, 0), (0, symbols * model.bits_per_symbol - coded.shape[1])))
    start = code.length(field) if field else 0
    left = np.arange(len(packets))
    for _ in range(1 + (settings.link.arq or 0)):
        going = [packets[int(i)] for i in left]
        noises = [packet.noise for packet in going if packet.noise is not None]
        received = model.send(coded[left], noises, soft=code.soft or soft)
        bits, ratios = received.bits, received.ratios
        found, heads = info[left], parts[0][left]
        if field:
            heads = decoded(code, bits, ratios, 0, field)
        if not field:
            found = code.decode(received, info.shape[1])
        elif info.shape[1]:
            found = decoded(code, bits, ratios, start, info.shape[1])
        found = np.array(found, np.uint8)  # to write to
        found[:, :known] = truth[left, :known]
        checked = bool(settings.crc) and bool(info.shape[1])
        holds = crc.holds(found, settings.crc) if checked else np.ones(len(left), bool)
        for row, packet in enumerate(going):
            packet.found = found[row, : truth.shape[1]]
            packet.header_found = heads[row]
            packet.passed = bool(holds[row])
            packet.ratios = ratios[row, start:] if soft else None
            packet.rounds += 1
            packet.symbols += symbols
            packet.symbol_errors += int(received.symbol_errors[row])
            packet.channel_bits += symbols * model.bits_per_symbol
            if field:
                _arrive(packet, bits[row], ratios[row] if ratios.size else np.zeros(0), settings)
                holds[row] = packet.passed
        left = left[~holds]
        if not len(left):
            break


def _arrive(packet: Packet, bits: Bits, ratios: Floats, settings: ChannelSettings) -> None:
    """Keep what arrived of a packet with a length field; with --arq Bob takes it apart, and asks again."""
    packet.arrived = bits
    packet.arrived_ratios = ratios if len(ratios) else None
    coded = settings.channel_coder.length(len(packet.bits) + settings.check_bits) if len(packet.bits) else 0
    if packet.ratios is not None:  # without the bits that fill the last symbol
        packet.ratios = packet.ratios[:coded]
    if settings.link.arq is not None:
        right = (packet.header_found == packet.header).all()
        packet.burst = bounded(packet) if right else parsed(settings, bits, ratios, 0, packet.known)
        packet.passed = packet.burst is not None and packet.burst.passed


def _steps(packets: Sequence[Packet], message: Message, settings: ChannelSettings) -> list[Sent]:
    steps = [Sent("", "", 0, 0, 0, 0, 0, "")]
    arrived: list[tuple[int, int, str]] = []
    words = len(message.order)
    for k in range(words):
        # With the last word goes the end of the message.
        own = packets[k:] if k == words - 1 else packets[k : k + 1]
        for text, number, position in (one for packet in own for one in packet.read):
            # Where Bob counts more packets than there are words, the last come last.
            index = message.order[number] if number < words else len(message.words) + number
            place = {"none": number, "free": index, "coded": position}[settings.link.reorder]
            arrived.append((place, number, text))
        packet = own[0]
        steps.append(
            Sent(
                sent=packet.word,
                received=" ".join(one.text for one in own if one.text or one is packet),
                source_bits=len(packet.bits) - packet.prefix - packet.padding,
                channel_bits=sum(one.channel_bits for one in own),
                symbols=sum(one.symbols for one in own),
                bit_errors=sum(one.wrong for one in own),
                rounds=packet.rounds,
                prompt=" ".join(text for _, _, text in sorted(arrived)),
            )
        )
    return steps
