"""What was run, a report on one run, and forgetting for good."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Lsc, make_scenes

DATASET = ("--captioner", "dataset")


def change(lsc: Lsc, statement: str) -> None:
    with sqlite3.connect(lsc.folder / "db" / "lsc.sqlite") as connection:
        connection.execute(statement)


def statuses(lsc: Lsc) -> list[str]:
    return [run["status"] for run in lsc.json("runs")["runs"]]


def test_runs_are_listed_with_what_they_did(lsc: Lsc, small: Path) -> None:
    lsc("run", small, *DATASET, "-m", "order", "--limit", 2)
    lsc("score", "--metric", "psnr")
    first, second = lsc.json("runs")["runs"]
    assert (first["run"], first["command"], first["status"], first["profile"]) == (1, "run", "done", "tiny")
    assert first["arguments"] == ["run", str(small), *DATASET, "-m", "order", "--limit", "2"]
    assert first["new"] > 0
    assert [stage["stage"] for stage in first["stages"]] == [
        "caption",
        "rank",
        "transmit",
        "generate",
        "score",
    ]
    assert second["arguments"] == ["score", "--metric", "psnr"]
    assert [run["run"] for run in lsc.json("runs", "--limit", 1)["runs"]] == [2]
    shown = lsc("runs").out
    assert "score --metric psnr" in shown
    assert "tiny" in shown
    assert lsc.count("run") == 2  # looking at them is none


def test_a_killed_run_is_told_and_put_right(lsc: Lsc, small: Path) -> None:
    lsc("caption", small, *DATASET)
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    change(lsc, "UPDATE run SET status = 'running', seconds = NULL")
    change(lsc, f"UPDATE run_detail SET pid = {gone.pid}")
    assert statuses(lsc) == ["killed"]
    assert lsc.sql("SELECT status FROM run") == [("running",)]  # whoever reads puts nothing right
    # A process that has the number now, and began at another time, is not the one.
    change(lsc, f"UPDATE run_detail SET pid = {os.getpid()}, process = replace(process, ' ', ' 1')")
    assert statuses(lsc) == ["killed"]
    lsc("rank", "-m", "order", *DATASET)
    assert lsc.sql("SELECT status FROM run") == [("killed",), ("done",)]


def test_a_run_that_goes_on_stays_so(lsc: Lsc, small: Path) -> None:
    lsc("caption", small, *DATASET)
    change(lsc, "UPDATE run SET status = 'running', seconds = NULL")
    lsc("rank", "-m", "order", *DATASET)
    assert statuses(lsc) == ["running", "done"]
    change(lsc, "UPDATE run SET host = 'faraway' WHERE id = 1")
    change(lsc, "UPDATE run_detail SET pid = 1, process = 'x 1' WHERE run_id = 1")
    assert statuses(lsc) == ["running", "done"]
    assert "Run 1 was begun on faraway" in lsc("runs").out


def test_a_report_on_a_run_is_of_what_it_used(lsc: Lsc, tmp_path: Path) -> None:
    one = make_scenes(tmp_path / "one", ("a red ball", "two birds"), seed=1)
    two = make_scenes(tmp_path / "two", ("a cat", "the dog", "a tree"), seed=2)
    noisy = ("--channel", "bsc", "--ber", "0.01")
    lsc("run", one, *DATASET, "-m", "order", "-m", "random", "--seeds", 2)
    lsc("run", two, *DATASET, "-m", "order", *noisy)
    lsc("run", one, *DATASET, "-m", "order")  # all of it remembered
    lsc("run", one, *DATASET, "-m", "random", "--seeds", 3, *noisy)
    lsc("run", one, *DATASET, "-m", "order", "--metric", "psnr")

    def curves(number: int, *more: object, metric: str = "ssim") -> list[tuple[Any, ...]]:
        told = lsc.json("report", "--run", number, *more)
        assert told["metric"] == metric
        return [
            (one["method"], one["settings"]["channel"]["channel"], one["images"], one["replicates"])
            for one in told["curves"]
        ]

    assert curves(1) == [("order", "ideal", 2, 1), ("random", "ideal", 2, 2)]
    assert curves(2) == [("order", "bsc", 3, 1)]
    assert curves(3) == [("order", "ideal", 2, 1)]
    assert curves(4) == [("random", "bsc", 2, 3)]
    assert curves(5, metric="psnr") == [("order", "ideal", 2, 1)]
    assert curves(1, "-m", "random") == [("random", "ideal", 2, 2)]
    assert "no run 9" in lsc("report", "--run", 9, code=2).error
    lsc("caption", two, *DATASET)
    assert "Run 6 (caption) sent nothing" in lsc("report", "--run", 6, code=1).error
    assert "leave --data" in lsc("report", "--run", 1, "--limit", 2, code=2).error


def test_a_report_on_a_run_is_by_its_own_models(lsc: Lsc, small: Path) -> None:
    made = lsc.json("run", small, *DATASET, "-m", "order")["report"]
    assert lsc.json("--models", "storybook", "report", "--run", 1) == made


def test_forgetting_a_method_leaves_what_others_share(lsc: Lsc, small: Path) -> None:
    lsc("run", small, *DATASET, "-m", "order")
    before = {kind: lsc("export", kind).out for kind in ("captions", "rankings", "steps", "scores")}
    report, drawings = lsc("--json", "report").out, lsc.drawings()
    lsc("run", small, *DATASET, "-m", "random", "-m", "partBob:least")
    assert lsc.drawings() != drawings
    counted = lsc.json("forget", "-m", "random", "-m", "partBob:least", "--dry-run")
    assert not counted["done"]
    assert lsc.count("ranking") == 9
    done = lsc.json("forget", "-m", "random", "-m", "partBob:least", "--yes")
    assert (done["rows"], done["files"]) == (counted["rows"], counted["files"])
    assert done["rows"]["ranking"] == 6
    assert done["files"] > 0
    assert {kind: lsc("export", kind).out for kind in before} == before
    assert lsc("--json", "report").out == report
    assert lsc.drawings() == drawings
    assert lsc.sql("PRAGMA foreign_key_check") == []
    again = lsc.json("run", small, *DATASET, "-m", "random")
    assert {stage["stage"]: stage["new"] > 0 for stage in again["stages"]} == {
        "caption": False,
        "rank": True,
        "transmit": True,
        "generate": True,
        "score": True,
    }


def test_forgetting_a_channel_a_captioner_and_a_data_set(lsc: Lsc, tmp_path: Path) -> None:
    one = make_scenes(tmp_path / "one", ("a red ball", "two birds"), seed=1)
    two = make_scenes(tmp_path / "two", ("a cat", "the dog", "a tree"), seed=2)
    run = (*DATASET, "-m", "order")
    lsc("run", one, *run)
    for ber in ("0.01", "0.02"):
        lsc("run", one, *run, "--channel", "bsc", "--ber", ber)
    lsc("run", two, *run)
    lsc("run", two, "-m", "order")  # Alice's captions
    sent = lsc.count("transmission")
    assert lsc.json("forget", "--channel", "bsc", "--ber", "0.02", "--yes")["rows"]["transmission"] == 2
    assert (
        lsc.json("forget", "--channel", "BSC", "-m", "order", "--data", one, "--yes")["rows"]["transmission"]
        == 2
    )
    assert lsc.count("transmission") == sent - 4
    assert lsc.count("ranking") == 8
    assert lsc.json("forget", "--captioner", "blip", "--yes")["rows"]["caption"] == 3
    gone = lsc.json("forget", "--data", two, "--yes")["rows"]
    assert (gone["image"], gone["source"], gone["caption"], gone["ranking"]) == (3, 3, 3, 3)
    assert lsc.json("report")["curves"][0]["images"] == 2
    assert lsc.sql("PRAGMA foreign_key_check") == []
    used = json.loads(lsc.sql("SELECT used FROM run_detail WHERE run_id = 4")[0][0])
    assert (used["images"], used["captions"]) == ([], [])
    rows = lsc.sql("SELECT DISTINCT prompt_id FROM generation")
    assert len(rows) == lsc.count("generation") == len(lsc.drawings())


def test_an_image_that_lies_elsewhere_too_stays(lsc: Lsc, tmp_path: Path) -> None:
    one = make_scenes(tmp_path / "one", ("a red ball", "two birds"))
    two = make_scenes(tmp_path / "two", ("a red ball", "two birds"))
    lsc("run", one, *DATASET, "-m", "order")
    report = lsc("--json", "report").out
    lsc("caption", two, *DATASET)
    gone = lsc.json("forget", "--data", two, "--yes")["rows"]
    assert gone["source"] == 2
    assert "image" not in gone
    assert lsc("--json", "report").out == report


PLUGIN = """
from lsccli.api import Item, method


