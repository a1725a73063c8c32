"""What all figures share: colours, style, a blank one, and its file; matplotlib is imported when one is."""

from __future__ import annotations

from contextlib import AbstractContextManager
from io import BytesIO
from pathlib import Path
from typing import Any

from lsccli.core.errors import LscError
from lsccli.core.store.files import write_whole

# M. Okabe and K. Ito, "Color Universal Design", 2008: told apart with any colour vision. Yellow is left
# out, as it fades on white; markers and dashes tell curves apart in grey.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#56B4E9", "#E69F00")
FIGURE_SUFFIXES = (".png", ".pdf", ".svg")
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
# No date: the same figure gives the same file.
_UNDATED = {"png": None, "pdf": {"CreationDate": None}, "svg": {"Date": None}}


def check_suffix(path: Path) -> None:
    """LscError for a kind of file that no figure can be."""
    if path.suffix.lower() not in FIGURE_SUFFIXES:
        *others, last = FIGURE_SUFFIXES
        raise LscError(f"--out {path}: name a {', '.join(others)} or {last} file.")


def print_style() -> AbstractContextManager[None]:
    """The style of figures for print, in force while one is drawn and saved."""
    from matplotlib import rc_context

    style: AbstractContextManager[None] = rc_context(_STYLE)
    return style


def new_figure(width: float, height: float, dpi: float | None = None) -> Any:
    """A blank matplotlib figure of this size in inches, that needs no screen."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=dpi, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def settle(figure: Any) -> None:
    """Lay the figure out as its PNG is, so that another kind of file looks the same."""
    from matplotlib import rcParams

    before = figure.dpi
    figure.dpi = rcParams["savefig.dpi"]
    figure.draw_without_rendering()
    figure.dpi = before


def file_of(figure: Any, kind: str, dpi: float | None = None) -> bytes:
    """The figure as the content of a file: png, pdf or svg."""
    stream = BytesIO()
    figure.savefig(stream, format=kind, dpi=dpi, metadata=_UNDATED[kind])
    return stream.getvalue()


def save(figure: Any, path: Path, dpi: float | None = None) -> None:
    """Write the figure, whole or not at all; LscError for a kind of file that it cannot be."""
    check_suffix(path)
    write_whole(path, file_of(figure, path.suffix[1:].lower(), dpi))
