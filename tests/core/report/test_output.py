import csv
import hashlib
import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from lsccli.commands.report import report
from lsccli.core.errors import LscError
from lsccli.core.models.profile import MetricRole, Profile
from lsccli.core.report.files import latex, write_files
from lsccli.core.report.selection import Selection
from lsccli.core.report.summary import build_report, report_dict
from lsccli.core.report.tables import print_report
from lsccli.core.store.store import add
from lsccli.core.store.tables import Caption, Generation, Image, Prompt, Ranking, Score, Step, Transmission


def name_of(*facts: object) -> bytes:
    """A 32-byte key out of anything."""
    return hashlib.sha256(repr(facts).encode()).digest()


SELECTION = Selection(metric="stlpips-alex", profile="storybook")


def fill(maker, images: int, words: int, methods: list[tuple[str, str | None, str]], seed: int = 0) -> int:
    """A store of this many images times methods, its scores falling from 0.8 to 0.35; how many steps."""
    draw = np.random.default_rng(seed)
    by_captioner = {name: maker.config("captioner", captioner=name) for name in ("blip", "clip")}
    hows = [maker.config("method", method=name, importance=kind) for name, kind, _ in methods]
    channel = maker.config("channel", channel="ideal", source_code="ascii8")
    receiver = maker.config("receiver", steps=4, guidance=3.0, width=64, height=64)
    metric = maker.config("metric", metric="stlpips-alex", size=64)
    tables: dict = {t: [] for t in (Image, Caption, Ranking, Transmission, Prompt, Step, Generation, Score)}

    def row(table, **facts) -> int:
        tables[table].append({"id": len(tables[table]) + 1, "run_id": None, **facts})
        if table in (Image, Prompt, Step):
            del tables[table][-1]["run_id"]
        return len(tables[table])

    for i in range(images):
        image = row(Image, key=name_of("image", i), width=64, height=64)
        length = words - i % 4
        level = draw.normal(0, 0.06)
        for number, ((_, _, voice), how) in enumerate(zip(methods, hows, strict=True)):
            facts = {"config_id": by_captioner[voice], "position": 0, "text": "", "words": ["w"] * length}
            key = name_of("caption", i, number)
            caption = row(Caption, key=key, image_id=image, **{**facts, "position": 0})
            order = list(range(length))
            key = name_of("ranking", i, number)
            ranking = row(
                Ranking, key=key, caption_id=caption, config_id=how, seed=0, order=order, scores=order
            )
            key = name_of("transmission", i, number)
            sent = row(Transmission, key=key, ranking_id=ranking, config_id=channel, trial=0)
            for k in range(length + 1):
                prompt = row(Prompt, text=f"{i} {number} {k}")
                bits = 48 * (k > 0)
                row(
                    Step,
                    transmission_id=sent,
                    k=k,
                    sent="",
                    received="",
                    source_bits=bits,
                    channel_bits=bits,
                    symbols=bits,
                    prompt_id=prompt,
                )
                del tables[Step][-1]["id"]
                rate = 2 + 2 * number / len(methods)
                value = 0.35 + 0.45 * np.exp(-rate * k / length) + level + draw.normal(0, 0.02)
                facts = {"prompt_id": prompt, "config_id": receiver, "seed": 100, "path": None}
                made = row(Generation, key=name_of("generation", prompt), **facts)
                facts = {"image_id": image, "generation_id": made, "config_id": metric}
                row(Score, key=name_of("score", prompt), **facts, value=float(value))
    # Captions of the same words are one caption to several methods in a real store; here each has its own.
    for number, caption in enumerate(tables[Caption]):
        caption["position"] = number
    with maker.store.write() as session:
        for table, rows in tables.items():
            add(session, table, rows)
    return len(tables[Step])


METHODS = [
    ("order", None, "blip"),
    ("partBob", "most", "blip"),
    ("partBob", "least", "clip"),
    ("allBob", None, "clip"),
]


@pytest.fixture
def filled(maker):
    fill(maker, 12, 9, METHODS)


def printed(made, compare: bool, width: int = 100) -> str:
    console = Console(width=width, record=True, file=open("/dev/null", "w"), force_terminal=False)  # noqa: SIM115
    print_report(console, made, compare)
    return console.export_text()


