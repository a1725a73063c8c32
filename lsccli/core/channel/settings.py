"""What a link between Alice and Bob is: the options that every link has, and those of its model and code.

A channel model and a channel code declare options of their own; the facts of a link are all that are in
force, and its identity names of them what differs from the value it was born with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

from lsccli.core.channel.codes.base import ChannelCode, CodeSpec
from lsccli.core.channel.crc import CRCS
from lsccli.core.channel.decoders.base import DECODERS, Decoder, DecoderSpec, Frame
from lsccli.core.channel.framing import Frames
from lsccli.core.channel.guards import guarded
from lsccli.core.channel.link import (
    CODE_AFTER,
    ENTRIES,
    MODEL_AFTER,
    NOISY,
    SCC_RULES,
    Link,
    find_entry,
    known_options,
    listed,
    names_of,
    takers,
)
from lsccli.core.channel.models.base import CHANNEL_MODELS, ChannelModel, ModelSpec
from lsccli.core.channel.source.base import SourceCode, SourceSpec
from lsccli.core.channel.vocabulary import Vocabulary, known_words, shipped
from lsccli.core.errors import LscError
from lsccli.core.options import MISSING, Option, Settings, checked, options_of
from lsccli.core.registry.base import Entry
from lsccli.core.store.keys import Identity, identity


@dataclass(frozen=True)
class ChannelSettings:
    """A link. Every option is an attribute; None is what does not go with it, or is "none".

    Made by `resolved` from options, by `of` from what a store holds; without arguments the ideal one.
    """

    link: Link = field(default_factory=Link)
    own: Settings = field(default_factory=Settings)
    coding: Settings = field(default_factory=Settings)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> ChannelSettings:
        """The link behind `facts`; options that are not there have the value that they were born with.

        Raises:
            LscError: for an entry or an option that is not known here.
        """
        if wrong := next((name for name in ENTRIES if not isinstance(facts.get(name, ""), str)), None):
            raise LscError(f"The {wrong} of a channel has a name, which {facts[wrong]!r} is not.")
        return _made({name: value for name, value in facts.items() if name != "entries"}, born=True)

    def __getattr__(self, name: str) -> Any:
        # The options of models and codes are declared by these, so that no type can be told here.
        if name.startswith("_"):
            raise AttributeError(name)
        values = self._in_force
        if name not in values and name not in Link.model_fields and name not in known_options():
            raise AttributeError(f"a link has no {name!r}")
        return values.get(name)

    @cached_property
    def specs(self) -> dict[str, Entry]:
        """Its entries, by the option that names each."""
        return {name: find_entry(name, getattr(self.link, name)) for name in ENTRIES}

    @property
    def noisy(self) -> bool:
        """Whether the channel can corrupt anything."""
        return cast(ModelSpec, self.specs["channel"]).noisy

    @property
    def uses_vocabulary(self) -> bool:
        """Whether it matters which words Bob knows."""
        heeds = cast(DecoderSpec, self.specs["decoder"]).uses_vocabulary
        return heeds or self.link.scc != "none" or self.link.framing != "ideal"

    @cached_property
    def model(self) -> ChannelModel:
        """The channel at its operating point."""
        spec, rate = self.specs["channel"], self.nominal_rate
        return cast(ChannelModel, guarded("channel model", spec, lambda: spec.make(self.own, rate)))

    @cached_property
    def channel_coder(self) -> ChannelCode:
        """The channel code."""
        spec = cast(CodeSpec, self.specs["code"])
        made = guarded("channel code", spec, lambda: spec.made(self.link.code, self.coding))
        return cast(ChannelCode, made)

    @cached_property
    def source_coder(self) -> SourceCode:
        """The source code, before any word."""
        spec = cast(SourceSpec, self.specs["source_code"])
        return cast(SourceCode, guarded("source code", spec, spec.made))

    @cached_property
    def reader(self) -> Decoder:
        """What reads packets for Bob; LscError where his vocabulary is not there."""
        spec = cast(DecoderSpec, self.specs["decoder"])
        known = self.known_words() if spec.uses_vocabulary else shipped("storybook")
        frame = Frame(self.source_coder, self.channel_coder, self.crc, known, self.noisy, self.frames)
        return cast(Decoder, guarded("decoder", spec, lambda: spec.make(frame)))

    @cached_property
    def frames(self) -> Frames:
        """The framing; LscError where Bob's vocabulary is not there, or the source code has none of it."""
        kind, coder = self.link.framing, self.source_coder
        if kind == "ideal":
            return Frames()
        space = 0 if coder.contextual else len(coder.encode(" "))
        return Frames(kind, coder.unit, coder.longest(self.known_words()), space)

    def known_words(self) -> Vocabulary:
        """Bob's vocabulary; LscError where it was a file that is not named now, or has changed."""
        return known_words(self.link.vocabulary, self.link.vocabulary_file)

    def knowing(self, vocabulary: str | None, file: str | None) -> ChannelSettings:
        """The same with another vocabulary of Bob's: its digest, and where it is a file."""
        changed = {"vocabulary": vocabulary, "vocabulary_file": file}
        return replace(self, link=self.link.model_copy(update=changed))

    @property
    def bits_per_symbol(self) -> int:
        """log2 M; 1 on channels of bits."""
        return self.model.bits_per_symbol

    @property
    def check_bits(self) -> int:
        """Bits of the CRC."""
        return CRCS[self.link.crc]

    @property
    def nominal_rate(self) -> float:
        """R of the channel code, in information bits per coded bit, before padding."""
        return self.channel_coder.nominal_rate

    @property
    def points_db(self) -> tuple[float, float] | None:
        """Eb/N0 and Es/N0 in dB; None on a channel of bits."""
        return self.model.points_db

    @property
    def es_n0(self) -> float:
        """Symbol energy over noise density as a ratio: Es/N0 = Eb/N0 · R · log2 M."""
        if self.points_db is None:
            raise ValueError(f"channel {self.channel} has no operating point")
        return float(10 ** (self.points_db[1] / 10))

    def facts(self) -> dict[str, Any]:
        """The settings that are in force; `entries` says which edition of an entry from outside it was."""
        found = {name: value for name, value in self._in_force.items() if name != "vocabulary_file"}
        editions = {name: _edition(spec) for name, spec in self.specs.items()}
        editions = {name: edition for name, edition in editions.items() if edition}
        return {**found, "entries": editions} if editions else found

    def identity(self) -> Identity:
        """The same, and of them what a key names."""
        options = _options_with(self.specs)
        born = {one.name: one.born for one in options if one.born is not MISSING}
        return identity(born, **self.facts())

    @cached_property
    def _in_force(self) -> dict[str, Any]:
        silent = {name for name in NOISY if not self.noisy}
        silent |= {name for name in ("code", "crc", "scc") if getattr(self.link, name) == "none"}
        silent |= {"scc_closeness"} if self.link.scc == "none" else set()
        silent |= {"framing"} if self.link.framing == "ideal" else set()
        found: dict[str, Any] = {}
        for name, value in self.link:
            if name not in silent:
                found[name] = value
            if name == MODEL_AFTER:
                found |= _told(self.own)
            if name == CODE_AFTER:
                found |= _told(self.coding)
        # None says that an option was not given, but for one that was born with something.
        given = {one.name for one in _options_with(self.specs) if one.born not in (None, MISSING)}
        return {name: value for name, value in found.items() if value is not None or name in given}


