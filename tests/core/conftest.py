"""Fixtures of the tests of core."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lsccli.core.registry.plugins import use_files


@pytest.fixture
def plug_in(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Write a plug-in and use it, instead of the one before; afterwards there is none."""

    def use(content: str) -> Path:
        path = tmp_path / "plugin.py"
        path.write_text(content, encoding="utf-8")
        use_files([path])
        return path

    yield use
    use_files([])
