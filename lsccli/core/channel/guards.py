"""Entries of a link that come from outside, at work: what fails in them, or is no result, is told as theirs.

What they give is looked at before anybody goes by it. Entries of this package are called directly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from lsccli.core.channel.codes.base import ChannelCode
from lsccli.core.channel.decoders.base import Decoder
from lsccli.core.channel.models.base import ChannelModel
from lsccli.core.channel.noise import Bits, Floats, PacketNoise
from lsccli.core.channel.received import Received
from lsccli.core.channel.source.base import SourceCode
from lsccli.core.numbers import is_result
from lsccli.core.registry.base import Entry, at_work
from lsccli.core.registry.given import is_plain_text, shown

if TYPE_CHECKING:
    from lsccli.core.channel.vocabulary import Vocabulary

# Bits of a packet, at most.
MOST_BITS = 2**24

T = TypeVar("T")


def guarded(kind: str, spec: Entry, make: Callable[[], Any]) -> Any:
    """What an entry makes; where it comes from outside, behind the guard of its kind.

    Raises:
        PluginError: where the entry from outside fails at that.
    """
    if not spec.origin.outside:
        return make()
    with at_work(spec, f"The {kind} {spec.name} failed"):
        return _GUARDS[kind](spec, make())


class _Guard:
    _kind: str

    def __init__(self, spec: Entry, made: Any) -> None:
        self._spec = spec
        self._made = made

    def _at_work(self) -> AbstractContextManager[None]:
        return at_work(self._spec, f"The {self._kind} {self._spec.name} failed")


class _Source(_Guard, SourceCode):
    _kind = "source code"

    def __init__(self, spec: Entry, made: Any) -> None:
        super().__init__(spec, made)
        self.contextual = bool(made.contextual)
        self.unit = _whole(made.unit, "unit", 1)

    def given(self, said: Sequence[str]) -> SourceCode:  # type: ignore[override]
        with self._at_work():
            found = self._made.given(said)
            return self if found is self._made else _Source(self._spec, found)

    def encode(self, text: str) -> Bits:
        with self._at_work():
            bits = np.asarray(self._made.encode(text))
            if len(bits) > MOST_BITS or len(bits) % self.unit or (text and not len(bits)):
                raise ValueError(f"{len(bits)} bits, which are none, too many, or no multiple of {self.unit}")
            return _binary(bits, (len(bits),))

    def decode(self, bits: Bits) -> str:
        with self._at_work():
            return _text(self._made.decode(bits))

    def longest(self, known: Vocabulary) -> int:
        with self._at_work():
            return _whole(self._made.longest(known), "longest", 0)


class _Code(_Guard):
    _kind = "channel code"

    def __init__(self, spec: Entry, made: Any) -> None:
        super().__init__(spec, made)
        self.soft = bool(made.soft)
        self.nominal_rate = float(made.nominal_rate)
        if not 0 < self.nominal_rate <= 1:
            raise ValueError(f"the nominal rate {self.nominal_rate}, which is not above 0 and at most 1")

    def length(self, k: int) -> int:
        with self._at_work():
            return _whole(self._made.length(k), f"length({k})", 1)

    def encode(self, bits: Bits) -> Bits:
        with self._at_work():
            return _binary(self._made.encode(bits), (len(bits), self.length(bits.shape[1])))

    def decode(self, received: Received, k: int) -> Bits:
        with self._at_work():
            return _binary(self._made.decode(received, k), (len(received.bits), k))


class _Model(_Guard, ChannelModel):
    _kind = "channel model"

    def __init__(self, spec: Entry, made: Any) -> None:
        super().__init__(spec, made)
        self.bits_per_symbol = _whole(made.bits_per_symbol, "bits_per_symbol", 1)
        self.points_db = made.points_db
        if self.points_db is not None and not (
            len(self.points_db) == 2 and all(map(math.isfinite, self.points_db))
        ):
            raise ValueError(f"points_db {shown(self.points_db)}, which are not two finite numbers")

    def symbols(self, n: int) -> int:
        with self._at_work():
            found = _whole(self._made.symbols(n), f"symbols({n})", 0)
            if found * self.bits_per_symbol < n:
                raise ValueError(f"{found} symbols of {self.bits_per_symbol} bits for {n} bits")
            return found

    def send(self, bits: Bits, noises: Sequence[PacketNoise], *, soft: bool) -> Received:
        with self._at_work():
            received = self._made.send(bits, noises, soft=soft)
            errors = np.asarray(received.symbol_errors)
            if errors.shape != (len(bits),) or not ((errors >= 0) & (errors <= MOST_BITS)).all():
                raise ValueError(f"symbol_errors of shape {errors.shape}, not {(len(bits),)}, or no counts")
            ratios = np.asarray(received.ratios, np.float64)
            if soft and (ratios.shape != bits.shape or np.isnan(ratios).any()):
                raise ValueError(f"ratios of shape {ratios.shape}, not {bits.shape}, or NaN among them")
            return Received(_binary(received.bits, bits.shape), errors.astype(np.int64), ratios)

    def check_coded(self) -> None:
        with self._at_work():
            self._made.check_coded()

    def bit_error_rate(self) -> float | None:
        return self._number(lambda: self._made.bit_error_rate())

    def symbol_error_rate(self) -> float | None:
        return self._number(lambda: self._made.symbol_error_rate())

    def packet_error_rate(self, bits: int) -> float | None:
        return self._number(lambda: self._made.packet_error_rate(bits))

    def capacity(self) -> float | None:
        return self._number(lambda: self._made.capacity())

    def least_es_n0(self, efficiency: float) -> float | None:
        return self._number(lambda: self._made.least_es_n0(efficiency))

    def block_gains(self) -> tuple[Floats, Floats] | None:
        with self._at_work():
            found = self._made.block_gains()
            if found is None:
                return None
            gains, chances = (np.asarray(one, np.float64) for one in found)
            if gains.shape != chances.shape or not (np.isfinite(gains) & np.isfinite(chances)).all():
                raise ValueError("block_gains that are not as many finite gains as probabilities")
            return gains, chances

    def _number(self, give: Callable[[], Any]) -> float | None:
        with self._at_work():
            found = give()
            if found is not None and not is_result(found):
                raise ValueError(f"{shown(found)}, which is no finite number")
            return None if found is None else float(found)


class _Decoder(_Guard, Decoder):
    _kind = "decoder"

    def __init__(self, spec: Entry, made: Any) -> None:
        super().__init__(spec, made)
        self.soft = bool(made.soft)

    def __call__(self, bits: Bits, before: int, ratios: Floats | None, said: Sequence[str]) -> str | None:
        with self._at_work():
            found = self._made(bits, before, ratios, said)
            return None if found is None else _text(found)


_GUARDS: dict[str, Callable[[Entry, Any], SourceCode | ChannelCode | ChannelModel | Decoder]] = {
    guard._kind: guard for guard in (_Source, _Code, _Model, _Decoder)
}


def _whole(value: Any, what: str, least: int) -> int:
    """A whole number from `least` to MOST_BITS; ValueError for anything else."""
    sound = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not sound or not least <= value <= MOST_BITS:
        raise ValueError(f"{what} is {shown(value)}, which is no whole number from {least} to {MOST_BITS}")
    return int(value)


def _binary(found: Any, shape: tuple[int, ...]) -> Bits:
    """An own copy of bits; ValueError where they are of another shape, or others than 0 and 1."""
    bits = np.asarray(found)
    if bits.shape != shape or not ((bits == 0) | (bits == 1)).all():
        raise ValueError(f"bits of shape {bits.shape}, not {shape}, or others than 0 and 1")
    return bits.astype(np.uint8)


def _text(found: Any) -> str:
    if not is_plain_text(found):
        raise ValueError(f"{shown(found)}, which is no text")
    return str(found)
