"""The stages one after another: what is made first, what is remembered, what is shared, what is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Lsc, make_scenes


def test_a_method_sent_without_anything_before_it_makes_the_earlier_stages(lsc: Lsc, scenes: Path) -> None:
    lsc("caption", scenes)
    sent = lsc.json("transmit", "--method", "prompttune")
    assert (sent["units"], sent["new"], sent["made_first"]) == (5, 5, ["rank"])
    nothing = lsc.json("report", "--compare", code=1)
    assert nothing["curves"] == []
    assert "lsc generate" in nothing["nothing"]
    scored = lsc.json("score")
    assert scored["made_first"] == ["generate"]
    assert lsc.json("report", "--compare")["curves"][0]["images"] == 5


def test_a_search_on_bobs_captions_needs_only_caption_transmit_report(lsc: Lsc, small: Path) -> None:
    lsc("caption", small, "--captioner", "dataset")
    sent = lsc("--json", "transmit", "--method", "allBob_clipTX")
    assert sent.json["made_first"] == ["caption", "rank"]
    assert "made first: caption" in sent.err
    report = lsc.json("report", "--compare")
    (curve,) = report["curves"]
    assert (curve["method"], curve["captioner"], curve["images"]) == ("allBob_clipTX", "clip", 3)
    assert report["missing"] == []


def test_generate_and_score_make_nothing_first_when_all_is_there(lsc: Lsc, small: Path) -> None:
    lsc("caption", small, "--captioner", "dataset")
    lsc("transmit", "--method", "order", "--captioner", "dataset")
    drawn = lsc.json("generate")
    assert drawn["made_first"] == []
    scored = lsc.json("score")
    assert (scored["made_first"], scored["new"]) == ([], scored["units"])


def test_the_second_run_finds_everything(lsc: Lsc, scenes: Path) -> None:
    command = ("run", scenes, "--captioner", "dataset", "-m", "order", "-m", "prompttune", "-m", "allBob")
    first, again = lsc.json(*command), lsc.json(*command)
    assert all(stage["new"] > 0 for stage in first["stages"]), first["stages"]
    for stage in again["stages"]:
        assert stage["new"] == stage["failed"] == 0
        assert stage["cached"] == stage["units"] > 0
    assert again["report"] == first["report"]


def test_methods_that_reach_the_same_prompt_share_its_image(lsc: Lsc, scenes: Path) -> None:
    lsc("run", scenes, "--captioner", "dataset", "-m", "order")
    alone = set(_prompts(lsc))
    assert len(lsc.drawings()) == lsc.count("generation") == len(alone)
    lsc("run", scenes, "--captioner", "dataset", "-m", "prompttune", "-m", "order")
    both = _prompts(lsc)
    assert len(both) == len(set(both)) == lsc.count("generation") == len(lsc.drawings())
    received = {text for (text,) in lsc.sql("SELECT text FROM prompt JOIN step ON prompt_id = prompt.id")}
    assert set(both) == received > alone


def test_a_search_draws_each_prompt_once_and_its_winners_never_again(lsc: Lsc, small: Path) -> None:
    lsc("caption", small, "--captioner", "dataset")
    lsc("rank", "--method", "allBob", "--captioner", "dataset")
    tried = lsc.count("generation")
    files = lsc.drawings()
    assert len(_prompts(lsc)) == len(set(_prompts(lsc))) == tried
    later = lsc.json("transmit", "--method", "allBob", "--captioner", "dataset")
    assert later["made_first"] == []
    assert lsc.json("generate")["new"] == 0
    assert lsc.json("score")["new"] == 0
    assert (lsc.count("generation"), lsc.drawings()) == (tried, files)


def test_candidates_that_a_search_dropped_leave_scores_and_no_files(lsc: Lsc, small: Path) -> None:
    lsc("run", small, "--captioner", "dataset", "-m", "allBob")
    kept = set(lsc.kept())
    received = lsc.sql("SELECT count(DISTINCT prompt_id) FROM step")[0][0]
    assert len(kept) == received < lsc.count("generation")
    assert kept == set(lsc.drawings())
    assert lsc.count("score") == sum(n * (n + 1) // 2 + 1 for n in (3, 2, 2))
    assert not list((lsc.folder / "db" / "artifacts").rglob(".*"))


def test_keep_images_all_keeps_the_candidates_even_afterwards(lsc: Lsc, small: Path) -> None:
    command = ("run", small, "--captioner", "dataset", "-m", "allBob")
    lsc(*command, "--keep-images", "all")
    assert len(lsc.drawings()) == lsc.count("generation") > 8
    before = lsc.drawings()
    lsc(*command)
    assert lsc.drawings() == before


def test_a_dropped_image_is_drawn_again_where_it_is_received_later(lsc: Lsc, small: Path) -> None:
    lsc("run", small, "--captioner", "dataset", "-m", "allBob")
    lsc("run", small, "--captioner", "dataset", "-m", "order")
    assert set(lsc.kept("prompt_id IN (SELECT prompt_id FROM step)")) == set(lsc.drawings())


def test_a_search_drops_nothing_that_an_earlier_one_chose_and_has_not_sent(lsc: Lsc, tmp_path: Path) -> None:
    # As where a run was killed between two searches: three images of one caption, with orders of their own.
    data = make_scenes(tmp_path / "data", ("a red ball at night",) * 3)
    lsc("caption", data, "--captioner", "dataset")
    command = ("rank", "-m", "allBob", "--captioner", "dataset")
    lsc(*command, "--limit", 1)
    lsc(*command, "--limit", 2)
    lsc(*command)
    assert len({order for (order,) in lsc.sql('SELECT "order" FROM ranking')}) > 1
    lsc("transmit", *command[1:])
    made = lsc.json("generate")
    assert (made["new"], made["units"]) == (0, made["cached"])


def test_data_may_be_the_caption_file_itself(lsc: Lsc, small: Path, scenes: Path) -> None:
    lsc("caption", small / "captions.txt", "--captioner", "dataset")
    lsc("caption", scenes, "--captioner", "dataset")
    ranked = lsc.json("rank", "-m", "order", "--captioner", "dataset", "--data", small / "captions.txt")
    assert ranked["units"] == 3
    lsc("transmit", "-m", "order", "--captioner", "dataset")
    lsc("score")
    only = ("--data", small / "captions.txt")
    nothing = lsc.json("report", *only, code=1)["nothing"]  # the same pictures, and other captions of them
    assert f"lsc transmit --method order --data {small / 'captions.txt'} " in nothing
    lsc("transmit", "-m", "order", "--captioner", "dataset", *only)
    lsc("score", *only)
    assert lsc.json("report", *only)["images"] == 3
    (lsc.folder / "coco.json").write_text("{}")
    for command in (("rank", "-m", "order"), ("report",)):
        refused = lsc(*command, "--data", "coco.json", code=2)
        assert "a COCO file does not say where its images lie; give their folder" in refused.error


@pytest.mark.parametrize("methods", [("order", "random", "partBob:both", "allBob")])
def test_the_batch_size_changes_no_result(tmp_path: Path, lsc: Lsc, methods: tuple[str, ...]) -> None:
    data = make_scenes(tmp_path / "data", ("a brown dog runs", "two birds", "the red ball", "a cat"))
    reports = []
    rankings = []
    for size in (1, 3, 8):
        store = tmp_path / f"batch-{size}" / "db" / "lsc.sqlite"
        chosen = [word for method in methods for word in ("-m", method)]
        made = lsc.json("--db", store, "--batch-size", size, "run", data, "--captioner", "dataset", *chosen)
        reports.append(made["report"])
        own = Lsc(store.parents[1], lsc._capture)
        rankings.append(
            own.sql(
                'SELECT config.settings, "order" FROM ranking JOIN config '
                "ON config.id = config_id ORDER BY ranking.key"
            )
        )
    assert rankings[0] == rankings[1] == rankings[2]
    assert len(rankings[0]) == 4 * len(methods)
    for other in reports[1:]:
        # One 8-bit pixel may round the other way.
        assert _numbers(other) == pytest.approx(_numbers(reports[0]), abs=1e-5)


def test_receiver_seeds_repeat_each_drawing_and_average_within_the_image(lsc: Lsc, small: Path) -> None:
    command = ("run", small, "--captioner", "dataset", "-m", "order")
    once = lsc.json(*command)
    drawn = lsc.count("generation")
    twice = lsc.json(*command, "--receiver-seeds", 2)
    assert lsc.count("generation") == 2 * drawn
    assert twice["stages"][3]["units"] == 2 * once["stages"][3]["units"]
    assert twice["stages"][3]["new"] == drawn
    (curve,) = twice["report"]["curves"]
    assert (curve["images"], curve["replicates"]) == (3, 2.0)
    values = lsc.sql(
        "SELECT avg(value) FROM (SELECT avg(s.value) AS value FROM score s JOIN generation g ON "
        "g.id = s.generation_id JOIN prompt p ON p.id = g.prompt_id WHERE p.text = '' GROUP BY image_id)"
    )
    assert curve["points"][0]["mean"] == pytest.approx(values[0][0])
    assert curve["points"][0]["n"] == 3
    assert curve["points"][0]["mean"] != once["report"]["curves"][0]["points"][0]["mean"]


def test_seeds_of_random_are_averaged_within_the_image(lsc: Lsc, small: Path) -> None:
    made = lsc.json("run", small, "--captioner", "dataset", "-m", "random", "--seeds", 3)
    assert made["stages"][1]["units"] == made["stages"][2]["units"] == 9
    (curve,) = made["report"]["curves"]
    assert (curve["images"], curve["replicates"]) == (3, 3.0)
    orders = lsc.sql('SELECT caption_id, seed, "order" FROM ranking')
    assert {seed for _, seed, _ in orders} == {0, 1, 2}
    one = lsc.sql(
        "SELECT avg(value) FROM (SELECT c.image_id, avg(s.value) AS value FROM step JOIN transmission t ON "
        "t.id = transmission_id JOIN ranking r ON r.id = ranking_id JOIN caption c ON c.id = caption_id "
        "JOIN generation g ON g.prompt_id = step.prompt_id JOIN score s ON s.generation_id = g.id AND "
        "s.image_id = c.image_id WHERE k = 1 GROUP BY c.image_id)"
    )
    assert curve["points"][1]["mean"] == pytest.approx(one[0][0])


def test_all_captions_of_a_data_set_count_within_their_image(lsc: Lsc, tmp_path: Path) -> None:
    data = make_scenes(tmp_path / "data", (("a ball", "one round thing"), ("a cat", "the old pet", "fur")))
    lsc("caption", data, "--captioner", "dataset")
    first = lsc.json("transmit", "-m", "order", "--captioner", "dataset")
    every = lsc.json("transmit", "-m", "order", "--captioner", "dataset", "--captions", "all")
    assert (first["units"], every["units"], every["new"]) == (2, 5, 3)
    lsc("score", "--captions", "all")
    (curve,) = lsc.json("report", "--captions", "all")["curves"]
    assert (curve["images"], curve["replicates"]) == (2, 2.5)
    (plain,) = lsc.json("report")["curves"]
    assert (plain["images"], plain["replicates"]) == (2, 1.0)


def _prompts(lsc: Lsc) -> list[str]:
    rows = lsc.sql("SELECT text FROM generation JOIN prompt ON prompt.id = prompt_id")
    return [text for (text,) in rows]


def _numbers(report: Any) -> list[float]:
    """The AUCs and points of a report."""
    curves = json.loads(json.dumps(report))["curves"]
    return [value for curve in curves for value in (curve["auc"], *(p["mean"] for p in curve["points"]))]
