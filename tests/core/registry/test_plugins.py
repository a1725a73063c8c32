"""Python files that register entries: one line for whatever is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lsccli.core.errors import LscError
from lsccli.core.facts.base import FACTS
from lsccli.core.methods.base import METHODS
from lsccli.core.registry.base import from_outside
from lsccli.core.registry.plugins import use_files

PLAIN = """
from lsccli.core.methods.base import method

@method("{name}", summary="s", direction="d", source="here")
def run(item):
    return range(len(item.words))
"""
BORROWS = (
    """
import lsccli.core.methods.shuffle
"""
    + PLAIN
)


@pytest.fixture(autouse=True)
def without_plugins() -> Iterator[None]:
    yield
    use_files([])


def write(folder: Path, text: str, name: str = "mine.py") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_known_by_its_digest_and_forgotten_by_the_next_call(tmp_path: Path) -> None:
    path = write(tmp_path, PLAIN.format(name="mine"))
    use_files([path])
    first = METHODS.find("MINE").origin
    assert (first.place, first.digest[:7]) == (str(path.resolve()), "sha256:")
    path.write_text(path.read_text() + "# edited\n")
    use_files([path])
    assert METHODS.find("mine").origin.digest != first.digest
    use_files([])
    with pytest.raises(LscError, match="Unknown method"):
        METHODS.find("mine")


def test_modules_of_lsc_that_a_plugin_imports_stay_built_in(tmp_path: Path) -> None:
    use_files([write(tmp_path, BORROWS.format(name="mine"))])
    assert not METHODS.find("random").origin.outside
    use_files([])
    assert METHODS.find("random").name == "random"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("def (", r"fails: SyntaxError: .*line 1"),
        ("import nothing_like_this", "ModuleNotFoundError: No module named 'nothing_like_this'"),
        ("raise SystemExit(3)", "fails: SystemExit: 3"),
        ("x = 1", "registers nothing"),
        (PLAIN.format(name="Order"), "Two entries are called 'Order'"),
        (PLAIN.format(name="m").replace('"here"', '"", reads=["x"]'), "Method m reads 'x'; there are"),
        (PLAIN.format(name="m") + "1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line_and_leaves_nothing(
    tmp_path: Path, text: str, line: str
) -> None:
    before = METHODS.all()
    with pytest.raises(LscError, match=line) as caught:
        use_files([write(tmp_path, PLAIN.format(name="good"), "good.py"), write(tmp_path, text, "bad.py")])
    assert "\n" not in str(caught.value)
    use_files([])
    assert METHODS.all() == before
    assert from_outside() == []


def test_a_file_that_is_not_there_or_no_python(tmp_path: Path) -> None:
    with pytest.raises(LscError, match="Cannot read the plugin"):
        use_files([tmp_path / "nothere.py"])
    with pytest.raises(LscError, match="no Python file"):
        use_files([write(tmp_path, "x = 1", "notes.txt")])


def test_two_entries_of_one_name_in_a_file_are_refused(tmp_path: Path) -> None:
    twice = PLAIN.format(name="alpha") + PLAIN.format(name="ALPHA")
    with pytest.raises(LscError, match="Two entries are called 'ALPHA'"):
        use_files([write(tmp_path, twice)])
    assert from_outside() == []


def test_what_a_plugin_makes_of_a_function_of_lsc_is_its_own(tmp_path: Path) -> None:
    text = """
from lsccli.core.facts.attention import bob_attention
from lsccli.core.facts.base import fact

fact("bob_again", summary="the same")(bob_attention)
"""
    use_files([write(tmp_path, text)])
    assert FACTS.find("bob_again").origin.outside
    use_files([])
    assert "bob_again" not in FACTS.all()
