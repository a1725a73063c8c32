"""Figures of curves."""

from lsccli.core.report.formats.figures import pdf_figures, png_figures
from lsccli.core.report.summary import build_report
from tests.core.report.stores import ask


def test_a_figure_over_words_and_one_over_bits(store, filled):
    made = build_report(store, ask())
    png, pdf = png_figures(made), pdf_figures(made)
    assert list(png) == ["score_words.png", "score_bits.png"]
    assert list(pdf) == ["score_words.pdf", "score_bits.pdf"]
    assert all(content.startswith(b"\x89PNG") for content in png.values())
    assert all(content.startswith(b"%PDF") for content in pdf.values())
    assert png["score_words.png"] != png["score_bits.png"]
    assert png_figures(made) == png
    assert pdf_figures(made) == pdf
