"""Names of curves: the method, and whatever tells it apart from others of the same name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.channel.vocabulary import shipped
from lsccli.core.errors import LscError
from lsccli.core.methods.base import METHODS
from lsccli.core.scc.coder import settings_of
from lsccli.core.store.keys import canonical_json

# These hold for the whole comparison: a difference in them is told even between different methods.
_SHARED = ("channel", "receiver", "metric")
_DETAILS = "channel.scc_"


@dataclass(frozen=True, eq=False)
class Labelled:
    """What one curve is of.

    Attributes:
        captioner: whose captions were sent.
        simulates_bob: whether the method draws as Bob does, which Alice cannot in practice.
        label: the method as `METHOD[:IMPORTANCE]`, and what tells it apart where that is not enough.
        settings: all identity settings of captioner, method, channel, receiver and metric, by kind.
    """

    method: str
    importance: str | None
    captioner: str
    simulates_bob: bool
    label: str
    settings: Mapping[str, Mapping[str, Any]]

    @property
    def link(self) -> ChannelSettings | None:
        """Its channel; None where that is of another version, or of a plug-in that is not in use."""
        try:
            return settings_of(dict(self.settings["channel"]))
        except LscError:
            return None

    @property
    def printed(self) -> str:
        """The label, and whether it needs Bob."""
        return f"{self.label} (simulates Bob)" if self.simulates_bob else self.label


C = TypeVar("C", bound=Labelled)


def method_label(method: str, importance: str | None) -> str:
    """`METHOD` or `METHOD:IMPORTANCE`, as the option --method of `run` takes it."""
    return f"{method}:{importance}" if importance else method


def tell_apart(curves: Sequence[Labelled]) -> list[str]:
    """A label for each curve: its method, and in brackets the settings that differ."""
    flat = [flattened(curve.settings) for curve in curves]
    # Details of SCC are told between curves that have it; beside one that has not, "scc=longer" says enough.
    silent = [{name for name in settings if name.startswith(_DETAILS)} for settings in flat]
    names = [(curve.method, curve.importance, curve.captioner) for curve in curves]
    kin = [[other for other, name in enumerate(names) if name == this] for this in names]
    labels = []
    for index, curve in enumerate(curves):
        told = [
            f"{_named(name)}={told_short(value)}"
            for name, value in flat[index].items()
            if any(
                flat[other].get(name) != value and not (name in silent[index] and not silent[other])
                for other in (range(len(curves)) if name.split(".")[0] in _SHARED else kin[index])
            )
        ]
        suffix = f" [{', '.join(told)}]" if told else ""
        labels.append(method_label(curve.method, curve.importance) + suffix)
    return labels


def _named(setting: str) -> str:
    """The last part of a setting's name; of an edition, which every kind may have, the kind as well."""
    parts = setting.split(".")
    return ".".join(parts[-2:] if parts[-1] in ("plugin", "version") else parts[-1:])


def labelled(curves: Sequence[C]) -> list[C]:
    """The same with labels that tell them apart, in the order in which they are printed."""
    named = [replace(curve, label=name) for curve, name in zip(curves, tell_apart(curves), strict=True)]
    return sorted(named, key=order_of)


def order_of(curve: Labelled) -> tuple[int, str, int, str, str]:
    """A sorting key: methods by alphabet, importances as registered, then captioner and settings."""
    known = METHODS.all()
    method, importance = curve.method, curve.importance
    place = list(known).index(method) if method in known else len(known)
    importances = known[method].importances if method in known else ()
    inner = importances.index(importance) if importance in importances else -1
    return place, method, inner, curve.captioner, canonical_json(dict(curve.settings))


def flattened(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Settings within settings as one mapping, their names joined by full stops."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            flat.update(flattened(value, f"{prefix}{name}."))
        else:
            flat[prefix + name] = value
    return flat


def told_short(value: Any) -> str:
    """A setting's value as labels have it."""
    text = str(value)
    if text.startswith("sha256:") and text == shipped("english").digest:
        return "english"
    # A digest of a model is told by its beginning.
    return text.removeprefix("sha256:")[:8] if len(text) > 24 else text
