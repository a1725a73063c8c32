"""Words over the channel: one packet a word.

A packet's information bits are, in this order: the space before the word (from the second word on), its
position in the caption in 6 bits (with --reorder coded), the word, and the check bits. Framing, the number of
words and the number of bits of a word are ideal and free. The space is counted and sent, but Bob knows it.

A source code that heeds the words before, `lm`, ends words itself and has no space. It heeds them as Bob read
them, which Alice is assumed to know at no cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lsccli.core.channel import crc
from lsccli.core.channel.link import POSITION_BITS
from lsccli.core.channel.noise import Bits, Floats, PacketNoise
from lsccli.core.channel.received import Received
from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.errors import LscError
from lsccli.core.registry.base import PluginError, at_work

# Packets of equal length that are sent at once.
_AT_ONCE = 1024


@dataclass(frozen=True)
class Sent:
    """One word over the channel: as sent, as received, and what it cost.

    Attributes:
        received: empty where the packet was dropped because it failed its check to the last.
        source_bits: of the word, and of the space before it.
        channel_bits: all bits on the channel: coded, filled up to whole symbols, in all rounds.
        symbols: in all rounds.
        bit_errors: wrong bits of word and position after channel decoding, in the last round.
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


@dataclass
class Packet:
    """One word on its way.

    Attributes:
        bits: information bits without check bits, `known` of them the space, then `prefix` of a position.
        found: these bits as decoded.
        symbol_errors: symbols taken for another, in all rounds.
        passed: whether the check held in the last round; True without one.
        ratios: of all coded bits in the last round, where Bob's decoder reads them.
        text: the word as Bob reads it.
    """

    word: str
    bits: Bits
    known: int
    prefix: int
    noise: PacketNoise | None
    found: Bits
    channel_bits: int = 0
    symbols: int = 0
    symbol_errors: int = 0
    rounds: int = 0
    passed: bool = True
    ratios: Floats | None = None
    text: str = ""


def send_messages(messages: Sequence[Message], settings: ChannelSettings) -> list[list[Sent] | LscError]:
    """Send each message; step 0, before any word, comes first. What cannot be sent gives its reason."""
    if settings.source_coder.contextual:
        return _in_turn(messages, settings)
    packets: list[list[Packet] | LscError] = []
    for message in messages:
        try:
            packets.append(packets_of(message, settings))
        except LscError as error:
            packets.append(error)
    refused = send([packet for row in packets if isinstance(row, list) for packet in row], settings)
    return [_outcome(row, message, settings, refused) for row, message in zip(packets, messages, strict=True)]


def _in_turn(messages: Sequence[Message], settings: ChannelSettings) -> list[list[Sent] | LscError]:
    """Send the first word of each message, then the second: each is coded given those that Bob has read."""
    rows: list[list[Packet]] = [[] for _ in messages]
    said: list[list[str]] = [[] for _ in messages]
    failed: dict[int, LscError] = {}
    for k in range(max((len(message.order) for message in messages), default=0)):
        for number, message in enumerate(messages):
            if k < len(message.order) and number not in failed:
                try:
                    rows[number].append(_packet(message, k, settings, said[number]))
                except LscError as error:
                    failed[number] = error
        going = [n for n, row in enumerate(rows) if len(row) > k and n not in failed]
        refused = send([rows[number][k] for number in going], settings)
        for number in going:
            packet = rows[number][k]
            if reason := refused.get(len(packet.bits)):
                failed[number] = LscError(f"{packet.word!r}: {reason}")
            else:
                listen([packet], settings, said[number])
    return [
        failed[number] if number in failed else _steps(row, message, settings)
        for number, (row, message) in enumerate(zip(rows, messages, strict=True))
    ]


def _outcome(
    row: list[Packet] | LscError, message: Message, settings: ChannelSettings, refused: dict[int, LscError]
) -> list[Sent] | LscError:
    if isinstance(row, LscError):
        return row
    for packet in row:
        if error := refused.get(len(packet.bits)):
            return LscError(f"{packet.word!r}: {error}")
    listen(row, settings)
    return _steps(row, message, settings)


def packets_of(message: Message, settings: ChannelSettings) -> list[Packet]:
    """The packets of a message, not sent yet, by a code that does not heed the words before.

    Raises:
        LscError: where the source code lacks a character.
    """
    return [_packet(message, k, settings, ()) for k in range(len(message.order))]


def _packet(message: Message, k: int, settings: ChannelSettings, said: Sequence[str]) -> Packet:
    """Packet k of a message, from 0; `said` are the words that Bob has read, where the code heeds them."""
    coder = settings.source_coder
    coded = settings.link.reorder == "coded"
    if coded and len(message.words) > 2**POSITION_BITS:
        count = len(message.words)
        raise LscError(f"--reorder coded numbers {2**POSITION_BITS} words; this caption has {count}.")
    index = message.order[k]
    word = message.words[index]
    before = coder.encode(" ") if k and not coder.contextual else np.zeros(0, np.uint8)
    digits = f"{index:0{POSITION_BITS}b}" if coded else ""
    position = np.array([int(digit) for digit in digits], np.uint8)
    bits = np.concatenate([before, position, coder.given(said).encode(word)])
    noise = None
    if settings.noisy:
        noise = PacketNoise(settings.link.seed, message.image, message.trial, k + 1)
    return Packet(word, bits, len(before), len(position), noise, bits)


