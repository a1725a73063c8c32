"""What a channel is, by its settings; all of them are identity."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any

from lsccli.core.errors import LscError
from lsccli.core.store.keys import identity, identity_of, runtime

CHANNELS = ("ideal", "bsc", "awgn", "rayleigh")
SOURCE_CODES = ("ascii8", "ascii7", "huffman", "lm")
REORDER = ("none", "free", "coded")
# Bits per symbol.
MODULATIONS = {"bpsk": 1, "qpsk": 2, "16qam": 4, "64qam": 6, "256qam": 8}
FADINGS = ("block", "fast")
SCC_RULES = ("longer", "distance")
DECODERS = ("raw", "vocabulary", "language")
# Check bits; the polynomials are those of 3GPP TS 38.212, section 5.1.
CRCS = {"none": 0, "crc6": 6, "crc11": 11, "crc16": 16, "crc24a": 24}
# A coded position is one of 64.
POSITION_BITS = 6
# Of words that WordNet relates, as the storybook's text encoder sees its vocabulary, those of another meaning
# have a cosine of 0.883 at most, those of one meaning 0.944 at least: python -m benchmarks.scc
SCC_CLOSENESS = 0.91
# Codes whose rate can be chosen, and its limits.
RATES = {"polar5g": (0.125, 0.9), "ldpc5g": (0.2, 0.9)}


@dataclass(frozen=True)
class ChannelSettings:
    """The link between Alice and Bob; None is what does not go with the channel.

    Attributes:
        channel: `ideal` corrupts nothing; `bsc` flips each bit with probability `ber`; `awgn` adds complex
            white Gaussian noise; `rayleigh` fades as well, and Bob knows each fade.
        source_code: words to bits and back.
        reorder: `none` leaves the words in sending order; `free` puts them back at no cost, as published;
            `coded` sends a 6-bit position with each word, counts it, and exposes it to errors.
        ber: probability of a flipped channel bit.
        modulation: bpsk, or square QAM with Gray labels.
        ebn0_db, esn0_db: the operating point in dB, one of the two; Es/N0 = Eb/N0 + 10 log10(R log2 M).
        fading: `block`, one fade a packet, or `fast`, one a symbol.
        formula: flip bits by the closed form of the bit error rate instead of simulating symbols.
        code: none, repetitionN, hamming74, polar5g or ldpc5g; its nominal rate is `nominal_rate`.
        rate: information bits per coded bit, for the codes that have a choice.
        crc: check bits per packet. A packet that fails its check is sent again, up to `arq` times, and
            then dropped.
        decoder: how Bob reads a packet; see `lsccli.core.channel.decode`.
        vocabulary: digest of the words that Bob knows, where he heeds them; None for the storybook's.
        vocabulary_file: where these words are, if they do not come with the package.
        scc: the rule by which words are replaced before they are sent; see `lsccli.core.scc.coder`.
        scc_closeness: cosine that a word's state must have with that of its substitute.
        seed: of noise and fades.
    """

    channel: str = identity("ideal")
    source_code: str = identity("ascii8")
    reorder: str = identity("none")
    ber: float | None = identity(None)
    modulation: str | None = identity(None)
    ebn0_db: float | None = identity(None)
    esn0_db: float | None = identity(None)
    fading: str | None = identity(None)
    formula: bool | None = identity(None)
    code: str | None = identity(None)
    rate: float | None = identity(None)
    crc: str | None = identity(None)
    arq: int | None = identity(None)
    decoder: str | None = identity(None)
    vocabulary: str | None = identity(None)
    vocabulary_file: str | None = runtime(None)
    scc: str | None = identity(None)
    scc_closeness: float | None = identity(None)
    seed: int | None = identity(None)

    def __post_init__(self) -> None:
        _one_of("--channel", self.channel, CHANNELS)
        _one_of("--source-code", self.source_code, SOURCE_CODES)
        _one_of("--reorder", self.reorder, REORDER)
        _one_of("--modulation", self.modulation, MODULATIONS)
        _one_of("--fading", self.fading, FADINGS)
        _one_of("--crc", self.crc, tuple(CRCS)[1:])
        _one_of("--decoder", self.decoder, DECODERS)
        _one_of("--scc", self.scc, SCC_RULES)
        self._check_what_goes_together()
        self._check_numbers()

    @property
    def noisy(self) -> bool:
        """Whether the channel can corrupt anything."""
        return self.channel != "ideal"

    @property
    def heeds_vocabulary(self) -> bool:
        """Whether it matters which words Bob knows."""
        return self.decoder in ("vocabulary", "language") or self.scc is not None

    @property
    def bits_per_symbol(self) -> int:
        """log2 M; 1 on channels of bits."""
        return MODULATIONS[self.modulation] if self.modulation else 1

    @property
    def check_bits(self) -> int:
        """Bits of the CRC."""
        return CRCS[self.crc or "none"]

    @property
    def nominal_rate(self) -> float:
        """R of the channel code, in information bits per coded bit, before padding."""
        if self.code is None:
            return 1.0
        if self.code == "hamming74":
            return 4 / 7
        return self.rate if self.rate is not None else 1 / repetitions(self.code)

    @property
    def points_db(self) -> tuple[float, float] | None:
        """Eb/N0 and Es/N0 in dB; None on a channel of bits."""
        if self.ebn0_db is None and self.esn0_db is None:
            return None
        gain = 10 * math.log10(self.nominal_rate * self.bits_per_symbol)
        if self.ebn0_db is not None:
            return self.ebn0_db, self.ebn0_db + gain
        return (self.esn0_db or 0.0) - gain, self.esn0_db or 0.0

    @property
    def es_n0(self) -> float:
        """Symbol energy over noise density as a ratio: Es/N0 = Eb/N0 · R · log2 M."""
        if self.points_db is None:
            raise ValueError(f"channel {self.channel} has no operating point")
        return float(10 ** (self.points_db[1] / 10))

    def facts(self) -> dict[str, Any]:
        """The settings that are in force, as a key contains them: what is None is left out."""
        return {name: value for name, value in identity_of(self).items() if value is not None}

    def _check_what_goes_together(self) -> None:
        waves = self.channel in ("awgn", "rayleigh")
        points = (self.ebn0_db is not None) + (self.esn0_db is not None)
        for option, value, fits, channels in (
            ("--ber", self.ber, self.channel == "bsc", "bsc"),
            ("--modulation", self.modulation, waves, "awgn and rayleigh"),
            ("--ebn0-db", self.ebn0_db, waves, "awgn and rayleigh"),
            ("--esn0-db", self.esn0_db, waves, "awgn and rayleigh"),
            ("--formula", self.formula, waves, "awgn and rayleigh"),
            ("--fading", self.fading, self.channel == "rayleigh", "rayleigh"),
            ("--arq", self.arq, self.channel != "ideal", "bsc, awgn and rayleigh"),
            ("--channel-seed", self.seed, self.channel != "ideal", "bsc, awgn and rayleigh"),
            ("--decoder", self.decoder, self.channel != "ideal", "bsc, awgn and rayleigh"),
        ):
            if value is not None and not fits:
                raise LscError(f"{option} goes with --channel {channels}, not with {self.channel}.")
        if self.vocabulary is not None and not self.heeds_vocabulary:
            raise LscError(
                f"--vocabulary goes with --decoder vocabulary, language or --scc, not with {self.decoder}."
            )
        if (self.scc is None) != (self.scc_closeness is None):
            raise LscError("--scc-closeness goes with --scc longer and distance.")
        if waves and points != 1:
            raise LscError(f"--channel {self.channel} needs one of --ebn0-db and --esn0-db, in dB.")
        if self.channel == "bsc" and self.ber is None:
            raise LscError("--channel bsc needs --ber, the probability of a flipped bit.")
        if self.arq is not None and self.crc is None:
            raise LscError("--arq sends again what fails its check; it needs --crc.")
        if self.formula and self.code is not None:
            raise LscError(
                "--formula knows no closed form with a channel code; leave --code or --formula out."
            )
        if self.formula and self.fading == "block":
            raise LscError("--formula goes with fast fading: errors in a block fade are not independent.")

    def _check_numbers(self) -> None:
        if self.ber is not None and not 0 <= self.ber <= 0.5:
            raise LscError(f"--ber {self.ber:g}: give a probability from 0 to 0.5.")
        for option, point in (("--ebn0-db", self.ebn0_db), ("--esn0-db", self.esn0_db)):
            if point is not None and not (math.isfinite(point) and abs(point) <= 100):
                raise LscError(f"{option} {point:g}: give a number from -100 to 100, in dB.")
        if self.scc_closeness is not None and not -1 <= self.scc_closeness <= 1:
            raise LscError(f"--scc-closeness {self.scc_closeness:g}: give a cosine, from -1 to 1.")
        if self.arq is not None and not 1 <= self.arq <= 1000:
            raise LscError(f"--arq {self.arq}: give a number from 1 to 1000.")
        if self.code is not None and self.code not in ("hamming74", *RATES) and repetitions(self.code) < 2:
            raise LscError(
                f"--code {self.code!r}: choose none, repetitionN (N from 2), hamming74, polar5g or ldpc5g."
            )
        if self.code in RATES:
            low, high = RATES[self.code]
            if self.rate is None or not low <= self.rate <= high:
                raise LscError(f"--rate {self.rate}: {self.code} has rates from {low:g} to {high:g}.")
        elif self.rate is not None:
            raise LscError(f"--rate goes with {' and '.join(RATES)}, not with --code {self.code or 'none'}.")


def resolved(**options: Any) -> ChannelSettings:
    """Settings from options of which None or `none` are not given: defaults filled in where they apply."""
    # Not by ==, for 0 equals False, and 0 dB is an operating point.
    given = {
        name: value
        for name, value in options.items()
        if value is not None and value is not False and value != "none"
    }
    given.setdefault("reorder", "none")
    channel = given.get("channel", "ideal")
    if channel in ("awgn", "rayleigh"):
        given.setdefault("modulation", "bpsk")
    if channel == "rayleigh":
        given.setdefault("fading", "block")
    if channel != "ideal":
        given.setdefault("seed", 0)
        given.setdefault("decoder", "raw")
    if "scc" in given:
        given.setdefault("scc_closeness", SCC_CLOSENESS)
    if given.get("code") in RATES:
        given.setdefault("rate", 0.5)
    return ChannelSettings(**given)


def typed(settings: ChannelSettings) -> list[str]:
    """The fewest options that give these settings, as typed; those of Bob's vocabulary are not among them."""
    given = {name: value for name, value in settings.facts().items() if name != "vocabulary"}
    wanted = replace(settings, vocabulary=None, vocabulary_file=None)
    for name in list(given):
        fewer = {other: value for other, value in given.items() if other != name}
        try:
            given = fewer if resolved(**fewer) == wanted else given
        except LscError:  # needed by another
            continue
    options: list[str] = []
    for name, value in given.items():
        options.append("--channel-seed" if name == "seed" else "--" + name.replace("_", "-"))
        options += [] if value is True else [str(value)]
    return options


def repetitions(code: str) -> int:
    """N of `repetitionN`; 0 where it is no such code."""
    found = re.fullmatch(r"repetition([1-9]\d?)", code)
    return int(found[1]) if found else 0


def _one_of(option: str, value: str | None, choices: Any) -> None:
    if value is not None and value not in choices:
        raise LscError(f"{option} {value!r}: choose {', '.join(choices)}.")
