"""What a channel model is: what it does to coded bits, how often it errs, and how much it could carry."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lsccli.core.channel.noise import Bits, Floats, PacketNoise
from lsccli.core.channel.received import Received
from lsccli.core.options import Settings
from lsccli.core.registry.base import Entry, Registry


class ChannelModel:
    """A channel at one operating point: parameters in the constructor, bits in `send`.

    Attributes:
        bits_per_symbol: log2 M; 1 on channels of bits.
        points_db: Eb/N0 and Es/N0 in dB; None on a channel of bits.
    """

    bits_per_symbol: int = 1
    points_db: tuple[float, float] | None = None

    def __init__(self, options: Settings, rate: float) -> None:
        """`options` are the model's own, `rate` is R of the channel code, nominal."""

    def symbols(self, n: int) -> int:
        """How many symbols carry n bits: ⌈n / log2 M⌉."""
        return -(-n // self.bits_per_symbol)

    def send(self, bits: Bits, noises: Sequence[PacketNoise], *, soft: bool) -> Received:
        """Send (B, n) bits, each row a packet with its own noise; `soft` asks for ratios."""
        raise NotImplementedError

    def check_coded(self) -> None:
        """LscError where the model cannot work with a channel code."""

    def bit_error_rate(self) -> float | None:
        """The share of wrong bits before decoding; None where there is no closed form."""
        return None

    def symbol_error_rate(self) -> float | None:
        """The share of wrong symbols; None where there is no closed form."""
        return None

    def packet_error_rate(self, bits: int) -> float | None:
        """The share of uncoded packets of so many bits with a wrong one; None without a closed form."""
        return None

    def capacity(self) -> float | None:
        """Bits per symbol at most; None where nothing is ever lost, or nobody knows."""
        return None

    def block_gains(self) -> tuple[Floats, Floats] | None:
        """Energy gains |h|² of a packet, and the probability of each; None where it meets no one fade."""
        return None

    def least_es_n0(self, efficiency: float) -> float | None:
        """The Es/N0, a ratio, at which the capacity is `efficiency`; None where there is no Es/N0."""
        return None


def any_wrong(rate: float, count: float) -> float:
    """1 − (1 − P)^n: the probability of an error among n independent ones of probability P."""
    return -math.expm1(count * math.log1p(-rate))


@dataclass(frozen=True, kw_only=True)
class ModelSpec(Entry):
    """One channel model: `make(options, rate)` gives a `ChannelModel`.

    Attributes:
        options: its own options.
        noisy: whether it can corrupt anything.
    """

    options: type[Settings] = Settings
    noisy: bool = True


CHANNEL_MODELS: Registry[ModelSpec] = Registry(
    "channel model", "lsccli.core.channel.models", "lsc channel --help"
)

M = TypeVar("M", bound=ChannelModel)


def channel_model(
    name: str,
    *,
    summary: str,
    options: type[Settings] = Settings,
    noisy: bool = True,
    source: str = "",
    version: int = 1,
) -> Callable[[type[M]], type[M]]:
    """Register a subclass of `ChannelModel`; see `ModelSpec`.

    Its options become options of the command line and, but for those at the value that they were born with,
    part of every key. Raise the version when it does something else with the same options.
    """

    def register(make: type[M]) -> type[M]:
        CHANNEL_MODELS.add(
            ModelSpec(
                name=name,
                make=make,
                summary=summary,
                options=options,
                noisy=noisy,
                source=source,
                version=version,
            )
        )
        return make

    return register
