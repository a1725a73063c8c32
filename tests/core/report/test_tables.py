"""Reports on the terminal."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from lsccli.core.report.axes import Budget
from lsccli.core.report.document import report_document
from lsccli.core.report.summary import build_report
from lsccli.core.report.tables import print_report
from tests.core.report.stores import ask


def printed(made, compare: bool, width: int = 100) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    print_report(console, made, compare)
    return console.export_text()


@pytest.mark.parametrize("compare", [False, True])
def test_tables_fit_100_columns_and_tell_all(store, filled, compare):
    text = printed(build_report(store, ask()), compare)
    # A command is not cut.
    assert max(len(line) for line in text.splitlines() if not line.startswith("unpaired:")) <= 100
    assert "allBob (simulates Bob)" in text
    for part in ("partBob:most", "stlpips-alex, lower is better", "12 images", "4 steps"):
        assert part in text
    rows = [line.split() for line in text.splitlines()]
    facts = {curve["label"]: curve for curve in report_document(build_report(store, ask()))["curves"]}
    (row,) = [row for row in rows if row[:1] == ["partBob:most"]]
    assert f"{facts['partBob:most']['auc']:.3f}" in row
    if compare:
        order = [row[0] for row in rows if row and row[0].split(":")[0] in ("order", "partBob", "allBob")]
        assert order == ["allBob", "partBob:least", "partBob:most", "order"]
        assert "better" in row
        assert "Difference: AUC over bits minus that of order on the same captions" in text
        assert "So many images show a difference of" in text
        # Those of CLIP are other captions, and nothing was sent of them in caption order.
        (row,) = [row for row in rows if row[:1] == ["partBob:least"]]
        assert "unpaired" in row
        assert "Make it with: lsc transmit --method order --captioner clip, then: lsc score" in text
    else:
        assert row[2:4] == [f"{facts['partBob:most']['points'][k]['mean']:.3f}" for k in (0, 1)]


def test_what_is_left_out_is_printed(store, maker, filled):
    image = maker.image("more")
    maker.send(image, "red dog")
    text = " ".join(printed(build_report(store, ask()), True).split())
    assert "Left out: 1 image not complete in every curve." in text
    assert "order (blip): 3 steps of 1 image not drawn; make with: lsc generate" in text
    for name in ("partBob --importance most --captioner blip", "allBob --captioner clip"):
        assert f"1 image not sent; make with: lsc transmit --method {name}" in text


def test_nothing_is_one_line(store, maker):
    maker.image("a")
    assert len(printed(build_report(store, ask()), True).strip().splitlines()) == 1


@pytest.mark.parametrize("by", ["bits", "energy"])
def test_noisy_tables_are_readable_and_nothing_is_cut(store, maker, by):
    noise = {"channel": "awgn", "modulation": "bpsk", "code": "none", "crc": "none", "decoder": "raw"}
    for number in range(9):
        image = maker.image(f"i{number}")
        for point in (0.0, 8.0):
            for method, sent in (("order", [0, 1]), ("allBob", [1, 0])):
                maker.send(image, "red dog", method=method, sent=sent, channel={**noise, "ebn0_db": point})
        maker.score(image, {"": 0.9, "red": 0.5, "dog": 0.45, "red dog": 0.3, "dog red": 0.31})
    made = build_report(store, replace(ask(), budget=Budget(by)))
    text = printed(made, True)
    assert "…" not in text, text
    assert max(map(len, text.splitlines())) <= 100
    rows = [line for line in text.splitlines() if line.startswith(("order ", "allBob "))]
    assert len(rows) == 8, text  # in two tables
    heads = [line.split() for line in text.splitlines() if line.startswith("method")]
    assert heads[1][-3:] == ["symbols", "perfect", "excess"]