def send(packets: Sequence[Packet], settings: ChannelSettings) -> dict[int, LscError]:
    """Send packets; by their number of bits: why those were refused that the channel code cannot carry.

    Bob has not read them yet; see `listen`.
    """
    groups: dict[tuple[int, int], list[Packet]] = {}
    for packet in packets:
        groups.setdefault((len(packet.bits), packet.known), []).append(packet)
    refused: dict[int, LscError] = {}
    for (length, _), group in sorted(groups.items(), key=lambda entry: entry[0]):
        try:
            settings.channel_coder.length(length + settings.check_bits)
        except LscError as error:
            refused[length] = error
            continue
        try:
            for start in range(0, len(group), _AT_ONCE):
                _send(group[start : start + _AT_ONCE], settings)
        except PluginError as error:
            refused[length] = error
    return refused


def _send(packets: Sequence[Packet], settings: ChannelSettings) -> None:
    """Send packets of equal length and equal space, round by round."""
    code, model, soft = settings.channel_coder, settings.model, settings.reader.soft
    truth = np.stack([packet.bits for packet in packets])
    info = crc.attach(truth, settings.crc)
    with at_work(settings.specs["code"], f"The channel code {settings.link.code} failed"):
        coded = code.encode(info)
    symbols = model.symbols(coded.shape[1])
    known = packets[0].known
    left = np.arange(len(packets))
    for _ in range(1 + (settings.link.arq or 0)):
        going = [packets[int(i)] for i in left]
        noises = [packet.noise for packet in going if packet.noise is not None]
        with at_work(settings.specs["channel"], f"The channel model {settings.link.channel} failed"):
            received = model.send(coded[left], noises, soft=code.soft or soft)
            _check(received, coded[left], soft=code.soft or soft)
        with at_work(settings.specs["code"], f"The channel code {settings.link.code} failed"):
            decoded = np.array(code.decode(received, info.shape[1]), np.uint8)
            if decoded.shape != (len(left), info.shape[1]) or (decoded > 1).any():
                raise ValueError(f"decoded bits of shape {decoded.shape}, not {(len(left), info.shape[1])}")
        decoded[:, :known] = truth[left, :known]
        holds = crc.holds(decoded, settings.crc) if settings.crc else np.ones(len(left), bool)
        for row, packet in enumerate(going):
            packet.found = decoded[row, : truth.shape[1]]
            packet.passed = bool(holds[row])
            packet.ratios = received.ratios[row] if soft else None
            packet.rounds += 1
            packet.symbols += symbols
            packet.symbol_errors += int(received.symbol_errors[row])
            packet.channel_bits += symbols * model.bits_per_symbol
        left = left[~holds]
        if not len(left):
            break


def _check(received: Received, coded: Bits, *, soft: bool) -> None:
    """ValueError for what a channel model cannot have received of (B, n) coded bits."""
    bits = np.asarray(received.bits)
    if bits.shape != coded.shape or not ((bits == 0) | (bits == 1)).all():
        raise ValueError(f"bits of shape {bits.shape}, not {coded.shape}, or others than 0 and 1")
    if np.shape(received.symbol_errors) != (len(coded),):
        raise ValueError(f"symbol_errors of shape {np.shape(received.symbol_errors)}, not {(len(coded),)}")
    if soft and (np.shape(received.ratios) != coded.shape or np.isnan(received.ratios).any()):
        raise ValueError(f"ratios of shape {np.shape(received.ratios)}, not {coded.shape}, or NaN among them")


def listen(packets: Sequence[Packet], settings: ChannelSettings, said: list[str] | None = None) -> None:
    """Let Bob read the packets of one message, in the order in which they came; those dropped stay empty.

    What he reads is appended to `said`, the words that came before.
    """
    read = settings.reader
    said = [] if said is None else said
    for packet in packets:
        if packet.passed:
            packet.text = read(packet.found, packet.known + packet.prefix, packet.ratios, said)
            said.append(packet.text)


def _steps(packets: Sequence[Packet], message: Message, settings: ChannelSettings) -> list[Sent]:
    steps = [Sent("", "", 0, 0, 0, 0, 0, "")]
    arrived: list[tuple[int, int, str]] = []
    for k, (index, packet) in enumerate(zip(message.order, packets, strict=True), start=1):
        if packet.text.strip():
            place = {"none": k, "free": index, "coded": _position(packet)}[settings.link.reorder]
            arrived.append((place, k, packet.text))
        steps.append(
            Sent(
                sent=packet.word,
                received=packet.text,
                source_bits=len(packet.bits) - packet.prefix,
                channel_bits=packet.channel_bits,
                symbols=packet.symbols,
                bit_errors=int((packet.found != packet.bits).sum()),
                rounds=packet.rounds,
                prompt=" ".join(text for _, _, text in sorted(arrived)),
            )
        )
    return steps


def _position(packet: Packet) -> int:
    digits = packet.found[packet.known : packet.known + packet.prefix]
    return int("".join(map(str, digits)) or "0", 2)
