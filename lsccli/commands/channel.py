"""`lsc channel`: what a channel does to bits, symbols and words, without any image."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lsccli.commands import channel_options as link
from lsccli.commands.context import Session
from lsccli.core.errors import LscError

if TYPE_CHECKING:
    from lsccli.core.channel.rates import Rates


def channel(
    ctx: typer.Context,
    channel: link.Channel = "awgn",
    source_code: link.SourceCode = "ascii8",
    ber: link.Ber = None,
    modulation: link.Modulation = None,
    ebn0_db: link.EbN0 = None,
    esn0_db: link.EsN0 = None,
    fading: link.Fading = None,
    formula: link.Formula = False,
    code: link.Code = "none",
    rate: link.Rate = None,
    crc: link.Crc = "none",
    arq: link.Arq = None,
    decoder: link.Decoder = None,
    vocabulary: link.Vocabulary = None,
    channel_seed: link.ChannelSeed = None,
    packets: Annotated[
        int, typer.Option("--packets", min=2, help="Words to send at each point, drawn by their frequency.")
    ] = 1000,
    out: Annotated[
        Path | None, typer.Option("--out", help="Also draw the sweep: a PNG, PDF or SVG file.")
    ] = None,
) -> None:
    """Tabulate bit, symbol and word error rates, simulated and in closed form, without any image."""
    from lsccli.core.channel import figure
    from lsccli.core.channel.rates import measure
    from lsccli.core.channel.vocabulary import chosen

    session: Session = ctx.obj
    points = link.channels(
        channel=channel,
        source_code=source_code,
        ber=ber,
        modulation=modulation,
        ebn0_db=ebn0_db,
        esn0_db=esn0_db,
        fading=fading,
        formula=formula,
        code=code,
        rate=rate,
        crc=crc,
        arq=arq,
        decoder=decoder,
        vocabulary=vocabulary if (decoder or "").lower() in ("vocabulary", "language") else None,
        profile=session.profile.name,
        channel_seed=channel_seed,
    )
    if out is not None:
        figure.check_file(out)
        if len(points) < 2:
            raise LscError("--out draws a sweep: give --ebn0-db or --esn0-db as LOW:HIGH:STEP.")
    known, _ = chosen(vocabulary, session.profile.name)
    rows = [measure(point, packets, known) for point in points]
    if out is not None:
        figure.draw(rows, out, per_symbol=esn0_db is not None)
    if session.json:
        session.print_json(
            {
                "packets": packets,
                "points": [
                    {"settings": point.facts(), **asdict(row)}
                    for point, row in zip(points, rows, strict=True)
                ],
            }
        )
        return
    session.out.print(_table(rows))
    session.out.print(
        "Eb/N0 and Es/N0 in dB; WER: words read wrong; ± is half the 95 % interval", style="dim"
    )
    if out is not None:
        session.out.print(f"wrote {out}", markup=False)


def _table(rows: list[Rates]) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    again = any(row.rounds > 1 for row in rows)
    for title in ("Eb/N0", "Es/N0", "BER", "formula", "SER", "formula", "WER", "formula", "bits/word"):
        table.add_column(title, justify="right", no_wrap=True)
    if again:
        table.add_column("rounds", justify="right")
    for row in rows:
        cells = [_decibels(row.ebn0_db), _decibels(row.esn0_db)]
        for rate in (row.bits, row.symbols, row.words):
            cells += [f"{_short(rate.simulated, 2)} ±{_short(rate.margin, 0)}", _short(rate.closed_form, 2)]
        cells.append(f"{row.channel_bits:.1f}")
        table.add_row(*cells, *([f"{row.rounds:.2f}"] if again else []))
    return table


def _decibels(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _short(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}e}".replace("e-0", "e-").replace("e+00", "")
