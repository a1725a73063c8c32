"""The comparison as a LaTeX table."""

import re
from dataclasses import replace

from lsccli.core.report.formats.latex import table
from lsccli.core.report.summary import build_report
from tests.core.report.stores import ask


def test_the_latex_table_escapes_and_balances(store, filled):
    text = table(build_report(store, ask()))["table.tex"]
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert len(rows) == 5
    assert [row.split()[0] for row in rows] == ["Method", "allBob", "partBob:least", "partBob:most", "order"]
    assert len({row.count("&") for row in rows}) == 1
    columns = re.search(r"begin\{tabular\}\{(l+r+)\}", text)
    assert columns is not None
    assert len(columns[1]) == rows[0].count("&") + 1
    assert text.count(r"\toprule") == text.count(r"\bottomrule") == 1
    assert "& -- &" in rows[-1]
    assert "& better &" in text
    # What the terminal says below the table stands below this one as well.
    for told in (
        "over 0 to 9 words, ",
        "by Holm over the table",
        "(simulates Bob): a search",
        "So many images show",
    ):
        assert told in text


def test_what_means_something_to_latex_is_escaped(store, filled):
    made = build_report(store, ask())
    first = made.summaries[0]
    odd = replace(first, curve=replace(first.curve, label="own_50%&{x}^~\\"))
    text = table(replace(made, summaries=[odd]))["table.tex"]
    assert r"own\_50\%\&\{x\}\textasciicircum{}\textasciitilde{}\textbackslash{} & blip" in text
