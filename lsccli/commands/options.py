"""Options that several commands share, and what they become in core."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lsccli.core.errors import LscError

if TYPE_CHECKING:
    from lsccli.core.channel.settings import ChannelSettings
    from lsccli.core.metrics.stop import Stop
    from lsccli.core.registry.base import MethodSpec
    from lsccli.core.run.rank import Choice
    from lsccli.core.store.selection import Selection

Data = Annotated[Path | None, typer.Option("--data", help="Only images registered from this folder or file.")]
Captioner = Annotated[
    str | None, typer.Option("--captioner", help="Whose captions. \\[default: the method's own captioner]")
]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Only the first so many images.")]
Captions = Annotated[
    str, typer.Option("--captions", help="first or all of the captions that a data set brings.")
]
Method = Annotated[str, typer.Option("--method", "-m", help="A method; lsc methods lists them.")]
Methods = Annotated[
    list[str] | None, typer.Option("--method", "-m", help="METHOD or METHOD:IMPORTANCE; may be repeated.")
]
Importance = Annotated[
    str | None, typer.Option("--importance", "-i", help="Which words matter; lsc methods lists them.")
]
Seeds = Annotated[int, typer.Option("--seeds", min=1, help="random, heads_random: average so many shuffles.")]
OnlyHeads = Annotated[bool, typer.Option("--only-heads", help="prompttune heads*: stop after the heads.")]
Penalty = Annotated[
    float, typer.Option("--penalty", min=0.0, help="allBob: score per character that a word must earn.")
]
Reorder = Annotated[
    str, typer.Option("--reorder", help="Bob restores caption order: none, free, or coded (6 bits a word).")
]
ReceiverSeeds = Annotated[
    int, typer.Option("--receiver-seeds", min=1, help="Repeat every drawing with so many seeds.")
]
KeepImages = Annotated[str, typer.Option("--keep-images", help="received, or all that a search has tried.")]
Metrics = Annotated[
    list[str] | None, typer.Option("--metric", help="A metric; may be repeated. \\[default: the profile's]")
]

StopAt = Annotated[
    float | None,
    typer.Option(
        "--stop-at",
        metavar="X",
        help="Draw word by word until the score (by the first metric) is at least as good as X; no further.",
    ),
]


def selection(data: Path | None, captioner: str | None, limit: int | None, captions: str) -> Selection:
    """The images and captions that a command is about."""
    from lsccli.core.registry.base import find_captioner
    from lsccli.core.store.selection import Selection

    if captions not in ("first", "all"):
        raise LscError(f"--captions {captions!r}: choose first or all.")
    name = find_captioner(captioner).name if captioner else None
    return Selection(data, name, limit, captions == "all")


def choice(
    method: str,
    importance: str | None,
    *,
    seeds: int = 1,
    only_heads: bool = False,
    penalty: float = 0.0,
    reorder: str = "none",
) -> Choice:
    """A method with its importance and options; LscError for an option that does not go with it."""
    from lsccli.core.registry.base import find_importance, find_method, methods
    from lsccli.core.run.rank import DEFAULTS, Choice

    name, colon, given = method.partition(":")
    if colon and importance is not None:
        raise LscError(f"--method {method} names an importance already; leave --importance out.")
    spec = find_method(name)
    # To a search both ways of restoring the order give the same prompts; only the channel counts bits.
    asked = {"only_heads": only_heads, "penalty": penalty, "reorder": "none" if reorder == "none" else "free"}
    options = {option: value for option, value in asked.items() if value != DEFAULTS[option]}
    if seeds > 1:
        options["seed"] = seeds
    chosen = find_importance(spec, given if colon else importance)
    heeded = spec.options_of(chosen)
    for option in [name for name in options if name not in (*heeded, "reorder")]:
        takers = ", ".join(taker for other in methods().values() for taker in who_takes(other, option))
        label = spec.name + (f":{chosen}" if option in spec.options else "")
        raise LscError(f"Method {label} takes no {flag(option)}; it goes with {takers}.")
    own = {option: value for option, value in options.items() if option in heeded and option != "seed"}
    return Choice(spec, chosen, own, seeds)


def flag(option: str) -> str:
    """How a rank option is typed."""
    return {"seed": "--seeds"}.get(option, "--" + option.replace("_", "-"))


def who_takes(spec: MethodSpec, option: str) -> list[str]:
    """`METHOD` where every importance heeds the option, or `METHOD:IMPORTANCE` for each that does."""
    takers = [importance for importance, heeded in spec.heeds.items() if option in heeded]
    if len(takers) == len(spec.heeds):
        return [spec.name] if takers else []
    return [f"{spec.name}:{importance}" for importance in takers]


def channel(reorder: str) -> ChannelSettings:
    """The channel that the options describe."""
    from lsccli.core.channel.settings import ChannelSettings

    return ChannelSettings(reorder=reorder.lower())


def stop(stop_at: float | None, metric: str) -> Stop | None:
    """Where drawing stops, if it does; LscError for a score that the metric cannot have."""
    from lsccli.core.metrics.stop import Stop

    return None if stop_at is None else Stop(metric, stop_at)


def keeps_all(keep_images: str) -> bool:
    """Whether `--keep-images` asks for all."""
    if keep_images not in ("received", "all"):
        raise LscError(f"--keep-images {keep_images!r}: choose received or all.")
    return keep_images == "all"


def metric_names(metrics: Sequence[str] | None, default: str) -> list[str]:
    """The metrics asked for, as printed, or the profile's."""
    from lsccli.core.registry.base import find_metric

    return list(dict.fromkeys(find_metric(name).name for name in (metrics or [default])))
