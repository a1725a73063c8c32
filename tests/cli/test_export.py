"""Tables of the store's facts: the same in every format, and as the store has them."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from tests.cli.shell import Lsc

KINDS = ("captions", "rankings", "steps", "scores")


@pytest.fixture
def filled(lsc: Lsc, small: Path) -> Lsc:
    lsc("run", small, "--captioner", "dataset", "-m", "bothAtt", "-m", "random", "--seeds", 2)
    return lsc


def test_every_format_says_the_same(filled: Lsc) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    for kind in KINDS:
        rows = filled.json("export", kind)[kind]
        assert len(rows) == filled.count({"steps": "step"}.get(kind, kind[:-1]))
        plain = list(csv.DictReader(io.StringIO(filled("export", kind).out)))
        table = filled.folder / f"{kind}.parquet"
        filled("export", kind, "--out", table)
        columns = parquet.read_table(table).to_pylist()
        assert len(plain) == len(columns) == len(rows)
        for row, text, column in zip(rows, plain, columns, strict=True):
            assert list(row) == list(text) == list(column)
            for name, value in row.items():
                stored = column[name]
                if isinstance(value, list | dict):
                    assert json.loads(text[name]) == json.loads(stored) == value
                else:
                    assert stored == value
                    assert text[name] == ("" if value is None else str(value))


def test_steps_hold_what_was_sent_with_all_settings(filled: Lsc) -> None:
    rows = filled.json("export", "steps")["steps"]
    own = [row for row in rows if row["method"] == "bothAtt" and row["caption"] == "a red ball"]
    assert [row["k"] for row in own] == [0, 1, 2, 3]
    assert own[-1]["prompt"] == " ".join(row["sent"] for row in own[1:])
    assert sum(row["channel_bits"] for row in own) == 8 * len("a red ball")
    assert set(own[0]["method_settings"]["reads"]) == {"language_model", "text_encoder"}
    assert own[0]["channel_settings"]["reorder"] == "none"
    assert {row["seed"] for row in rows if row["method"] == "random"} == {0, 1}


def test_scores_meet_steps_on_image_and_prompt(filled: Lsc) -> None:
    steps = filled.json("export", "steps")["steps"]
    scores = filled.json("export", "scores")["scores"]
    assert {(row["image"], row["prompt"]) for row in steps} == {
        (row["image"], row["prompt"]) for row in scores
    }
    assert all(row["metric_settings"]["metric"] == row["metric"] for row in scores)
    assert all(row["receiver_settings"]["steps"] == 2 for row in scores)


def test_selections(filled: Lsc, small: Path) -> None:
    every = filled.json("export", "captions")["captions"]
    assert len(filled.json("export", "captions", "--limit", 1)["captions"]) == 1
    assert filled.json("export", "captions", "--data", small)["captions"] == every
    assert filled.json("export", "captions", "--captioner", "clip")["captions"] == []
    assert filled("export", "captions", "--captioner", "clip").out.count("\n") == 1
    assert "leave --captioner out" in filled("export", "scores", "--captioner", "blip", code=2).error


def test_a_file_is_whole_or_not_there(filled: Lsc, monkeypatch: pytest.MonkeyPatch) -> None:
    from lsccli.core.report import export

    made = filled.json("export", "steps", "--out", "sub/steps.csv")
    assert made == {"file": "sub/steps.csv", "rows": filled.count("step")}
    before = (filled.folder / "sub" / "steps.csv").read_bytes()

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(export, "_csv", fail)
    filled("export", "steps", "--out", "sub/steps.csv", code=130)
    assert (filled.folder / "sub" / "steps.csv").read_bytes() == before
    assert [path.name for path in (filled.folder / "sub").iterdir()] == ["steps.csv"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("nothing",), "choose captions, rankings, steps, scores"),
        (("steps", "--format", "xlsx"), "choose csv, json, parquet"),
        (("steps", "--format", "parquet"), "name it with --out"),
        (("steps",), "There is no store db/lsc.sqlite"),
    ],
)
def test_wrong_usage_is_one_line(lsc: Lsc, arguments: tuple[str, ...], word: str) -> None:
    assert word in lsc("export", *arguments, code=2).error


def test_without_pyarrow_it_says_what_to_install(lsc: Lsc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    error = lsc("export", "steps", "--format", "parquet", "--out", "x.parquet", code=2).error
    assert "pip install 'lsccli[parquet]'" in error
