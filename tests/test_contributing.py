"""The files and tests in CONTRIBUTING.md are run as they stand there."""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from lsccli.core.registry.base import Origin, entries_of, forget, from_outside, loading
from lsccli.core.registry.plugins import use_files

TEXT = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
# Heading of a kind -> (name of a file, its content), for the plug-in and for its test.
_BLOCK = re.compile(r"```python\n# (\S+)\n(.*?)```", re.DOTALL)
SECTIONS = {
    title: _BLOCK.findall(body)
    for title, body in re.findall(r"^### An? (.+?)\n(.*?)(?=^##)", TEXT, re.DOTALL | re.MULTILINE)
}
HERE = Origin("CONTRIBUTING.md", "sha256:none")


@pytest.fixture(params=SECTIONS, ids=lambda title: title.replace(" ", "-"))
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path, Path]]:
    """One kind: its name, and the two files in a folder that is importable meanwhile."""
    (plugin, code), (test, check) = SECTIONS[request.param]
    (tmp_path / plugin).write_text(code, encoding="utf-8")
    (tmp_path / test).write_text(check, encoding="utf-8")
    names = [Path(plugin).stem, Path(test).stem]
    hidden = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    sys.path.insert(0, str(tmp_path))
    yield request.param, tmp_path / plugin, tmp_path / test
    sys.path.remove(str(tmp_path))
    for name in names:
        sys.modules.pop(name, None)
    sys.modules.update(hidden)
    use_files([])
    forget(HERE)


def run(function: Any, folder: Path) -> None:
    """Call a test as pytest would, once for each set of its parameters."""
    marks = [mark for mark in getattr(function, "pytestmark", []) if mark.name == "parametrize"]
    fixtures = {"tmp_path": folder} if "tmp_path" in inspect.signature(function).parameters else {}
    for values in product(*(mark.args[1] for mark in marks)):
        given = {}
        for mark, value in zip(marks, values, strict=True):
            given |= dict(zip(mark.args[0], value, strict=True))
        function(**given, **fixtures)


def test_every_kind_has_a_section() -> None:
    from lsccli.api import KINDS

    assert {title.replace(" ", "_") for title in SECTIONS} == {*KINDS, "option"}
    assert all(len(blocks) == 2 for blocks in SECTIONS.values())


def test_a_file_is_a_plugin_of_its_kind(written: tuple[str, Path, Path]) -> None:
    title, plugin, _ = written
    use_files([plugin])
    kinds = {registry.kind for registry, entry in from_outside() if entry.origin.place == str(plugin)}
    assert kinds == {"method" if title == "option" else title}


def test_its_test_passes(written: tuple[str, Path, Path], tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location(written[2].stem, written[2])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with loading(HERE):
        spec.loader.exec_module(module)
        tests = [value for name, value in vars(module).items() if name.startswith("test_")]
        assert tests
        for test in tests:
            run(test, tmp_path)
        assert len(entries_of(HERE)) == 1
