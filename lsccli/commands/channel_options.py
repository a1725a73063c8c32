"""Options of the channel, and the settings that they become; a sweep becomes several."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from lsccli.core.errors import LscError

if TYPE_CHECKING:
    from lsccli.core.channel.settings import ChannelSettings

_PANEL = "The channel"
# More points than this in a sweep are a slip of the pen.
_MOST_POINTS = 1000


def _option(name: str, text: str) -> typer.models.OptionInfo:
    return typer.Option(name, help=text, rich_help_panel=_PANEL)  # type: ignore[no-any-return]


Channel = Annotated[str, _option("--channel", "ideal, bsc, awgn or rayleigh.")]
SourceCode = Annotated[str, _option("--source-code", "How words become bits: ascii8, ascii7, huffman or lm.")]
Ber = Annotated[float | None, _option("--ber", "bsc: probability of a flipped bit.")]
Modulation = Annotated[
    str | None, _option("--modulation", "bpsk, qpsk, 16qam, 64qam or 256qam. [default: bpsk]")
]
EbN0 = Annotated[
    str | None, _option("--ebn0-db", "Energy per information bit over N0, in dB; LOW:HIGH:STEP sweeps.")
]
EsN0 = Annotated[str | None, _option("--esn0-db", "Energy per symbol over N0, in dB; LOW:HIGH:STEP sweeps.")]
Fading = Annotated[
    str | None,
    _option("--fading", "rayleigh: a fade per block (packet) or fast, per symbol. [default: block]"),
]
Formula = Annotated[
    bool,
    _option("--formula", "Flip bits by the closed form of the bit error rate; no symbols are simulated."),
]
Code = Annotated[str, _option("--code", "Channel code: none, repetitionN, hamming74, polar5g or ldpc5g.")]
Rate = Annotated[
    float | None, _option("--rate", "polar5g, ldpc5g: information bits per coded bit. [default: 0.5]")
]
Crc = Annotated[
    str, _option("--crc", "Check bits: none, crc6, crc11, crc16 or crc24a; what fails is dropped.")
]
Arq = Annotated[
    int | None, _option("--arq", "Send a packet that fails its check again, so many times at most.")
]
Decoder = Annotated[
    str | None,
    _option(
        "--decoder",
        "How Bob reads: raw characters; the likeliest word of his vocabulary; or language, which heeds the "
        "words before as well. [default: raw]",
    ),
]
Vocabulary = Annotated[
    str | None,
    _option(
        "--vocabulary",
        "The words Bob knows: storybook, english, or a file, one word and perhaps a count a line. "
        "[default: storybook with these models, else english]",
    ),
]
Scc = Annotated[
    str,
    _option(
        "--scc",
        "Semantic channel coding: send a synonym that Bob knows, the longer, or the one of most distance to "
        "his other words; or none.",
    ),
]
SccCloseness = Annotated[
    float | None,
    _option(
        "--scc-closeness",
        "Least cosine of a word and its synonym in Bob's text encoder. [default: 0.91]",
    ),
]
ChannelSeed = Annotated[int | None, _option("--channel-seed", "Seed of noise and fades. [default: 0]")]
Trials = Annotated[
    int,
    typer.Option(
        "--trials", min=1, help="Send so many times, each with noise of its own.", rich_help_panel=_PANEL
    ),
]


def channels(
    *,
    trials: int = 1,
    channel: str = "ideal",
    source_code: str = "ascii8",
    reorder: str = "none",
    ber: float | None = None,
    modulation: str | None = None,
    ebn0_db: str | None = None,
    esn0_db: str | None = None,
    fading: str | None = None,
    formula: bool = False,
    code: str = "none",
    rate: float | None = None,
    crc: str = "none",
    arq: int | None = None,
    decoder: str | None = None,
    vocabulary: str | None = None,
    profile: str = "storybook",
    scc: str = "none",
    scc_closeness: float | None = None,
    channel_seed: int | None = None,
) -> list[ChannelSettings]:
    """The channel at each operating point; LscError for options that do not go together.

    `profile` is the name of the models in force, which Bob's vocabulary follows.
    """
    from lsccli.core.channel.settings import resolved

    if ebn0_db is not None and esn0_db is not None:
        raise LscError("Give --ebn0-db or --esn0-db, not both: Es/N0 = Eb/N0 + 10 log10(R log2 M).")
    which, given = ("esn0_db", esn0_db) if ebn0_db is None else ("ebn0_db", ebn0_db)
    points = [None] if given is None else sweep("--" + which.replace("_", "-"), given)
    found = [
        resolved(
            channel=channel.lower(),
            source_code=source_code.lower(),
            reorder=reorder.lower(),
            ber=ber,
            modulation=modulation and modulation.lower(),
            fading=fading and fading.lower(),
            formula=formula,
            code=code.lower(),
            rate=rate,
            crc=crc.lower(),
            arq=arq,
            decoder=decoder and decoder.lower(),
            scc=scc.lower(),
            scc_closeness=scc_closeness,
            seed=channel_seed,
            **{which: point},
        )
        for point in points
    ]
    found = _with_vocabulary(found, vocabulary, profile)
    if trials > 1 and not found[0].noisy:
        raise LscError(
            "--trials goes with --channel bsc, awgn and rayleigh; the ideal channel never differs."
        )
    return found


def _with_vocabulary(
    points: list[ChannelSettings], vocabulary: str | None, profile: str
) -> list[ChannelSettings]:
    from lsccli.core.channel.vocabulary import chosen, identity_of

    if not points[0].heeds_vocabulary:
        if vocabulary is not None:
            raise LscError("--vocabulary goes with --decoder vocabulary and language, and with --scc.")
        return points
    known, file = chosen(vocabulary, profile)
    return [replace(point, vocabulary=identity_of(known), vocabulary_file=file) for point in points]


def sweep(option: str, text: str) -> list[float]:
    """`4` is one point; `0:20:2` are 0, 2, … 20, each as if it were typed alone."""
    parts = text.split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = [math.nan]
    if len(numbers) not in (1, 3) or not all(map(math.isfinite, numbers)):
        raise LscError(f"{option} {text!r}: give a number in dB, or LOW:HIGH:STEP.")
    if len(numbers) == 1:
        return numbers
    low, high, step = numbers
    if step <= 0 or high < low or (high - low) / step > _MOST_POINTS:
        raise LscError(f"{option} {text!r}: HIGH from LOW, STEP above 0, at most {_MOST_POINTS} points.")
    # Rounded, for 0.1 + 2 · 0.1 is not 0.3; the last point may miss HIGH by a rounding error.
    return [round(low + i * step, 9) for i in range(math.floor((high - low) / step + 1e-9) + 1)]
