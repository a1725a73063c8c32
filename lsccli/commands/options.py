"""Options that several commands share, and what they become in core."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lsccli.commands.declared import Group, distinct, parameter, parameter_name
from lsccli.core.errors import LscError
from lsccli.core.options import checked, options_of

if TYPE_CHECKING:
    from lsccli.core.methods.base import MethodSpec
    from lsccli.core.metrics.stop import Stop
    from lsccli.core.models.profile import Profile
    from lsccli.core.options import Option
    from lsccli.core.run.plan import Choice
    from lsccli.core.store.selection import Selection

Data = Annotated[Path | None, typer.Option("--data", help="Only images registered from this folder or file.")]
Captioner = Annotated[
    str | None, typer.Option("--captioner", help="Whose captions. \\[default: the method's own captioner]")
]
Limit = Annotated[
    int | None, typer.Option("--limit", min=1, max=2**53, help="Only the first so many images.")
]
Captions = Annotated[
    str, typer.Option("--captions", help="first or all of the captions that a data set brings.")
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="KEY=VALUE",
        help="Only what has this setting, such as steps=4 or method.penalty=0.1; may be repeated.",
    ),
]
Method = Annotated[str, typer.Option("--method", "-m", help="A method; lsc methods lists them.")]
Methods = Annotated[
    list[str] | None, typer.Option("--method", "-m", help="METHOD or METHOD:IMPORTANCE; may be repeated.")
]
Importance = Annotated[
    str | None, typer.Option("--importance", "-i", help="Which words matter; lsc methods lists them.")
]
ReceiverSeeds = Annotated[
    int, typer.Option("--receiver-seeds", min=1, max=10_000, help="Repeat every drawing with so many seeds.")
]
ReceiverSeed = Annotated[
    int | None,
    typer.Option(
        "--receiver-seed",
        metavar="N",
        min=0,
        help="Draw with this seed; searches have chosen with the profile's. \\[default: the profile's]",
    ),
]
KeepImages = Annotated[str, typer.Option("--keep-images", help="received, or all that a search has tried.")]
Metrics = Annotated[
    list[str] | None, typer.Option("--metric", help="A metric; may be repeated. \\[default: the profile's]")
]

MetricFit = Annotated[
    str | None,
    typer.Option(
        "--metric-fit",
        help="How metrics see a picture that is not square: squash, crop or pad. \\[default: the profile's]",
    ),
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
    from lsccli.core.captioners.base import CAPTIONERS
    from lsccli.core.store.selection import Selection

    if captions not in ("first", "all"):
        raise LscError(f"--captions {captions!r}: choose first or all.")
    name = CAPTIONERS.find(captioner).name if captioner else None
    return Selection(data, name, limit, captions == "all")


def _rank_options() -> list[Option]:
    """The options of all methods that the command line has."""
    from lsccli.core.methods.base import METHODS

    return distinct([option for spec in METHODS.all().values() for option in spec.options])


def _rank_parameters() -> list[inspect.Parameter]:
    return [parameter(option) for option in _rank_options()]


def _rank_asked(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        option.name: values[parameter_name(option)]
        for option in _rank_options()
        if parameter_name(option) in values
    }


# The options of methods that were given, by name; of one that counts, how many values.
RankOptions = Annotated[Mapping[str, Any], Group(_rank_parameters, _rank_asked)]
NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})


def _pairs_options() -> list[Option]:
    from lsccli.core.models.roles import PairsRole

    return options_of(PairsRole)


def _pairs_asked(values: Mapping[str, Any]) -> dict[str, Any]:
    found = {option.name: values.get(parameter_name(option)) for option in _pairs_options()}
    return {name: value for name, value in found.items() if value is not None and value is not False}


# The images that teach, where the command line names them: settings of the role `pairs`, by name.
Pairs = Annotated[
    Mapping[str, Any], Group(lambda: [parameter(option) for option in _pairs_options()], _pairs_asked)
]


def _reorder() -> list[inspect.Parameter]:
    from lsccli.core.channel.link import Link

    return [parameter(option) for option in options_of(Link) if option.name == "reorder"]


Reorder = Annotated[str, Group(_reorder, lambda values: values.get("reorder", "none"))]


def choice(method: str, importance: str | None, asked: Mapping[str, Any], reorder: str = "none") -> Choice:
    """A method with its importance and options; LscError for an option that does not go with it."""
    from lsccli.core.run.plan import Choice

    spec, chosen = _named(method, importance)
    own = _own(spec, chosen)
    for name, value in asked.items():
        if name not in own and _differs(name, value):
            raise _refused(spec, chosen, name)
    counted = next((name for name in asked if name in own and own[name].counts), None)
    values = {name: value for name, value in asked.items() if name in own and name != counted}
    if "reorder" in own:
        # To a search both ways of restoring the order give the same prompts; only the channel counts bits.
        values["reorder"] = "none" if reorder.lower() == "none" else "free"
    settings = spec.settings.get(chosen)
    if settings is not None:
        label = Choice(spec, chosen).label
        found = checked(settings, values, f"--method {label}", typed=True)
        values = {name: getattr(found, name) for name in values}
    changed = {name: value for name, value in values.items() if value != own[name].default}
    return Choice(spec, chosen, changed, asked[counted] if counted else 1)


def choices(methods: Sequence[str] | None, asked: Mapping[str, Any], reorder: str = "none") -> list[Choice]:
    """The methods named, or all but the most costly; every option given must go with one of them."""
    from lsccli.core.run.plan import every_choice

    names = methods or [each.label for each in every_choice() if not each.spec.by_name_only]
    taken = {name: _own(*_named(name, None)) for name in names}
    for option, value in asked.items():
        if _differs(option, value) and not any(option in own for own in taken.values()):
            raise _refused(*_named(names[0], None), option)
    return [
        choice(name, None, {option: asked[option] for option in asked if option in taken[name]}, reorder)
        for name in names
    ]


def _named(method: str, importance: str | None) -> tuple[MethodSpec, str | None]:
    """The method and the importance that `METHOD` or `METHOD:IMPORTANCE` names."""
    from lsccli.core.methods.base import METHODS

    name, colon, given = method.partition(":")
    if colon and importance is not None:
        raise LscError(f"--method {method} names an importance already; leave --importance out.")
    spec = METHODS.find(name)
    return spec, spec.find_importance(given if colon else importance)


def _own(spec: MethodSpec, importance: str | None) -> dict[str, Option]:
    return {option.name: option for option in spec.options_of(importance)}


def _rank_option(name: str) -> Option:
    return next(option for option in _rank_options() if option.name == name)


def _differs(name: str, value: Any) -> bool:
    """Whether an option asks for anything but what is so without it."""
    option = _rank_option(name)
    return bool(value != (1 if option.counts else option.default))


def _refused(spec: MethodSpec, importance: str | None, name: str) -> LscError:
    from lsccli.core.methods.base import METHODS
    from lsccli.core.run.plan import Choice

    takers = ", ".join(taker for other in METHODS.all().values() for taker in who_takes(other, name))
    # Where only this importance lacks it, say so.
    label = Choice(spec, importance if name in {each.name for each in spec.options} else None).label
    return LscError(f"Method {label} takes no {_rank_option(name).flag}; it goes with {takers}.")


def who_takes(spec: MethodSpec, option: str) -> list[str]:
    """`METHOD` where every importance has the option, or `METHOD:IMPORTANCE` for each that does."""
    takers = [importance for importance in spec.settings if option in _own(spec, importance)]
    if len(takers) == len(spec.settings):
        return [spec.name] if takers else []
    return [f"{spec.name}:{importance}" for importance in takers]


def check_reorder(reorder: str) -> None:
    """LscError for an unknown way of restoring the order."""
    from lsccli.core.channel.settings import resolved

    resolved(reorder=reorder.lower())


def stop(stop_at: float | None, metric: str) -> Stop | None:
    """Where drawing stops, if it does; LscError for a score that the metric cannot have."""
    from lsccli.core.metrics.stop import Stop

    return None if stop_at is None else Stop(metric, stop_at)


def metric_fit(asked: str | None) -> str | None:
    """How metrics are to see pictures; LscError for what there is not."""
    from lsccli.core.metrics.base import FITS

    if asked is not None and asked.lower() not in FITS:
        raise LscError(f"--metric-fit {asked!r}: choose {', '.join(FITS[:-1])} or {FITS[-1]}.")
    return asked.lower() if asked is not None else None


def keeps_all(keep_images: str) -> bool:
    """Whether `--keep-images` asks for all."""
    if keep_images not in ("received", "all"):
        raise LscError(f"--keep-images {keep_images!r}: choose received or all.")
    return keep_images == "all"


def metric_names(metrics: Sequence[str] | None, profile: Profile) -> list[str]:
    """The metrics asked for, as printed, or the profile's; LscError where its images are too small."""
    from lsccli.core.metrics.base import METRICS

    role = profile.need("metric")
    specs = [METRICS.find(name) for name in (metrics or [role.name])]
    for spec in specs:
        spec.check_size(role.size, f"Profile {profile.name}: [metric]")
    return list(dict.fromkeys(spec.name for spec in specs))