@method("mine", summary="s", direction="d", source="here")
def mine(item: Item) -> list[int]:
    \"\"\"Backwards.\"\"\"
    return list(range(len(item.words)))[::-1]
"""


def test_forgetting_an_edition_of_a_plug_in_that_is_gone(lsc: Lsc, small: Path) -> None:
    plugin = lsc.folder / "mine.py"
    plugin.write_text(PLUGIN)
    lsc("--plugin", plugin, "run", small, *DATASET, "-m", "mine", "-m", "order")
    old = json.loads(lsc.sql("SELECT settings FROM config WHERE settings LIKE '%mine%'")[0][0])["plugin"]
    plugin.write_text(PLUGIN + "# edited\n")
    lsc("--plugin", plugin, "run", small, *DATASET, "-m", "mine")
    assert lsc.count("ranking") == 9
    assert lsc.json("forget", "--plugin", old[:15], "--yes")["rows"]["ranking"] == 3
    assert lsc.json("forget", "--plugin", plugin, "--yes")["rows"]["ranking"] == 3
    assert lsc.count("ranking") == 3
    lsc("--plugin", plugin, "run", small, *DATASET, "-m", "mine")
    plugin.unlink()
    assert lsc.json("forget", "-m", "Mine", "--yes")["rows"]["ranking"] == 3
    assert "nothing in the store is of that" in lsc("forget", "--plugin", "nobody 1.0", "--yes", code=2).error


def test_forgetting_what_the_models_of_a_profile_have_made(lsc: Lsc, small: Path, tiny_profile: Path) -> None:
    (lsc.folder / "other.toml").write_text(
        f'extends = "{tiny_profile}"\nname = "other"\n[receiver]\nsteps = 1\n'
    )
    lsc("run", small, *DATASET, "-m", "order")
    report = lsc("--json", "report").out
    made = lsc.json("--models", "other.toml", "run", small, *DATASET, "-m", "order")
    assert made["stages"][3]["new"] > 0
    gone = lsc.json("forget", "--profile", "other", "--yes")["rows"]
    assert gone["generation"] == made["stages"][3]["new"]
    assert "transmission" not in gone
    assert lsc("--json", "report").out == report


WRONG = {
    "nothing": ((), "Say what to forget"),
    "an unknown method": (("-m", "nobody"), "Unknown method"),
    "an unknown captioner": (("--captioner", "carol"), "there is"),
    "an unknown profile": (("--profile", "poster"), "there is tiny"),
    "a profile and a method": (("--profile", "tiny", "-m", "order"), "go alone"),
    "what is not there": (("-m", "random"), "nothing of that"),
    "nobody to ask": (("-m", "order"), "say --yes"),
    "a file that is gone": (("--plugin", "gone.py"), "no plug-in gone.py"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_forgotten(lsc: Lsc, small: Path, case: str) -> None:
    options, line = WRONG[case]
    lsc("rank", "-m", "order", *DATASET) if False else lsc(
        "run", small, *DATASET, "-m", "order", "--limit", 1
    )
    before = lsc.facts()
    assert line in lsc("--json", "forget", *options, code=2).error
    assert lsc.facts() == before


def test_it_asks_first(lsc: Lsc, small: Path) -> None:
    lsc("run", small, *DATASET, "-m", "order", "--limit", 1)
    done = lsc("forget", "-m", "order", code=1)
    assert "ranking: 1 will be forgotten" in done.out
    assert "say --yes" in done.err
    assert lsc.count("ranking") == 1


def test_nothing_is_forgotten_below_a_run_that_goes_on(lsc: Lsc, small: Path) -> None:
    lsc("run", small, *DATASET, "-m", "order", "--limit", 1)
    change(lsc, "UPDATE run SET status = 'running'")
    assert "Run 1 goes on" in lsc("forget", "-m", "order", "--yes", code=2).error
    assert lsc.count("ranking") == 1


SLOW = """
import sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from sqlalchemy import text
from lsccli import cli
from lsccli.core.store.store import Store, prompt_ids

