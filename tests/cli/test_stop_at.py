"""`--stop-at`: drawn word by word until it is good enough, and not a word further."""

from __future__ import annotations

import csv
import json
import signal
from pathlib import Path

import pytest

from tests.cli.shell import Lsc, Warm

METHODS = ("--captioner", "dataset", "-m", "order", "-m", "random")
STEPS = (
    "SELECT transmission.key, step.k, prompt.text, generation.seed, score.value FROM step "
    "JOIN transmission ON transmission.id = transmission_id JOIN prompt ON prompt.id = step.prompt_id "
    "JOIN ranking ON ranking.id = ranking_id JOIN caption ON caption.id = caption_id "
    "JOIN generation ON generation.prompt_id = step.prompt_id "
    "JOIN score ON score.generation_id = generation.id AND score.image_id = caption.image_id "
    "ORDER BY 1, 4, 2"
)


def needed(lsc: Lsc, at: float) -> set[tuple[str, int]]:
    """Of a store that holds every step: the prompts that it takes to get there, by the receiver's seed."""
    prompts: set[tuple[str, int]] = set()
    there: dict[tuple[bytes, int], bool] = {}
    for name, _, prompt, seed, value in lsc.sql(STEPS):
        if not there.get((name, seed)):
            prompts.add((prompt, seed))
            there[name, seed] = value >= at  # SSIM: higher is better
    return prompts


def drawn(lsc: Lsc) -> set[tuple[str, int]]:
    """The prompts that were drawn."""
    return set(lsc.sql("SELECT text, seed FROM generation JOIN prompt ON prompt.id = prompt_id"))


def between(values: list[float], place: int) -> float:
    """The middle of the widest gap near a place in ascending scores; other batches round by far less."""
    near = range(max(place - 3, 1), min(place + 3, len(values) - 1) + 1)
    widest = max(near, key=lambda index: values[index] - values[index - 1])
    assert values[widest] - values[widest - 1] > 1e-4
    return (values[widest] + values[widest - 1]) / 2


def middle(lsc: Lsc) -> float:
    """A score that some transmissions reach on their way and others do not."""
    values = sorted(value for *_, value in lsc.sql(STEPS))
    return between(values, len(values) * 4 // 5)


def early(lsc: Lsc) -> float:
    """A score that most transmissions have before any word, and the best step of all is past."""
    values = sorted(value for _, k, _, _, value in lsc.sql(STEPS) if k == 0)
    return between(values, len(values) // 2)


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--receiver-seeds", 2, "--seeds", 2),
        ("--channel", "bsc", "--ber", 0.02, "--trials", 2),
    ],
)
def test_only_what_it_takes_is_drawn_and_the_report_is_the_same(
    lsc: Lsc, scenes: Path, tmp_path: Path, options: tuple[object, ...]
) -> None:
    lsc("run", scenes, *METHODS, *options)
    at = middle(lsc)
    whole = lsc.json("report", "--stop-at", at)
    other = tmp_path / "other" / "db" / "lsc.sqlite"
    made = lsc.json("--db", other, "run", scenes, *METHODS, *options, "--stop-at", at)
    stopped = Lsc(other.parents[1], lsc._capture)
    assert drawn(stopped) == needed(lsc, at) < drawn(lsc)
    assert made["report"] == whole
    assert (whole["stop_at"], whole["missing"], whole["left_out"]) == (at, [], 0)
    assert {entry["label"].split()[0] for entry in whole["methods"]} == {"order", "random"}
    reached = {entry["reached"] for entry in whole["methods"]}
    assert reached != {0}
    stages = {stage["stage"]: stage for stage in made["stages"]}
    assert stages["generate"]["failed"] == stages["score"]["failed"] == stages["score"]["new"] == 0
    # Again: everything is remembered.
    again = lsc.json("--db", other, "run", scenes, *METHODS, *options, "--stop-at", at)
    assert [stage["new"] for stage in again["stages"]] == [0] * 5
    assert again["report"] == whole


def test_stage_by_stage_and_another_metric(lsc: Lsc, small: Path, tmp_path: Path) -> None:
    lsc("run", small, "--captioner", "dataset", "-m", "order")
    at = early(lsc)
    wanted = needed(lsc, at)
    other = tmp_path / "other" / "db" / "lsc.sqlite"
    to = ("--db", other)
    lsc(*to, "caption", small, "--captioner", "dataset")
    lsc(*to, "transmit", "-m", "order", "--captioner", "dataset")
    made = lsc.json(*to, "generate", "--stop-at", at)
    assert made["new"] == made["units"] == len(wanted)
    scored = lsc.json(*to, "score", "--metric", "ssim", "--metric", "psnr", "--stop-at", at)
    stopped = Lsc(other.parents[1], lsc._capture)
    assert (scored["failed"], drawn(stopped)) == (0, wanted)
    assert scored["new"] == scored["units"] / 2  # those by PSNR; those by SSIM were made while drawing
    # A nearer goal: what it lacks is named, and made by going on.
    further = max(value for *_, value in lsc.sql(STEPS))
    gap = lsc.json(*to, "report", "--stop-at", further)
    assert f"lsc --db {other} generate --stop-at {further!r} --metric ssim" in json.dumps(gap)
    lsc(*to, "generate", "--stop-at", further)
    assert lsc.json(*to, "report", "--stop-at", further) == lsc.json("report", "--stop-at", further)


