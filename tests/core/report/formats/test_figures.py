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


def test_every_curve_is_in_the_legend_and_the_legend_in_the_figure(store, maker, monkeypatch):
    from lsccli.core.report.formats import figures

    image = maker.image("a")
    for steps in range(1, 25):
        maker.send(image, "red dog")
        maker.score(image, {"": 0.9, "red": 0.5, "red dog": 0.3}, steps=steps)
    drawn = []
    real = figures.file_of
    monkeypatch.setattr(figures, "file_of", lambda figure, kind: drawn.append(figure) or real(figure, kind))
    png_figures(build_report(store, ask()))
    assert len(drawn) == 2
    for figure in drawn:
        legend = figure.axes[0].get_legend()
        assert len(legend.get_texts()) == 24
        box = legend.get_window_extent()
        assert box.y0 >= 0
        assert box.y1 <= figure.bbox.y1
        assert box.x1 <= figure.bbox.x1
