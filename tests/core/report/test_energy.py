"""Symbols against what a perfect code would take, in reports, by hand."""

import csv
import io
import itertools
import math
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import text

from lsccli.core.channel.shannon import upper
from lsccli.core.channel.vocabulary import digest_told, from_file
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


TRIALS = 30


def report(store: Store, maker: Maker, *channels: dict[str, object], trials: int = 1) -> Report:
    image, maker = maker.image("a"), maker.faster(store)
    maker.score(image, SCORES)
    for channel, trial in itertools.product(channels, range(trials)):
        # 24 bits, and 32 with the space; each a symbol.
        maker.send(image, "dog big", channel=channel, trial=trial)
    return build_report(store, ask())


def printed(made: Report) -> str:
    console = Console(width=100, record=True, file=io.StringIO())
    print_report(console, made, compare=True)
    return console.export_text()


def needed(wrong: float = 0.0, count: int = 2 * TRIALS) -> float:
    """Bits a word: of two words alike, both of three letters, 1 − h(D)."""
    most = upper(wrong, count)
    return 1 + most * math.log2(most) + (1 - most) * math.log2(1 - most)


def test_all_words_delivered(store: Store, maker: Maker) -> None:
    (summary,) = report(store, maker, GAUSSIAN, trials=TRIALS).summaries
    spent = summary.spent
    assert spent is not None
    assert (spent.symbols, spent.source_bits, spent.delivered) == (56, 56, 56)
    # At two bits a symbol; and in 28 symbols a word, needed / 28 bits a symbol would do.
    assert spent.perfect_symbols == pytest.approx(2 * needed() / 2, rel=1e-3)
    least = 2 ** (needed() / 28) - 1
    assert spent.excess_db == pytest.approx(10 * math.log10(3 / least), abs=1e-2)


def test_a_word_read_wrong_is_not_delivered(store: Store, maker: Maker) -> None:
    report(store, maker, GAUSSIAN, trials=TRIALS)
    with store.write() as session:
        session.execute(text("UPDATE step SET received = 'dot' WHERE sent = 'dog' AND transmission_id <= 6"))
    (summary,) = build_report(store, ask()).summaries
    assert summary.spent is not None
    assert summary.spent.delivered == pytest.approx(56 - 24 * 6 / TRIALS)
    assert summary.spent.perfect_symbols == pytest.approx(needed(0.1), rel=1e-2)
    assert 0 < needed(0.1) < needed()


def test_a_channel_of_bits_has_no_energy(store: Store, maker: Maker) -> None:
    (summary,) = report(store, maker, FLIPS, trials=TRIALS).summaries
    assert summary.spent is not None
    assert summary.spent.excess_db is None
    assert summary.spent.perfect_symbols == pytest.approx(2 * needed() / (0.75 * math.log2(3) - 1), rel=1e-3)


def test_the_floor_is_told_where_bob_knows_words_and_lengths(store: Store, maker: Maker) -> None:
    raw = report(store, maker, GAUSSIAN)
    assert "guessing" not in printed(raw)
    made = report(store, maker, {**GAUSSIAN, "decoder": "vocabulary"})
    # Neither is the most frequent word of three letters.
    assert "0 % of them could be read by guessing from lengths alone" in " ".join(printed(made).split())


def test_a_vocabulary_of_a_file(store: Store, maker: Maker, tmp_path: Path) -> None:
    file = tmp_path / "own.txt"
    file.write_text("dog 2\nbig\n", encoding="utf-8")
    digest = digest_told(from_file(file))
    knowing = {**GAUSSIAN, "decoder": "vocabulary", "vocabulary": digest}
    nowhere = report(store, maker, knowing, trials=TRIALS)
    spent = nowhere.summaries[0].spent
    assert spent is not None
    # The limit asks for the words that were sent alone, and the floor for those that Bob knows.
    assert spent.perfect_symbols == pytest.approx(needed(), rel=1e-3)
    assert spent.floor is None
    told = f"No floor is told where Bob's vocabulary is {str(digest)[:15]}…: it was a file. Name it as it was"
    assert told in " ".join(printed(nowhere).split())
    named = build_report(store, replace(ask(), vocabulary=str(file)))
    assert named.summaries[0].spent == replace(spent, floor=0.5, no_floor=None)
    assert "50 % of them could be read by guessing" in " ".join(printed(named).split())


def test_why_there_is_no_limit_is_told(store: Store, maker: Maker) -> None:
    made = report(store, maker, {**GAUSSIAN, "decoder": "language"}, trials=TRIALS)
    (summary,) = made.summaries
    assert summary.spent is not None
    assert (summary.spent.perfect_symbols, summary.spent.excess_db) == (None, None)
    assert "No limit is told where Bob reads words by those before" in " ".join(printed(made).split())


def test_drawing_anew_tells_no_more_of_the_channel(store: Store, maker: Maker) -> None:
    (once,) = report(store, maker, GAUSSIAN, trials=TRIALS).summaries
    for seed in (101, 102, 103):
        maker.score(1, SCORES, seed=seed)
    (again,) = build_report(store, ask()).summaries
    assert again.curve.replicates.tolist() == [4 * TRIALS]
    assert again.spent == once.spent


def test_what_substitution_reads_does_not_matter(store: Store, maker: Maker) -> None:
    scc = {"scc": "longer", "scc_closeness": 0.9, "scc_reads": {"version": 1}}
    (summary,) = report(store, maker, {**GAUSSIAN, **scc}, trials=TRIALS).summaries
    assert summary.spent is not None
    assert summary.spent.perfect_symbols == pytest.approx(needed(), rel=1e-3)


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
    both = report(store, maker, GAUSSIAN, trials=TRIALS)
    shown = printed(both)
    assert "symbols" in shown
    assert "excess" in shown
    spent = {c["settings"]["channel"]["channel"]: c["spent"] for c in report_document(both)["curves"]}
    assert spent["ideal"] is None
    assert spent["awgn"] is not None
    assert spent["awgn"]["perfect_symbols"] == pytest.approx(needed(), rel=1e-3)
    write_report(both, tmp_path, find_formats(("csv", "latex"), stop_at=False))
    rows = list(csv.DictReader((tmp_path / "summary.csv").open(encoding="utf-8")))
    assert sorted(row["symbols"] for row in rows) == ["", "56.0"]
    assert sorted(bool(row["excess_db"]) for row in rows) == [False, True]
    assert "Excess (dB)" in (tmp_path / "table.tex").read_text(encoding="utf-8")
