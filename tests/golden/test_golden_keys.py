"""Keys stay as they are; they notice a changed default, and do not notice a new option with its default.

A change of any of these keys orphans the results of every store there is: raise the version of what has
changed, or give the option the value that it was born with, and only then write keys.json anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from lsccli.core.captioners.base import CAPTIONERS
from lsccli.core.channel import settings as link_settings
from lsccli.core.channel.codes.base import CHANNEL_CODES
from lsccli.core.channel.decoders.base import DECODERS
from lsccli.core.channel.framing import FRAMINGS
from lsccli.core.channel.models.base import CHANNEL_MODELS
from lsccli.core.channel.source.base import SOURCE_CODES
from lsccli.core.facts.base import FACTS
from lsccli.core.methods.base import METHODS
from lsccli.core.metrics.base import METRICS
from lsccli.core.models.roles import ROLES
from lsccli.core.options import Settings, option
from lsccli.core.registry.base import Registry
from tests.golden import assembly

Remake = Callable[[type[Settings]], type[Settings]]


def test_the_keys_are_what_they_were() -> None:
    settings = assembly.pinned()
    assert assembly.keys(settings) == settings["keys"]


def test_every_built_in_result_has_a_golden_key() -> None:
    golden = assembly.pinned()["keys"]
    for kind, registry in (("caption", CAPTIONERS), ("score", METRICS)):
        assert {f"{kind} {name}" for name in registry.all()} <= set(golden)
    for name, spec in METHODS.all().items():
        for importance in spec.importances or ("",):
            assert f"ranking {name}{':' if importance else ''}{importance}" in golden
    assert len(set(golden.values())) == len(golden), "two results share a key"
    links = assembly.pinned()["links"].values()
    for kind, registry in (("channel", CHANNEL_MODELS), ("source_code", SOURCE_CODES), ("decoder", DECODERS)):
        assert {link.get(kind) for link in links} >= set(registry.all())
    assert {link.get("framing", "ideal") for link in links} == set(FRAMINGS)
    codes = {re.sub(r"^(repetition)\d+$", r"\1N", link.get("code", "none")) for link in links}
    assert codes >= set(CHANNEL_CODES.all())


def test_what_names_another_option_is_another_result() -> None:
    golden = assembly.pinned()
    for label, options in golden["variants"]:
        told = ", ".join(f"{name} {value}" for name, value in options.items())
        assert golden["keys"][f"ranking {label}, {told}"] != golden["keys"][f"ranking {label}"]
    assert {label for label, options in golden["variants"] if "rule" in options} == {
        f"{name}:{importance}"
        for name, spec in METHODS.all().items()
        for importance in spec.importances
        if "rule" in {one.name for one in spec.options_of(importance)} and not name.endswith("_clipTX")
    }


def with_a_new_option(cls: type[Settings]) -> type[Settings]:
    new = option(3, ge=0, help="Something that nobody had before.", since="0.3.0", flag="")
    return type("Extended", (cls,), {"__annotations__": {"brand_new": int}, "brand_new": new})


def with_another_default(name: str, value: Any) -> Remake:
    def remake(cls: type[Settings]) -> type[Settings]:
        kind = cls.model_fields[name].annotation
        return type(
            "Changed", (cls,), {"__annotations__": {name: kind}, name: option(value, help="The same.")}
        )

    return remake


def of_role(role: str) -> Callable[[pytest.MonkeyPatch, Remake], None]:
    def patch(monkeypatch: pytest.MonkeyPatch, remake: Remake) -> None:
        spec = ROLES.find(role)
        monkeypatch.setitem(ROLES._entries, role, replace(spec, make=remake(spec.make)))

    return patch


def of_method(name: str, importance: str | None) -> Callable[[pytest.MonkeyPatch, Remake], None]:
    def patch(monkeypatch: pytest.MonkeyPatch, remake: Remake) -> None:
        spec = METHODS.find(name)
        own = spec.settings[importance]
        assert own is not None
        settings = {**spec.settings, importance: remake(own)}
        monkeypatch.setitem(METHODS._entries, name.lower(), replace(spec, settings=settings))

    return patch


def of_entry(registry: Registry[Any], name: str) -> Callable[[pytest.MonkeyPatch, Remake], None]:
    def patch(monkeypatch: pytest.MonkeyPatch, remake: Remake) -> None:
        spec = registry.find(name)
        monkeypatch.setitem(registry._entries, name, replace(spec, options=remake(spec.options)))

    return patch


def of_link(monkeypatch: pytest.MonkeyPatch, remake: Remake) -> None:
    monkeypatch.setattr(link_settings, "Link", remake(link_settings.Link))


def of_compute(monkeypatch: pytest.MonkeyPatch, remake: Remake) -> None:
    monkeypatch.setattr(assembly, "Compute", remake(assembly.Compute))


# Of each kind: what declares its options, one of them and another default, and a result that depends on it.
KINDS: dict[str, tuple[Callable[[pytest.MonkeyPatch, Remake], None], str, Any, str]] = {
    "captioner": (of_role("captioner"), "beams", 4, "caption blip"),
    "bob_captioner": (of_role("bob_captioner"), "max_new_tokens", 31, "caption clip"),
    "distilled_captioner": (of_role("distilled_captioner"), "beams", 4, "caption skd"),
    "matcher": (of_role("matcher"), "layer", 6, "ranking Alice"),
    "text_encoder": (of_role("text_encoder"), "subfolder", "text_encoder_2", "ranking partBob:most"),
    "receiver": (of_role("receiver"), "steps", 51, "generation"),
    "metric": (of_role("metric"), "size", 128, "score ssim"),
    "compute": (of_compute, "dtype", "bfloat16", "generation"),
    "search": (of_method("allBob", None), "penalty", 0.1, "ranking allBob"),
    "heads": (of_method("prompttune", "heads"), "only_heads", True, "ranking prompttune:heads"),
    "rule": (of_method("bothAtt", "combination"), "rule", "scripts", "ranking bothAtt:combination"),
    "attention": (
        of_method("partBob_clipTX", "least"),
        "attention",
        "causal-corrected",
        "ranking partBob_clipTX:least",
    ),
    "channel model": (of_entry(CHANNEL_MODELS, "rayleigh"), "fading", "fast", "transmission rayleigh"),
    "channel code": (of_entry(CHANNEL_CODES, "ldpc5g"), "rate", 0.25, "transmission awgn"),
    "link": (of_link, "source_code", "huffman", "transmission ideal"),
    "scc": (of_link, "scc_closeness", 0.5, "transmission scc"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_option_with_its_default_changes_no_key(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    patch, *_ = KINDS[kind]
    settings = assembly.pinned()
    patch(monkeypatch, with_a_new_option)
    assert assembly.keys(settings) == settings["keys"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_default_is_noticed(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    patch, name, value, result = KINDS[kind]
    settings = assembly.pinned()
    patch(monkeypatch, with_another_default(name, value))
    assert assembly.keys(settings)[result] != settings["keys"][result]


@pytest.mark.parametrize(
    ("registry", "name", "result"),
    [
        (CAPTIONERS, "blip", "caption blip"),
        (METHODS, "order", "ranking order"),
        (FACTS, "heads", "ranking prompttune:heads"),
        (METRICS, "ssim", "score ssim"),
        (CHANNEL_MODELS, "awgn", "transmission awgn"),
    ],
)
def test_another_version_of_an_entry_is_noticed(
    monkeypatch: pytest.MonkeyPatch, registry: Registry[Any], name: str, result: str
) -> None:
    settings: Mapping[str, Any] = assembly.pinned()
    spec = registry.find(name)
    monkeypatch.setitem(registry._entries, name.lower(), replace(spec, version=2))
    assert assembly.keys(settings)[result] != settings["keys"][result]
