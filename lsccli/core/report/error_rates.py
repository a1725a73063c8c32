"""Error rates against the operating point, for print: marks are simulated, lines are closed forms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lsccli.core.channel.rates import Rate, Rates
from lsccli.core.report.canvas import COLOURS, new_figure, save
from lsccli.core.report.escape import figure_text

_LOOKS = {"bits": (COLOURS[0], "o"), "symbols": (COLOURS[1], "s"), "words": (COLOURS[2], "^")}


def draw_error_rates(points: Sequence[Rates], path: Path, *, per_symbol: bool) -> None:
    """Write the figure; its axis is Es/N0 where `per_symbol`, else Eb/N0."""
    x = [(point.esn0_db if per_symbol else point.ebn0_db) or 0.0 for point in points]
    figure = new_figure(4.2, 3.2)
    axes = figure.add_subplot()
    for name, (colour, mark) in _LOOKS.items():
        rates: list[Rate] = [getattr(point, name) for point in points]
        # Zero errors have no place on a logarithmic axis.
        seen = [(at, rate) for at, rate in zip(x, rates, strict=True) if rate.simulated > 0]
        axes.errorbar(
            [at for at, _ in seen],
            [rate.simulated for _, rate in seen],
            [[min(rate.margin, 0.999 * rate.simulated) for _, rate in seen], [r.margin for _, r in seen]],
            fmt=mark,
            color=colour,
            markersize=3.5,
            linewidth=0.8,
            label=figure_text(f"{name[:-1]} error rate"),
        )
        known = [(at, r.closed_form) for at, r in zip(x, rates, strict=True) if r.closed_form]
        axes.plot([at for at, _ in known], [rate for _, rate in known], color=colour, linewidth=1.0)
    axes.set_yscale("log")
    axes.set_xlabel("Es/N0 in dB" if per_symbol else "Eb/N0 in dB")
    axes.set_ylabel("error rate (marks simulated, lines closed form)", fontsize=8)
    axes.grid(which="major", linewidth=0.3, alpha=0.6)
    axes.legend(frameon=False, fontsize=8)
    save(figure, path, dpi=300)
