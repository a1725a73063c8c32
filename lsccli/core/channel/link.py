"""The options that every link has, the entries that they name, and the options that these bring along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from lsccli.core.channel.codes.base import CHANNEL_CODES
from lsccli.core.channel.crc import CRCS
from lsccli.core.channel.decoders.base import DECODERS
from lsccli.core.channel.framing import FRAMINGS
from lsccli.core.channel.models.base import CHANNEL_MODELS
from lsccli.core.channel.source.base import SOURCE_CODES
from lsccli.core.errors import LscError
from lsccli.core.options import Option, Settings, option, options_of
from lsccli.core.registry.base import Entry, Registry

REORDER = ("none", "free", "coded")
SCC_RULES = ("longer", "distance")
# A coded position is one of 64.
POSITION_BITS = 6
# Of words that WordNet relates, as the storybook's text encoder sees its vocabulary, those of another meaning
# have a cosine of 0.883 at most, those of one meaning 0.944 at least: python -m benchmarks.scc
SCC_CLOSENESS = 0.91


class Link(Settings):
    """The options that a link has whatever its channel; the names of entries are those of the registries."""

    channel: str = option("ideal", help="Between Alice and Bob.")
    source_code: str = option("ascii8", help="How words become bits.")
    reorder: str = option(
        "none", choices=REORDER, help="Bob restores caption order: none, free, or coded (6 bits a word)."
    )
    code: str = option("none", help="Channel code.")
    crc: str = option("none", choices=tuple(CRCS), help="Check bits; what fails is dropped.")
    arq: int | None = option(
        None, ge=1, le=1000, help="Send a packet that fails its check again, so many times at most."
    )
    decoder: str = option("raw", help="How Bob reads.")
    vocabulary: str | None = option(
        None,
        help="The words Bob knows: storybook, english, or a file, one word and perhaps a count a line. "
        "[default: storybook with the models of that name, else english]",
    )
    vocabulary_file: str | None = option(None, runtime=True, flag="", help="Where these words are.")
    scc: str = option(
        "none",
        choices=("none", *SCC_RULES),
        help="Semantic channel coding: send a synonym that Bob knows, the longer, or the one of most "
        "distance to his other words; or none.",
    )
    scc_closeness: float = option(
        SCC_CLOSENESS,
        ge=-1,
        le=1,
        help="Least cosine of a word and its synonym in Bob's text encoder.",
    )
    framing: str = option(
        "ideal",
        choices=FRAMINGS,
        help="How Bob knows where words and the message end: told for nothing, packets of one length, or "
        "lengths that are sent.",
    )
    seed: int = option(0, flag="--channel-seed", help="Seed of noise and fades.")


# Behind these options of a link come those of its model and of its code.
MODEL_AFTER, CODE_AFTER = "reorder", "code"
# These need a channel that can corrupt something.
NOISY = ("arq", "seed", "decoder")


# The registries of a link's entries, by the option that names one.
ENTRIES: dict[str, Registry[Any]] = {
    "channel": CHANNEL_MODELS,
    "source_code": SOURCE_CODES,
    "code": CHANNEL_CODES,
    "decoder": DECODERS,
}


def names_of(name: str) -> list[str]:
    """The entries that an option names: the default first, then by alphabet, those from outside last."""
    default = Link.model_fields[name].default
    return [default, *(other for other in ENTRIES[name].all() if other != default)]


def find_entry(name: str, value: str) -> Entry:
    """The entry that an option names, in any letter case; LscError as on the command line."""
    try:
        return cast(Entry, ENTRIES[name].find(value))
    except LscError as error:
        known = ", ".join(names_of(name))
        raise LscError(f"--{name.replace('_', '-')} {value!r}: choose {known}.") from error


def takers(name: str) -> dict[str, list[str]]:
    """Which channels, or which codes, have an option of this name: `channel` or `code` -> their names."""
    found = {
        kind: [each for each in names_of(kind) if name in {one.name for one in own_options(kind, each)}]
        for kind in ("channel", "code")
    }
    if name in NOISY:
        found["channel"] = [each for each in names_of("channel") if CHANNEL_MODELS.find(each).noisy]
    return {kind: names for kind, names in found.items() if names}


def own_options(kind: str, name: str) -> list[Option]:
    """The options that a channel or a code declares."""
    return options_of(ENTRIES[kind].all()[name].options)


def known_options() -> dict[str, Option]:
    """Every option of some link by name, in the order of facts.

    Where entries share a name it is the first one's, without a range that the others do not have.
    """
    found: dict[str, Option] = {}
    for one in options_of(Link):
        found[one.name] = one
        kind = {MODEL_AFTER: "channel", CODE_AFTER: "code"}.get(one.name)
        for other in names_of(kind) if kind else ():
            for own in own_options(str(kind), other):
                first = found.setdefault(own.name, own)
                if first.range != own.range:
                    found[own.name] = replace(first, low=None, high=None)
    return found


def listed(names: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return f"{', '.join(names[:-1])} {last} {names[-1]}" if len(names) > 1 else "".join(names)
