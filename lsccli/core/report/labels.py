"""Names of curves: the method, and whatever tells it apart from others of the same name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lsccli.core.channel.vocabulary import shipped
from lsccli.core.registry import base as registry
from lsccli.core.store.keys import canonical_json

Named = tuple[str, str | None, str, Mapping[str, Mapping[str, Any]]]
# These hold for the whole comparison: a difference in them is told even between different methods.
_SHARED = ("channel", "receiver", "metric")
_DETAILS = "channel.scc_"


def method_label(method: str, importance: str | None) -> str:
    """`METHOD` or `METHOD:IMPORTANCE`, as the option --method of `run` takes it."""
    return f"{method}:{importance}" if importance else method


def tell_apart(curves: Sequence[Named]) -> list[str]:
    """A label for each curve: its method, and in brackets the settings that differ."""
    flat = [_flatten(settings) for *_, settings in curves]
    # Details of SCC are told between curves that have it; beside one that has not, "scc=longer" says enough.
    silent = [{name for name in settings if name.startswith(_DETAILS)} for settings in flat]
    kin = [[other for other, curve in enumerate(curves) if curve[:3] == this[:3]] for this in curves]
    labels = []
    for index, (method, importance, _, _) in enumerate(curves):
        told = [
            f"{name.rsplit('.', 1)[-1]}={_short(value)}"
            for name, value in flat[index].items()
            if any(
                flat[other].get(name) != value and not (name in silent[index] and not silent[other])
                for other in (range(len(curves)) if name.split(".")[0] in _SHARED else kin[index])
            )
        ]
        suffix = f" [{', '.join(told)}]" if told else ""
        labels.append(method_label(method, importance) + suffix)
    return labels


def labelled(curves: Sequence[Any]) -> list[Any]:
    """The same (dataclasses that say what curve they are of) with labels that tell them apart, as printed."""
    names = tell_apart([(c.method, c.importance, c.captioner, c.settings) for c in curves])
    named = [replace(curve, label=name) for curve, name in zip(curves, names, strict=True)]
    return sorted(named, key=lambda c: order_of(c.method, c.importance, c.captioner, c.settings))


def order_of(
    method: str, importance: str | None, captioner: str, settings: Mapping[str, Any]
) -> tuple[int, str, int, str, str]:
    """A sorting key: methods by alphabet, importances as registered, then captioner and settings."""
    known = registry.methods()
    place = list(known).index(method) if method in known else len(known)
    importances = known[method].importances if method in known else ()
    inner = importances.index(importance) if importance in importances else -1
    return place, method, inner, captioner, canonical_json(dict(settings))


def _flatten(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            flat.update(_flatten(value, f"{prefix}{name}."))
        else:
            flat[prefix + name] = value
    return flat


def _short(value: Any) -> str:
    text = str(value)
    if text.startswith("sha256:") and text == shipped("english").digest:
        return "english"
    # A digest of a model is told by its beginning.
    return text.removeprefix("sha256:")[:8] if len(text) > 24 else text