def resolved(**options: Any) -> ChannelSettings:
    """The link of these options as typed; None is not given. Defaults are filled in.

    Raises:
        LscError: for a value that cannot be, and for options that do not go together.
    """
    return _made({name: value for name, value in options.items() if value is not None})


def typed(settings: ChannelSettings) -> list[str]:
    """The fewest options that give these settings, as typed; those of Bob's vocabulary are not among them."""
    given = {n: v for n, v in settings.facts().items() if n not in ("vocabulary", "entries")}
    wanted = settings.knowing(None, None)
    for name in list(given):
        fewer = {other: value for other, value in given.items() if other != name}
        try:
            given = fewer if resolved(**fewer) == wanted else given
        except LscError:  # needed by another
            continue
    flags = {one.name: one.flag for one in _options_with(settings.specs)}
    options: list[str] = []
    for name, value in given.items():
        options.append(flags[name] if value is not False else "--no-" + flags[name][2:])
        options += [] if isinstance(value, bool) else [str(value)]
    return options


def _made(given: Mapping[str, Any], *, born: bool = False) -> ChannelSettings:
    """The link of these options; those not given have their defaults, or the values they were born with."""
    shared = {one.name: one for one in options_of(Link)}
    names = {name: given.get(name, shared[name].born if born else shared[name].default) for name in ENTRIES}
    specs = {name: find_entry(name, value) for name, value in names.items()}
    code = cast(CodeSpec, specs["code"])
    model = cast(ModelSpec, specs["channel"])
    names = {name: spec.name for name, spec in specs.items()}
    if code.pattern:
        names["code"] = given["code"].lower()
    own, coding = options_of(model.options), options_of(code.options)
    all_names = [*shared, *(one.name for one in (*own, *coding))]
    if twice := next((name for name in all_names if all_names.count(name) > 1), None):
        both = f"--channel {names['channel']} and --code {names['code']}"
        raise LscError(f"{both}: two options are called {twice!r}; rename the one of the plugin.")

    def part(options: Sequence[Option]) -> dict[str, Any]:
        values = {one.name: one.born for one in options if born and one.born is not MISSING}
        return values | {one.name: given[one.name] for one in options if one.name in given}

    _check_what_goes(given, set(all_names), names)
    for kind, options in (("channel", own), ("code", coding)):
        for one in options:
            if one.default is MISSING and one.name not in given:
                said = one.help[:1].lower() + one.help[1:].rstrip(".")
                raise LscError(f"--{kind} {names[kind]} needs {one.flag}, {said}.")
    link = checked(Link, part(list(shared.values())) | names, "", typed=True)
    found = ChannelSettings(
        link,
        checked(model.options, part(own), f"--channel {model.name}", typed=True),
        checked(code.options, part(coding), f"--code {names['code']}", typed=True),
    )
    _check_together(found, given)
    return found


