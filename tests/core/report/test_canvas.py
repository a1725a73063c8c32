"""Figures: blank, saved whole, and dated by nothing."""

from pathlib import Path

import pytest

from lsccli.core.errors import LscError
from lsccli.core.report.canvas import COLOURS, check_suffix, file_of, new_figure, save


@pytest.mark.parametrize(("kind", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")])
def test_a_figure_is_saved_as_what_its_name_says(tmp_path: Path, kind: str, start: bytes) -> None:
    drawn = []
    for _ in range(2):
        figure = new_figure(1, 1, dpi=50)
        figure.add_subplot().plot([0, 1], color=COLOURS[0])
        drawn.append(file_of(figure, kind))
    save(figure, tmp_path / "deep" / f"x.{kind.upper()}")
    assert (tmp_path / "deep" / f"x.{kind.upper()}").read_bytes().startswith(start)
    assert drawn[0] == drawn[1] or kind == "svg"  # whose names are random


def test_the_size_is_in_inches(tmp_path: Path) -> None:
    from PIL import Image

    save(new_figure(2, 1, dpi=50), tmp_path / "own.png")
    save(new_figure(2, 1), tmp_path / "asked.png", dpi=80)
    assert Image.open(tmp_path / "own.png").size == (100, 50)
    assert Image.open(tmp_path / "asked.png").size == (160, 80)


def test_another_kind_of_file_is_one_line_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(LscError, match=r"--out x\.txt: name a \.png, \.pdf or \.svg file\."):
        check_suffix(Path("x.txt"))
    with pytest.raises(LscError):
        save(new_figure(1, 1), tmp_path / "x.txt")
    assert not list(tmp_path.iterdir())


def test_a_figure_that_cannot_be_drawn_leaves_no_file(tmp_path: Path) -> None:
    figure = new_figure(1, 1)
    figure.add_subplot().set_title("$\\nothing$")
    with pytest.raises(ValueError, match="nothing"):
        save(figure, tmp_path / "x.png")
    assert not list(tmp_path.iterdir())
