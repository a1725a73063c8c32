"""What `import lsccli` offers: instantly, and by the names of the documents."""

from __future__ import annotations

import subprocess
import sys

import pytest

import lsccli
from lsccli import api


@pytest.mark.parametrize("name", api.NAMES)
def test_every_name_is_there(name: str) -> None:
    found = getattr(lsccli, name)
    assert found is getattr(api, name)
    assert getattr(found, "__name__", name) == name


def test_every_kind_has_a_registry_and_a_group_of_entry_points() -> None:
    from lsccli.core.registry.base import registries

    api.load_kinds()
    groups = {registry.group for registry in registries()}
    assert len(groups) == len(api.KINDS)
    assert groups >= {"lsc.methods", "lsc.metrics", "lsc.channel_models"}


def test_no_other_name_is_there() -> None:
    assert {"__version__", "method", "Settings"} <= set(dir(lsccli))
    for module in (lsccli, api):
        with pytest.raises(AttributeError, match="nonsense"):
            _ = module.nonsense


def test_the_import_loads_nothing() -> None:
    code = (
        "import sys, lsccli, lsccli.api; lsccli.__version__\n"
        "sys.exit(any(name in sys.modules for name in ('numpy', 'pydantic', 'torch', 'lsccli.core.options')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    # A method needs no torch.
    code = "import sys; from lsccli import Item, method, ranking, metric; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