def test_the_table_and_the_files(lsc: Lsc, small: Path) -> None:
    lsc("run", small, "--captioner", "dataset", "-m", "order")
    at = middle(lsc)
    done = lsc("report", "--stop-at", at, "--out", "out")
    assert "words to X" in done.out
    assert f"X: ssim at least {at!r}; 3 images" in done.out
    facts = json.loads(Path("out/reach.json").read_text())
    assert facts == lsc.json("report", "--stop-at", at)
    with Path("out/reach.csv").open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    (one,) = facts["methods"]
    assert float(row["words"]) == one["words"]["mean"]
    assert float(row["restricted_bits_high"]) == one["restricted_bits"]["high"]
    assert row["bits_high"] == ("" if one["bits"]["high"] is None else str(one["bits"]["high"]))
    assert float(row["never"]) == one["never"]["mean"]
    assert (row["label"], float(row["stop_at"]), row["images"]) == ("order", at, "3")


def test_a_run_that_was_killed_goes_on(lsc: Lsc, warm: Warm, scenes: Path, tmp_path: Path) -> None:
    lsc("run", scenes, *METHODS)
    at = middle(lsc)
    folder = tmp_path / "killed"
    folder.mkdir()
    command = ["--batch-size", 2, "--json", "run", scenes, *METHODS, "--stop-at", at]
    (run,) = warm(folder, command, when="SELECT count(*) > 6 FROM generation")
    assert run["code"] == -signal.SIGKILL
    (run,) = warm(folder, command)
    assert run["code"] == 0, run["err"]
    assert json.loads(run["out"])["report"] == lsc.json("report", "--stop-at", at)
    assert drawn(Lsc(folder, lsc._capture)) == needed(lsc, at)


def test_an_image_that_is_gone_fails_alone(lsc: Lsc, small: Path) -> None:
    lsc("caption", small, "--captioner", "dataset")
    lsc("transmit", "-m", "order", "--captioner", "dataset")
    (small / "scene-1.png").unlink()
    made = lsc.json("generate", "--stop-at", 0.9, code=1)
    assert made["failed"] == 1
    assert "scene-1.png" in made["failures"][0]["unit"]
    assert made["new"] == made["units"] - 1
    report = lsc.json("report", "--stop-at", 0.9)
    assert (report["images"], report["left_out"]) == (2, 1)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("generate", "--stop-at", "nan"), "--stop-at nan: give a score by ssim, a finite number"),
        (("generate", "--stop-at", 1.2), "--stop-at 1.2 is out of reach: ssim, higher is better"),
        (("report", "--metric", "stlpips-alex", "--stop-at", -0.1), "never gets past 0"),
        (("report", "--metric", "psnr", "--stop-at", 60), "never gets past 58.9"),
        (("score", "--stop-at", 1.0000001), "--stop-at 1.0000001 is out of reach"),
        (("generate", "--metric", "ssim"), "--metric goes with --stop-at"),
        (("report", "--stop-at", 0.5, "--compare"), "leave --compare and --baseline out"),
        (("generate", "--stop-at", 0.5, "--metric", "nope"), "Unknown metric 'nope'"),
    ],
)
def test_a_wrong_goal_is_one_line(lsc: Lsc, small: Path, arguments: tuple[object, ...], word: str) -> None:
    lsc("caption", small, "--captioner", "dataset")
    assert word in lsc(*arguments, code=2).error
    assert "Traceback" not in lsc("run", small, "--stop-at", "much", code=2).err


def test_a_stopped_transmission_can_be_shown(lsc: Lsc, small: Path) -> None:
    lsc("caption", small, "--captioner", "dataset")
    lsc("transmit", "-m", "order", "--captioner", "dataset")
    assert "step 0: no drawing is kept" in lsc("show", "scene-0.png", code=2).error
    lsc("generate", "--stop-at", -1)  # the empty prompt is there already
    assert lsc.drawings() == lsc.drawings()[:1]
    lsc("show", "scene-0.png", "--out", "strip.svg")
    assert (lsc.folder / "strip.svg").read_text().count("not drawn") == 3