def slowly(store):
    with store.write() as session:
        prompt_ids(session, ["begun"])
        print("writing", flush=True)
        time.sleep(1.5)
        prompt_ids(session, ["ended"])

def run(*_):
    store = Store(sys.argv[1])
    if sys.argv[2] == "main":
        slowly(store)
    else:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(slowly, store).result()
    time.sleep(20)

cli._prepare = run
cli.main([])
"""


@pytest.mark.parametrize("thread", ["main", "pool"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_lets_a_transaction_end_in_whatever_thread(
    tmp_path: Path, number: signal.Signals, thread: str
) -> None:
    script = [sys.executable, "-c", SLOW, str(tmp_path / "lsc.sqlite"), thread]
    with subprocess.Popen(script, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "writing\n"
        child.send_signal(number)
        _, err = child.communicate(timeout=60)
    assert child.returncode == 130, err
    assert err.splitlines() == ["Interrupted; what was finished is kept. Run the command again to go on."]
    with sqlite3.connect(tmp_path / "lsc.sqlite") as connection:
        assert connection.execute("SELECT text FROM prompt").fetchall() == [("begun",), ("ended",)]


def test_what_is_advised_works_when_it_is_pasted(lsc: Lsc, tmp_path: Path) -> None:
    """Each command that a report advises is run, until there is nothing more to advise."""
    scenes = make_scenes(tmp_path / "it's a folder", ("a red ball", "two birds", "a cat"))
    options = ("--db", "my stores/one.sqlite", "--artifacts", "pictures of it")
    lsc(*options, "run", scenes, *DATASET, "-m", "order")
    noisy = ("--channel", "bsc", "--ber", "0.01", "--crc", "crc6", "--arq", 1, "--trials", 2)
    lsc(*options, "run", scenes, *DATASET, "--limit", 1, "-m", "random", "--seeds", 2, *noisy)
    lsc(*options, "transmit", "-m", "partBob:least", *DATASET, "--data", scenes, "--limit", 2)
    told = lsc.json(*options, "report", "--data", scenes)
    assert [curve["method"] for curve in told["curves"]] == ["order"]
    assert {one["method"]: one["of"] for one in told["incomplete"]} == {"partBob": 3, "random": 3}
    printed = lsc(*options, "report", "--data", scenes).out
    for one in told["incomplete"]:
        assert one["command"] in printed  # on one line
        for command in one["command"].split(" && "):
            assert command.startswith("lsc --db 'my stores/one.sqlite' --artifacts 'pictures of it' ")
            script = f"import sys; from lsccli.cli import main; main({'sys.argv[1:]'})"
            shell = re.sub(r"^lsc", f"{sys.executable} -c '{script}'", command)
            done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
    whole = lsc.json(*options, "report", "--data", scenes)
    assert whole["incomplete"] == []
    assert [(one["method"], one["images"], one["replicates"]) for one in whole["curves"]] == [
        ("order", 3, 1),
        ("partBob", 3, 1),
        ("random", 3, 4),
    ]
    assert not any((lsc.folder / name).exists() for name in ("db", "artifacts"))
