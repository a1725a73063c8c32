"""What a channel code is: information bits to coded bits and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, TypeVar, cast

from lsccli.core.channel.noise import Bits
from lsccli.core.channel.received import Received
from lsccli.core.errors import LscError
from lsccli.core.options import Settings
from lsccli.core.registry.base import Entry, Registry


class ChannelCode(Protocol):
    """A channel code.

    Attributes:
        soft: whether it reads log-likelihood ratios instead of decisions.
        nominal_rate: R in information bits per coded bit, before padding.
    """

    soft: bool
    nominal_rate: float

    def length(self, k: int) -> int:
        """Coded bits of k information bits, padding included; LscError where k is too many."""
        ...

    def encode(self, bits: Bits) -> Bits:
        """(B, k) information bits to (B, length(k)) coded bits."""
        ...

    def decode(self, received: Received, k: int) -> Bits:
        """(B, length(k)) coded bits as they arrived to (B, k) information bits."""
        ...


@dataclass(frozen=True, kw_only=True)
class CodeSpec(Entry):
    """One channel code, or a family of them: `make(options, **groups)` gives a `ChannelCode`.

    Attributes:
        options: its own options.
        pattern: of a family, what the names of its members look like, a regular expression; the parts of it
            that are named are handed to `make` as texts.
    """

    options: type[Settings] = Settings
    pattern: str = ""

    def names(self, text: str) -> dict[str, str] | None:
        """The named parts of a member's name; None where the text is no name of this code."""
        found = re.fullmatch(self.pattern or re.escape(self.name), text, re.IGNORECASE)
        return found.groupdict() if found else None

    def made(self, text: str, options: Settings) -> ChannelCode:
        """The code of this name, made once for equal options."""
        return _made(self, text.lower(), options)


class Codes(Registry[CodeSpec]):
    """Channel codes by name; a family is found by the name of any member."""

    def find(self, name: str) -> CodeSpec:
        """The code or family that has this name; LscError where there is none."""
        for spec in self.all().values():
            if spec.names(name) is not None:
                return spec
        found = super().find(name)
        raise LscError(f"{found.name} is a family of channel codes: {found.summary}.")


def _check(spec: CodeSpec) -> None:
    try:
        re.compile(spec.pattern)
    except re.error as error:
        raise LscError(f"Channel code {spec.name}: pattern {spec.pattern!r}: {error}.") from error


CHANNEL_CODES = Codes("channel code", "lsccli.core.channel.codes", "lsc channel --help", _check)

C = TypeVar("C", bound=Callable[..., ChannelCode])


def channel_code(
    name: str,
    *,
    summary: str,
    options: type[Settings] = Settings,
    pattern: str = "",
    source: str = "",
    version: int = 1,
) -> Callable[[C], C]:
    """Register a class of channel codes, or a function that makes one; see `CodeSpec`."""

    def register(make: C) -> C:
        CHANNEL_CODES.add(
            CodeSpec(
                name=name,
                make=make,
                summary=summary,
                options=options,
                pattern=pattern,
                source=source,
                version=version,
            )
        )
        return make

    return register


@lru_cache(maxsize=64)
def _made(spec: CodeSpec, text: str, options: Settings) -> ChannelCode:
    return cast(ChannelCode, spec.make(options, **(spec.names(text) or {})))
