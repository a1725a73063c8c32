"""One registry for all kinds: names, order, origins, and what becomes of a plugin that is refused."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from lsccli.core.errors import LscError
from lsccli.core.registry import base
from lsccli.core.registry.base import Entry, Origin, Registry, entries_of, forget, from_outside, loading

OUTSIDE = Origin("/somewhere/mine.py", "sha256:" + "ab" * 32)


def thing(name: str, version: int = 1) -> Entry:
    """An entry of a made-up kind, from a module that is not lsccli's."""

    def make() -> None:
        return None

    make.__qualname__ = f"make.{name.lower()}"
    return Entry(name=name, make=make, version=version)


@pytest.fixture
def things() -> Iterator[Registry[Entry]]:
    """A registry of its own, whose built-in package has no modules."""
    registry: Registry[Entry] = Registry("thing", "tests.core.registry", "lsc things")
    registry._complete = True
    yield registry
    base._REGISTRIES.remove(registry)


def test_names_in_any_letter_case_and_the_nearest_is_told(things: Registry[Entry]) -> None:
    for name in ("allBob", "order", "Alice"):
        things.add(thing(name))
    assert list(things.all()) == ["Alice", "allBob", "order"]
    assert things.find("ALLBOB").name == "allBob"
    with pytest.raises(LscError, match=r"Unknown thing 'odrer'. Did you mean order\? .*See: lsc things"):
        things.find("odrer")


def test_a_name_is_taken_once_in_any_letter_case(things: Registry[Entry]) -> None:
    one = thing("order")
    things.add(one)
    things.add(one)  # a module imported twice
    other = thing("Order")
    other.make.__qualname__ = "another"
    with pytest.raises(LscError, match="Two entries are called 'Order'"):
        things.add(other)


def test_what_comes_from_outside_has_its_origin_and_stands_last(things: Registry[Entry]) -> None:
    things.add(thing("zebra"))
    with loading(OUTSIDE):
        things.add(thing("ant", version=3))
    assert list(things.all()) == ["zebra", "ant"]
    assert things.find("ant").identity() == {"version": 3, "plugin": OUTSIDE.digest}
    assert things.find("zebra").identity() == {"version": 1}
    assert [(kind.kind, entry.name) for kind, entry in from_outside()] == [("thing", "ant")]
    forget(OUTSIDE)
    assert list(things.all()) == ["zebra"]


def test_a_plugin_is_forgotten_whole_when_it_fails(things: Registry[Entry]) -> None:
    others: Registry[Entry] = Registry("other", "tests.core.registry", "lsc others")
    others._complete = True

    def load() -> None:
        with loading(OUTSIDE):
            things.add(thing("one"))
            others.add(thing("two"))
            raise RuntimeError("later in the file")

    try:
        with pytest.raises(RuntimeError):
            load()
        assert entries_of(OUTSIDE) == []
        with pytest.raises(LscError, match="registers nothing"), loading(OUTSIDE):
            pass
    finally:
        base._REGISTRIES.remove(others)


def test_a_plugin_whose_entry_cannot_work_is_forgotten_whole() -> None:
    def refuse(entry: Entry) -> None:
        raise LscError(f"{entry.name} cannot work")

    picky: Registry[Entry] = Registry("picky", "tests.core.registry", "lsc picky", refuse)
    picky._complete = True
    try:
        with pytest.raises(LscError, match="one cannot work"), loading(OUTSIDE):
            picky.add(thing("one"))
        assert picky.of(OUTSIDE) == []
    finally:
        base._REGISTRIES.remove(picky)


def test_installed_packages_offer_entries_of_any_group(
    things: Registry[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Points(list):  # type: ignore[type-arg]
        groups = ("console_scripts", "lsc.methods", "lsc.plugins")

    def offers(name: str) -> SimpleNamespace:
        dist = SimpleNamespace(name="pack", version="1.2")
        return SimpleNamespace(dist=dist, value=name, load=lambda: things.add(thing(name)))

    by_group = {"lsc.methods": [offers("first")], "lsc.plugins": [offers("second")]}
    monkeypatch.setattr(
        base, "entry_points", lambda group=None: Points() if group is None else by_group[group]
    )
    base._INSTALLED.clear()
    try:
        assert [entry.name for entry in things.all().values()] == ["first", "second"]
        assert things.find("second").origin == Origin("pack 1.2", "pack 1.2")
    finally:
        monkeypatch.undo()
        base._INSTALLED.clear()


def listed(first: str) -> str:
    """The methods in order, in a process that imports a module before anything else."""
    code = f"import {first}; from lsccli.core.methods.base import METHODS; print(*METHODS.all())"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("first", ["lsccli.core.methods.shuffle", "lsccli.core.methods.prompttune"])
def test_methods_stand_in_one_order_whatever_is_imported_first(first: str) -> None:
    names = listed(first).split()
    assert names == sorted(names, key=str.lower)
    assert listed(first) == listed("lsccli")
    assert len(names) >= 10