def _check_what_goes(given: Mapping[str, Any], known: set[str], names: Mapping[str, str]) -> None:
    """LscError for an option of another channel or code; one that says no needs nothing to go with."""
    quiet = not CHANNEL_MODELS.find(names["channel"]).noisy
    for name, value in given.items():
        if name in known and not (quiet and name in NOISY):
            continue
        if value is False or value == "none":
            continue
        having = takers(name)
        if not having:
            raise LscError(f"There is no option {name!r} of a channel; another version may know it.")
        kind = next(iter(having))
        flag = known_options()[name].flag
        raise LscError(f"{flag} goes with --{kind} {listed(having[kind])}, not with {names[kind]}.")


def _check_together(link: ChannelSettings, given: Mapping[str, Any]) -> None:
    if given.get("vocabulary") is not None and not link.uses_vocabulary:
        heeding = [name for name in names_of("decoder") if DECODERS.find(name).uses_vocabulary]
        told = f"--decoder {listed(heeding)}, with --scc, and with --framing fixed and coded"
        raise LscError(f"--vocabulary goes with {told}.")
    if "scc_closeness" in given and link.link.scc == "none":
        raise LscError(f"--scc-closeness goes with --scc {listed(SCC_RULES)}.")
    if link.link.arq is not None and link.link.crc == "none":
        raise LscError("--arq sends again what fails its check; it needs --crc.")
    if link.link.code != "none":
        link.model.check_coded()


def _options_with(specs: Mapping[str, Entry]) -> list[Option]:
    model, code = cast(ModelSpec, specs["channel"]), cast(CodeSpec, specs["code"])
    return [*options_of(Link), *options_of(model.options), *options_of(code.options)]


def _told(options: Settings) -> dict[str, Any]:
    """The values of a model or a code; a flag that was always off and is not given is no fact."""
    off = {one.name for one in options_of(type(options)) if one.default is False and one.born is False}
    return {name: value for name, value in options if not (value is False and name in off)}


def _edition(spec: Entry) -> dict[str, Any]:
    """What tells an entry from the first edition of one that comes with lsc."""
    return {name: value for name, value in spec.identity().items() if (name, value) != ("version", 1)}
