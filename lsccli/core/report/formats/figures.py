"""Figures of score against words, bits and energy, for print."""

from __future__ import annotations

from textwrap import wrap
from typing import Any

import numpy as np

from lsccli.core.report.axes import BITS, ENERGY, WORDS
from lsccli.core.report.canvas import COLOURS, file_of, new_figure, print_style, settle
from lsccli.core.report.escape import figure_text
from lsccli.core.report.formats.base import Files, report_format
from lsccli.core.report.summary import Report

_DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)))
_MARKERS = "osD^vP*X"
# Shades of more curves than these cover each other.
_SHADED = 8
_TITLES = {WORDS: "words sent", BITS: "channel bits sent", ENERGY: "energy sent, over N0"}


@report_format("png", summary="figures: score_words.png, score_bits.png (and score_energy.png)")
def png_figures(report: Report) -> Files:
    """score_words.png, score_bits.png (and score_energy.png)."""
    return _figures(report, "png")


@report_format("pdf", summary="figures for print: score_words.pdf, score_bits.pdf (and score_energy.pdf)")
def pdf_figures(report: Report) -> Files:
    """score_words.pdf, score_bits.pdf (and score_energy.pdf)."""
    return _figures(report, "pdf")


def _figures(report: Report, kind: str) -> Files:
    """Score over each axis that there is, as files of this kind; the shade is the 95 % interval."""
    files: dict[str, bytes | str] = {}
    few = len(report.summaries) <= 5
    with print_style():
        for over in report.set.ends:
            # A legend beside the curves takes a line for each.
            figure = new_figure(3.5, 2.6) if few else new_figure(6.4, max(3.0, 0.16 * len(report.summaries)))
            _plot(figure.add_subplot(), report, over, few)
            if report.set.notes:
                lines = [
                    line for note in report.set.notes for line in wrap(f"Note: {note}", 84 if few else 120)
                ]
                figure.supxlabel(
                    "\n".join(map(figure_text, lines)), x=0.01, ha="left", fontsize=5, color=COLOURS[1]
                )
            if kind == "pdf":
                settle(figure)
            files[f"score_{over}.{kind}"] = file_of(figure, kind)
    return files


def _plot(axes: Any, report: Report, over: str, few: bool) -> None:
    several = len(report.set.images) > 1
    captioners = {summary.curve.captioner for summary in report.summaries}
    for index, summary in enumerate(report.summaries):
        if over == WORDS:
            mean, low, high = summary.mean, summary.low, summary.high
            x = np.arange(len(mean), dtype=np.float64)
        else:
            x, (mean, low, high) = report.set.grids[over], summary.along[over]
        colour = COLOURS[index % len(COLOURS)]
        label = summary.curve.printed + (f", {summary.curve.captioner}" if len(captioners) > 1 else "")
        steps = {"step": "post"} if over != WORDS else {}
        if several and len(report.summaries) <= _SHADED:
            axes.fill_between(x, low, high, color=colour, alpha=0.13, linewidth=0, **steps)
        axes.plot(
            x,
            mean,
            color=colour,
            linestyle=_DASHES[index // len(COLOURS) % len(_DASHES)] if not few else _DASHES[index % 4],
            marker=_MARKERS[index % len(_MARKERS)],
            markevery=1 if over == WORDS else 8,
            label=figure_text(label),
            drawstyle="default" if over == WORDS else "steps-post",
        )
    axes.set_xlabel(figure_text(_TITLES[over]))
    axes.set_ylabel(figure_text(f"{report.set.metric} ({report.set.better} is better)"))
    axes.margins(x=0.02)
    axes.grid(axis="y", linewidth=0.3, alpha=0.5)
    if over == WORDS:
        axes.xaxis.get_major_locator().set_params(integer=True)
    # By name: of itself a legend leaves out what begins with an underscore.
    lines = axes.get_lines()
    labels = [line.get_label() for line in lines]
    if few:
        axes.legend(lines, labels, loc="best")
    else:
        axes.legend(lines, labels, loc="center left", bbox_to_anchor=(1.0, 0.5))
