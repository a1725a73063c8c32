"""Symbols against what a perfect code would take, in reports, by hand."""

import csv
import io
import math
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import text

from lsccli.core.channel.distortion import of_groups
from lsccli.core.channel.shannon import upper
from lsccli.core.channel.vocabulary import shipped
from lsccli.core.report.document import report_document
from lsccli.core.report.formats.base import find_formats, write_report
from lsccli.core.report.summary import Report, build_report
from lsccli.core.report.tables import print_report
from lsccli.core.store.store import Store
from tests.core.report.stores import Maker, ask

SCORES = {"": 0.9, "dog": 0.5, "dog big": 0.1}
CLEAN: dict[str, object] = {}
# Es/N0 = 3: two bits a symbol.
GAUSSIAN = {
    "channel": "awgn",
    "modulation": "bpsk",
    "esn0_db": 10 * math.log10(3),
    "decoder": "raw",
    "seed": 0,
}
FLIPS = {"channel": "bsc", "ber": 0.25, "decoder": "raw", "seed": 0}


def report(store: Store, maker: Maker, *channels: dict[str, object]) -> Report:
    image = maker.image("a")
    maker.score(image, SCORES)
    for channel in channels:
        # 24 bits, and 32 with the space; each a symbol.
        maker.send(image, "dog big", channel=channel)
    return build_report(store, ask())


def printed(made: Report) -> str:
    console = Console(width=100, record=True, file=io.StringIO())
    print_report(console, made, compare=True)
    return console.export_text()


def needed(wrong: float, count: int = 2) -> float:
    """Bits a word for Bob: dog and big are words of three letters, and guessing reads neither."""
    known = shipped("storybook")
    three = {w: p for w, p in zip(known.words, known.share, strict=True) if len(w) == 3}
    assert max(three, key=lambda word: three[word]) not in ("dog", "big")
    group = of_groups([[p / sum(three.values()) for p in three.values()]])
    return group.rate(upper(wrong, count) * (1 - group.floor))


def test_all_words_delivered(store: Store, maker: Maker) -> None:
    (summary,) = report(store, maker, GAUSSIAN).summaries
    spent = summary.spent
    assert spent is not None
    assert (spent.symbols, spent.source_bits, spent.delivered) == (56, 56, 56)
    # At two bits a symbol; and in 28 symbols a word, needed / 28 bits a symbol would do.
    assert spent.perfect_symbols == pytest.approx(2 * needed(0) / 2)
    least = 2 ** (needed(0) / 28) - 1
    assert spent.excess_db == pytest.approx(10 * math.log10(3 / least))


def test_a_word_read_wrong_is_not_delivered(store: Store, maker: Maker) -> None:
    report(store, maker, GAUSSIAN)
    with store.write() as session:
        session.execute(text("UPDATE step SET received = 'dot' WHERE sent = 'dog'"))
    (summary,) = build_report(store, ask()).summaries
    assert summary.spent is not None
    assert summary.spent.delivered == 32
    assert summary.spent.perfect_symbols == pytest.approx(needed(0.5))
    assert needed(0.5) < needed(0)


def test_a_channel_of_bits_has_no_energy(store: Store, maker: Maker) -> None:
    (summary,) = report(store, maker, FLIPS).summaries
    assert summary.spent is not None
    assert summary.spent.excess_db is None
    assert summary.spent.perfect_symbols == pytest.approx(2 * needed(0) / (0.75 * math.log2(3) - 1))


def test_the_floor_is_told_where_bob_knows_words_and_lengths(store: Store, maker: Maker) -> None:
    raw = report(store, maker, GAUSSIAN)
    assert "capacity zero" not in printed(raw)
    made = report(store, maker, {**GAUSSIAN, "decoder": "vocabulary"})
    floor = next(
        s.spent.floor for s in made.summaries if s.spent and s.curve.settings["channel"]["decoder"] != "raw"
    )
    assert floor is not None
    assert f"{100 * floor:.0f} % of them are read at capacity zero" in " ".join(printed(made).split())


def test_what_substitution_reads_does_not_matter(store: Store, maker: Maker) -> None:
    scc = {"scc": "longer", "scc_closeness": 0.9, "scc_reads": {"version": 1}}
    (summary,) = report(store, maker, {**GAUSSIAN, **scc}).summaries
    assert summary.spent is not None
    assert summary.spent.perfect_symbols == pytest.approx(needed(0))


def test_trials_are_averaged_within_the_image(store: Store, maker: Maker) -> None:
    report(store, maker, GAUSSIAN)
    second = maker.send(1, "dog big", channel=GAUSSIAN, trial=1)
    with store.write() as session:
        session.execute(text(f"UPDATE step SET symbols = 3 * symbols WHERE transmission_id = {second}"))
    (summary,) = build_report(store, ask()).summaries
    assert summary.spent is not None
    assert summary.spent.symbols == 112
    assert summary.spent.source_bits == 56


def test_columns_are_there_only_where_there_is_noise(store: Store, maker: Maker, tmp_path: Path) -> None:
    clean = report(store, maker, CLEAN)
    assert "symbols" not in printed(clean)
    assert report_document(clean)["curves"][0]["spent"] is None
    both = report(store, maker, GAUSSIAN)
    shown = printed(both)
    assert "symbols" in shown
    assert "excess" in shown
    spent = {c["settings"]["channel"]["channel"]: c["spent"] for c in report_document(both)["curves"]}
    assert spent["ideal"] is None
    assert spent["awgn"]["perfect_symbols"] == pytest.approx(needed(0))
    write_report(both, tmp_path, find_formats(("csv", "latex"), stop_at=False))
    rows = list(csv.DictReader((tmp_path / "summary.csv").open(encoding="utf-8")))
    assert sorted(row["symbols"] for row in rows) == ["", "56.0"]
    assert sorted(bool(row["excess_db"]) for row in rows) == [False, True]
    assert "Excess (dB)" in (tmp_path / "table.tex").read_text(encoding="utf-8")
