"""Formats of reports: which there are, one more from a file, and files that are whole."""

from pathlib import Path

import pytest

from lsccli.core.errors import LscError
from lsccli.core.metrics.stop import Stop
from lsccli.core.registry.plugins import use_files
from lsccli.core.report.formats.base import FORMATS, find_formats, write_report
from lsccli.core.report.reach import build_reach
from lsccli.core.report.summary import build_report
from tests.core.report.stores import ask

PLUGIN = """
from lsccli.core.report.formats.base import report_format

@report_format("markdown", summary="the comparison as a table of Markdown")
def markdown(report):
    rows = [f"| {summary.curve.label} | {summary.auc.mean:.3f} |" for summary in report.ranked]
    return {"table.md": "\\n".join(["| method | AUC |", "|---|---|", *rows, ""])}
"""
CURVES = ["curves.csv", "along.csv", "summary.csv", "curves.json", "table.tex"]
FIGURES = [f"score_{over}.{kind}" for kind in ("pdf", "png") for over in ("words", "bits")]


def test_all_formats_unless_some_are_asked_for(store, filled, tmp_path):
    made = build_report(store, ask())
    files = write_report(made, tmp_path / "deep" / "all", find_formats((), stop_at=False))
    assert [file.name for file in files] == [*CURVES, *FIGURES]
    assert sorted(files) == sorted((tmp_path / "deep" / "all").iterdir())
    files = write_report(made, tmp_path / "some", find_formats(("LATEX", "json", "latex"), stop_at=False))
    assert [file.name for file in files] == ["table.tex", "curves.json"]
    reach = build_reach(store, ask(), Stop("stlpips-alex", 0.5))
    files = write_report(reach, tmp_path / "reach", find_formats((), stop_at=True))
    assert [file.name for file in files] == ["reach.csv", "reach.json"]


def test_the_same_report_gives_the_same_files(store, filled, tmp_path):
    made = build_report(store, ask())
    first, second = (
        {path.name: path.read_bytes() for path in write_report(made, folder, find_formats((), stop_at=False))}
        for folder in (tmp_path / "a", tmp_path / "b")
    )
    assert first == second


def test_a_file_of_one_s_own_adds_a_format(store, filled, tmp_path):
    (tmp_path / "own.py").write_text(PLUGIN)
    made = build_report(store, ask())
    try:
        use_files([tmp_path / "own.py"])
        (file,) = write_report(made, tmp_path / "out", find_formats(("markdown",), stop_at=False))
        assert file.name in [f.name for f in write_report(made, tmp_path, find_formats((), stop_at=False))]
        assert "markdown" not in [spec.name for spec in find_formats((), stop_at=True)]
        with pytest.raises(LscError, match="markdown has no report of --stop-at; choose csv, json"):
            find_formats(("markdown",), stop_at=True)
        # One that fails is one line, and nothing is written of what came before it.
        (tmp_path / "bad.py").write_text(PLUGIN.replace("report.ranked", "report.nothing"))
        use_files([tmp_path / "bad.py"])
        with pytest.raises(LscError, match=r"bad\.py fails: AttributeError"):
            write_report(made, tmp_path / "bad", find_formats((), stop_at=False))
        assert not (tmp_path / "bad").exists()
        (tmp_path / "twice.py").write_text(PLUGIN.replace("table.md", "table.tex"))
        use_files([tmp_path / "twice.py"])
        with pytest.raises(LscError, match=r"Two formats write table\.tex, markdown is one"):
            write_report(made, tmp_path / "twice", find_formats((), stop_at=False))
    finally:
        use_files([])
    lines = file.read_text().splitlines()
    assert lines[2].startswith("| allBob | 0.")
    assert len(lines) == 2 + 4
    assert "markdown" not in FORMATS.all()


def test_an_unknown_format_names_the_nearest():
    with pytest.raises(
        LscError, match=r"Unknown report format 'latx'\. Did you mean latex\? Known: csv, json"
    ):
        find_formats(("latx",), stop_at=False)


def test_a_folder_that_cannot_be_written_is_one_line(store, filled, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LscError, match="Cannot write the report to"):
        write_report(build_report(store, ask()), tmp_path / "file", find_formats(("csv",), stop_at=False))


def test_nothing_to_report_writes_nothing(store, maker, tmp_path: Path):
    maker.image("a")
    with pytest.raises(LscError, match="lsc transmit"):
        write_report(build_report(store, ask()), tmp_path / "out", find_formats((), stop_at=False))
    assert not (tmp_path / "out").exists()
