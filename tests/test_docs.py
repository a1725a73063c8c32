"""Pages that are made from the code say what it says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

MAKER = Path(__file__).parents[1] / "docs" / "make_options.py"


def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_options", MAKER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_of_options_is_what_is_declared() -> None:
    made = maker()
    assert made.FILE.read_text(encoding="utf-8") == made.page(), "run: python docs/make_options.py"
    for option in ("`--penalty`", "`--ebn0-db`", "`guidance`", "`--dtype`"):
        assert option in made.page()