@pytest.mark.parametrize("compare", [False, True])
def test_tables_fit_100_columns_and_tell_all(store, filled, compare):
    text = printed(build_report(store, SELECTION), compare)
    assert max(map(len, text.splitlines())) <= 100
    assert "allBob (oracle)" in text
    for part in ("partBob:most", "stlpips-alex, lower is better", "12 images", "4 steps"):
        assert part in text
    rows = [line.split() for line in text.splitlines()]
    facts = {curve["label"]: curve for curve in report_dict(store, SELECTION)["curves"]}
    (row,) = [row for row in rows if row[:1] == ["partBob:most"]]
    assert f"{facts['partBob:most']['auc']:.3f}" in row
    if compare:
        order = [row[0] for row in rows if row and row[0].split(":")[0] in ("order", "partBob", "allBob")]
        assert order == ["allBob", "partBob:least", "partBob:most", "order"]
        assert "better" in row
        assert "Difference: AUC minus that of order" in text
    else:
        assert row[2:4] == [f"{facts['partBob:most']['points'][k]['mean']:.3f}" for k in (0, 1)]


def test_what_is_left_out_is_printed(store, maker, filled):
    image = maker.image("more")
    maker.send(image, "red dog")
    text = " ".join(printed(build_report(store, SELECTION), True).split())
    assert "Left out: 1 image not complete in every curve." in text
    assert "order (blip): 3 steps of 1 image not drawn; make with: lsc generate" in text
    assert "1 image not sent by partBob:most (blip), partBob:least (clip), allBob (clip)" in text


def test_nothing_is_one_line(store, maker):
    maker.image("a")
    assert len(printed(build_report(store, SELECTION), True).strip().splitlines()) == 1


def test_files_hold_the_same_numbers(store, filled, tmp_path):
    made = build_report(store, SELECTION)
    folder = tmp_path / "deep" / "out"
    files = write_files(made, folder)
    assert sorted(path.name for path in files) == sorted(path.name for path in folder.iterdir())
    facts = json.loads((folder / "curves.json").read_text())
    assert facts == report_dict(store, SELECTION)
    with (folder / "curves.csv").open() as stream:
        points = list(csv.DictReader(stream))
    assert [float(row["mean"]) for row in points] == [p["mean"] for c in facts["curves"] for p in c["points"]]
    with (folder / "summary.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["label"] for row in rows] == [curve["label"] for curve in facts["curves"]]
    assert float(rows[1]["difference"]) == facts["curves"][1]["difference"]["auc"]["mean"]
    assert rows[0]["difference"] == ""
    for name in ("score_words", "score_bits"):
        assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert (folder / f"{name}.pdf").read_bytes().startswith(b"%PDF")
    before = {path.name: path.read_bytes() for path in files}
    write_files(made, folder)
    assert {path.name: path.read_bytes() for path in files} == before


def test_the_latex_table_escapes_and_balances(store, filled):
    text = latex(build_report(store, SELECTION))
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert len(rows) == 5
    assert len({row.count("&") for row in rows}) == 1
    columns = re.search(r"begin\{tabular\}\{(l+r+)\}", text)
    assert columns is not None
    assert len(columns[1]) == rows[0].count("&") + 1
    assert text.count(r"\toprule") == text.count(r"\bottomrule") == 1


def test_a_folder_that_cannot_be_written_is_one_line(store, filled, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LscError, match="Cannot write the report to"):
        write_files(build_report(store, SELECTION), tmp_path / "file")


@dataclass
class FakeSession:
    store: object
    json: bool = False
    quiet: bool = False
    profile = Profile("storybook", "drawn scenes", metric=MetricRole("stlpips-alex", 64))

    def __post_init__(self) -> None:
        self.out = Console(width=100)
        self.err = Console(stderr=True)

    def open_store(self) -> object:
        return self.store

    def print_json(self, value: object) -> None:
        print(json.dumps(value))


def call(session: FakeSession, *arguments: str):
    app = typer.Typer()
    app.command()(report)
    return CliRunner().invoke(app, list(arguments), obj=session)


def test_the_command_prints_json_and_writes_files(store, filled, tmp_path):
    result = call(FakeSession(store, json=True), "--out", str(tmp_path / "out"), "--limit", "5")
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)
    assert facts["images"] == 5
    assert "curves.csv" in result.stderr.replace("\n", "")
    result = call(FakeSession(store), "--compare", "--method", "allbob", "--baseline", "partbob:MOST")
    assert result.exit_code == 0, result.output
    assert "partBob:most" in result.stdout
    assert "order" not in result.stdout


def test_eight_thousand_steps_take_less_than_a_second(store, maker):
    steps = fill(maker, 160, 13, METHODS)
    assert steps == 8000
    start = time.process_time()
    made = build_report(store, SELECTION)
    assert time.process_time() - start < 1
    assert len(made.set.images) == 160


def test_reading_needs_neither_torch_nor_matplotlib():
    code = (
        "import sys, lsccli.core.report.tables, lsccli.core.report.files, lsccli.commands.report; "
        "print([name for name in ('torch', 'matplotlib', 'transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
