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
    from lsccli.core.channel.settings import ChannelSettings


def channel(
    ctx: typer.Context,
    asked: Annotated[
        link.Asked, link.options(without=("scc", "scc_closeness", "trials"), channel="awgn")
    ] = link.Asked(),
    packets: Annotated[
        int,
        typer.Option(
            "--packets", min=2, max=10_000_000, help="Words to send at each point, drawn by their frequency."
        ),
    ] = 1000,
    out: Annotated[
        Path | None, typer.Option("--out", help="Also draw the sweep: a PNG, PDF or SVG file.")
    ] = None,
    captions: Annotated[
        Path | None,
        typer.Option(
            "--captions",
            metavar="DATA",
            help="Instead: what people's captions of DATA cost by each source code, beside zlib and the "
            "language model's -log2 p, and how many words one wrong bit breaks.",
        ),
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(
            "--images", help="With --captions: folder of the images that a COCO captions file names."
        ),
    ] = None,
) -> None:
    """Tabulate bit, symbol and word error rates, simulated and in closed form, without any image."""
    if captions is not None:
        _costs(ctx, captions, images)
        return
    if images is not None:
        raise LscError("--images goes with --captions DATA, a COCO captions file.")
    from lsccli.core.channel.rates import measure
    from lsccli.core.channel.vocabulary import chosen
    from lsccli.core.report.canvas import check_suffix
    from lsccli.core.report.error_rates import draw_error_rates

    session: Session = ctx.obj
    named = asked.options.get("vocabulary")
    points = link.channels(link.Asked({**asked.options, "vocabulary": None}))
    # Where Bob heeds no vocabulary, it only gives the words to send.
    if points[0].uses_vocabulary:
        points = link.channels(asked, profile=session.profile.name)
    if out is not None:
        check_suffix(out)
        if len(points) < 2 or points[0].points_db is None:
            raise LscError("--out draws a sweep: give --ebn0-db or --esn0-db as LOW:HIGH:STEP.")
    known, _ = chosen(named, session.profile.name)
    rows = [measure(point, packets, known) for point in points]
    if out is not None:
        draw_error_rates(rows, out, per_symbol="esn0_db" in asked.options)
    if session.json:
        session.print_json(
            {
                "packets": packets,
                "points": [
                    {"settings": point.facts(), **_flat(row)} for point, row in zip(points, rows, strict=True)
                ],
            }
        )
        return
    session.out.print(_table(rows))
    session.out.print(
        "Eb/N0 and Es/N0 in dB; WER: words read wrong; ± is half the 95 % interval", style="dim"
    )
    if points[0].noisy:
        session.out.print()
        session.out.print(_limits(rows))
        session.out.print(_foot(points[0], rows[0]), style="dim")
    if out is not None:
        session.out.print(f"wrote {out}", soft_wrap=True)


def _costs(ctx: typer.Context, data: Path, images: Path | None) -> None:
    from rich.table import Table

    from lsccli.core.channel.costs import costs
    from lsccli.core.data.dataset import read_dataset
    from lsccli.core.text.words import split_words

    session: Session = ctx.obj
    for name in ctx.params:
        source = ctx.get_parameter_source(name)
        # By its name: Typer may carry a Click of its own, whose values equal none of Click's.
        if name not in ("captions", "images") and source is not None and source.name == "COMMANDLINE":
            option = "--" + name.replace("_", "-")
            raise LscError(f"--captions is about source codes, without a channel; leave {option} out.")
    texts = [text for entry in read_dataset(data, images).entries for text in entry.captions]
    if not texts:
        raise LscError(f"{data} has no captions by people; name a data set with a caption file.")
    found = costs([[word.text for word in split_words(text)] for text in texts])
    if session.json:
        session.print_json({"captions": len(texts), "codes": [asdict(cost) for cost in found]})
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("source code", no_wrap=True)
    for title in ("bits/caption", "bits/word", "broken", "without feedback"):
        table.add_column(title, justify="right", no_wrap=True)
    for cost in found:
        cells = (cost.bits, cost.per_word, cost.spread, cost.blind)
        digits = (1, 2, 2, 2)
        table.add_row(
            cost.code, *("–" if x is None else f"{x:.{n}f}" for x, n in zip(cells, digits, strict=True))
        )
    session.out.print(table)
    session.out.print(
        f"means over {len(texts)} captions; broken: words read wrong of one flipped bit, its own word among "
        "them; without feedback: where Alice codes by her own words, not by those that Bob has read",
        style="dim",
    )


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


def _flat(row: Rates) -> dict[str, Any]:
    """All there is to say of a point, with its limit beside the rest."""
    found = asdict(row)
    return {**{name: value for name, value in found.items() if name != "limit"}, **found["limit"]}


def _limits(rows: list[Rates]) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for title in ("Eb/N0", "read", "floor", "needed bits", "symbols", "perfect symbols", "excess dB"):
        table.add_column(title, justify="right", no_wrap=True)
    for row in rows:
        own = row.limit
        perfect, excess = (
            "–" if x is None else f"{x:.{n}f}" for x, n in ((own.perfect_symbols, 1), (own.excess_db, 2))
        )
        table.add_row(
            _decibels(row.ebn0_db),
            f"{1 - row.words.simulated:.3f}",
            f"{own.floor:.3f}",
            f"{own.needed:.2f}",
            f"{row.channel_symbols:.1f}",
            perfect,
            excess,
        )
    return table


def _foot(point: ChannelSettings, row: Rates) -> str:
    guessed = "from its length alone" if point.framing is None else "from frequencies alone"
    return (
        f"a word; read: words read right; floor: what could be read by guessing {guessed}; needed: bits "
        f"that had to come, of {row.limit.information:.2f} that a word has for Bob; perfect symbols: that a "
        "perfect code would take for as many words; excess: Es/N0 above the least there is for them; beaten "
        "with a probability of 10^-6 at most"
    )


def _decibels(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _short(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}e}".replace("e-0", "e-").replace("e+00", "")
