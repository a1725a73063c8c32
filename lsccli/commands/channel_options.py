"""Options of the channel, and the settings that they become; a sweep becomes several."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from lsccli.core.errors import LscError

if TYPE_CHECKING:
    from lsccli.core.channel.settings import ChannelSettings

_PANEL = "The channel"
# More points than this in a sweep are a slip of the pen.
_MOST_POINTS = 1000
# These become settings in a way of their own.
_APART = ("ebn0_db", "esn0_db", "vocabulary", "channel_seed", "trials")


def _option(name: str, text: str) -> typer.models.OptionInfo:
    # A bracket would be taken for markup, and not be shown.
    return typer.Option(name, help=text.replace("[", r"\["), rich_help_panel=_PANEL)  # type: ignore[no-any-return]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The options of the channel as they were typed, in the order in which `--help` lists them."""

    channel: Annotated[str, _option("--channel", "ideal, bsc, awgn or rayleigh.")] = "ideal"
    source_code: Annotated[
        str, _option("--source-code", "How words become bits: ascii8, ascii7, huffman or lm.")
    ] = "ascii8"
    ber: Annotated[float | None, _option("--ber", "bsc: probability of a flipped bit.")] = None
    modulation: Annotated[
        str | None, _option("--modulation", "bpsk, qpsk, 16qam, 64qam or 256qam. [default: bpsk]")
    ] = None
    ebn0_db: Annotated[
        str | None, _option("--ebn0-db", "Energy per information bit over N0, in dB; LOW:HIGH:STEP sweeps.")
    ] = None
    esn0_db: Annotated[
        str | None, _option("--esn0-db", "Energy per symbol over N0, in dB; LOW:HIGH:STEP sweeps.")
    ] = None
    fading: Annotated[
        str | None,
        _option("--fading", "rayleigh: a fade per block (packet) or fast, per symbol. [default: block]"),
    ] = None
    formula: Annotated[
        bool,
        _option("--formula", "Flip bits by the closed form of the bit error rate; no symbols are simulated."),
    ] = False
    code: Annotated[
        str, _option("--code", "Channel code: none, repetitionN, hamming74, polar5g or ldpc5g.")
    ] = "none"
    rate: Annotated[
        float | None, _option("--rate", "polar5g, ldpc5g: information bits per coded bit. [default: 0.5]")
    ] = None
    crc: Annotated[
        str, _option("--crc", "Check bits: none, crc6, crc11, crc16 or crc24a; what fails is dropped.")
    ] = "none"
    arq: Annotated[
        int | None, _option("--arq", "Send a packet that fails its check again, so many times at most.")
    ] = None
    decoder: Annotated[
        str | None,
        _option(
            "--decoder",
            "How Bob reads: raw characters; the likeliest word of his vocabulary; or language, which heeds "
            "the words before as well. [default: raw]",
        ),
    ] = None
    vocabulary: Annotated[
        str | None,
        _option(
            "--vocabulary",
            "The words Bob knows: storybook, english, or a file, one word and perhaps a count a line. "
            "[default: storybook with the models of that name, else english]",
        ),
    ] = None
    scc: Annotated[
        str,
        _option(
            "--scc",
            "Semantic channel coding: send a synonym that Bob knows, the longer, or the one of most distance "
            "to his other words; or none.",
        ),
    ] = "none"
    scc_closeness: Annotated[
        float | None,
        _option(
            "--scc-closeness",
            "Least cosine of a word and its synonym in Bob's text encoder. [default: 0.91]",
        ),
    ] = None
    channel_seed: Annotated[
        int | None, _option("--channel-seed", "Seed of noise and fades. [default: 0]")
    ] = None
    trials: Annotated[
        int,
        typer.Option(
            "--trials", min=1, help="Send so many times, each with noise of its own.", rich_help_panel=_PANEL
        ),
    ] = 1


def takes(
    *, without: Sequence[str] = (), **defaults: Any
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of the channel in place of its parameter `asked`, but those of `without`.

    `defaults` are other than those of `Asked`.
    """
    types = get_type_hints(Asked, include_extras=True)
    options = [
        inspect.Parameter(
            option.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=defaults.get(option.name, option.default),
            annotation=types[option.name],
        )
        for option in fields(Asked)
        if option.name not in without
    ]

    def widened(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def called(**values: Any) -> None:
            command(asked=Asked(**{option.name: values.pop(option.name) for option in options}), **values)

        parameters: list[inspect.Parameter] = []
        for own in inspect.signature(command, eval_str=True).parameters.values():
            also = options if own.name == "asked" else [own.replace(kind=inspect.Parameter.KEYWORD_ONLY)]
            parameters += also
        # Typer reads both: the parameters and their defaults here, their types there.
        called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        called.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return called

    return widened


def channels(asked: Asked, *, reorder: str = "none", profile: str = "storybook") -> list[ChannelSettings]:
    """The channel at each operating point; LscError for options that do not go together.

    `profile` is the name of the models in force, which Bob's vocabulary follows.
    """
    from lsccli.core.channel.settings import resolved

    if asked.ebn0_db is not None and asked.esn0_db is not None:
        raise LscError("Give --ebn0-db or --esn0-db, not both: Es/N0 = Eb/N0 + 10 log10(R log2 M).")
    which = "esn0_db" if asked.ebn0_db is None else "ebn0_db"
    given = getattr(asked, which)
    points = [None] if given is None else sweep("--" + which.replace("_", "-"), given)
    others = {name: value for name, value in vars(asked).items() if name not in _APART}
    # Names are taken in any letter case.
    others = {name: value.lower() if isinstance(value, str) else value for name, value in others.items()}
    found = [
        resolved(**others, reorder=reorder.lower(), seed=asked.channel_seed, **{which: point})
        for point in points
    ]
    found = _with_vocabulary(found, asked.vocabulary, profile)
    if asked.trials > 1 and not found[0].noisy:
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
