"""Figures of score against words and against bits, for print."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lsccli.core.report.summary import Report

# M. Okabe and K. Ito, "Color Universal Design", 2008: told apart with any colour vision. Yellow is left
# out, as it fades on white; markers and dashes tell curves apart in grey.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#56B4E9", "#E69F00")
_DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)))
_MARKERS = "osD^vP*X"
_STYLE = {
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.3,
    "lines.markersize": 3.2,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "pdf.fonttype": 42,  # text stays text
    "savefig.dpi": 300,
}


def draw(report: Report, folder: Path) -> list[Path]:
    """Write `score_words` and `score_bits` as PNG and PDF; the shade is the 95 % interval."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    files: list[Path] = []
    with rc_context(_STYLE):
        for over in ("words", "bits"):
            few = len(report.summaries) <= 5
            figure = Figure(figsize=(3.5, 2.6) if few else (5.2, 3.0), layout="constrained")
            FigureCanvasAgg(figure)
            _plot(figure.add_subplot(), report, over, few)
            for suffix in ("png", "pdf"):
                path = folder / f"score_{over}.{suffix}"
                # No date: the same report gives the same file.
                figure.savefig(path, metadata={"CreationDate": None} if suffix == "pdf" else None)
                files.append(path)
    return files


def _plot(axes: Any, report: Report, over: str, few: bool) -> None:
    several = len(report.set.images) > 1
    voices = {summary.curve.captioner for summary in report.summaries}
    for index, summary in enumerate(report.summaries):
        x = np.arange(len(summary.mean)) if over == "words" else summary.bits
        colour = _COLOURS[index % len(_COLOURS)]
        label = summary.label + (f", {summary.curve.captioner}" if len(voices) > 1 else "")
        if several:
            axes.fill_between(x, summary.low, summary.high, color=colour, alpha=0.13, linewidth=0)
        axes.plot(
            x,
            summary.mean,
            color=colour,
            linestyle=_DASHES[index // len(_COLOURS) % len(_DASHES)] if not few else _DASHES[index % 4],
            marker=_MARKERS[index % len(_MARKERS)],
            label=label,
        )
    axes.set_xlabel("words sent" if over == "words" else "channel bits sent (mean)")
    axes.set_ylabel(f"{report.set.metric} ({report.set.better} is better)")
    axes.margins(x=0.02)
    axes.grid(axis="y", linewidth=0.3, alpha=0.5)
    if over == "words":
        axes.xaxis.get_major_locator().set_params(integer=True)
    if few:
        axes.legend(loc="best")
    else:
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
