"""Rules of the scripts, corrected attention, every order, and seeds that no search has seen, as typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Lsc, make_scenes
from tests.cli.test_storybook import SCENES, storybook

__all__ = ["storybook"]
ORDERS = (
    "SELECT config.settings ->> 'method', caption.text, ranking.\"order\" FROM ranking "
    "JOIN config ON config.id = ranking.config_id JOIN caption ON caption.id = caption_id ORDER BY 1, 2, 3"
)


def test_both_rules_are_two_curves_and_neither_is_taken_for_the_other(lsc: Lsc, small: Path) -> None:
    lsc("caption", small, "--captioner", "dataset")
    for options in ((), ("--rule", "scripts"), ("--attention", "causal-corrected")):
        made = lsc.json("transmit", "-m", "bothAtt", "--captioner", "dataset", *options)
        assert made["new"] == 3
        assert lsc.json("transmit", "-m", "bothAtt", "--captioner", "dataset", *options)["new"] == 0
    lsc("score", "--captioner", "dataset")
    report = lsc.json("report")
    told = [(curve["settings"]["method"]["options"]["rule"], curve["label"]) for curve in report["curves"]]
    assert sorted(rule for rule, _ in told) == ["design", "design", "scripts"]
    assert len({label for _, label in told}) == 3
    assert all("rule=scripts" in label for rule, label in told if rule == "scripts")
    # What lacks is asked for with the rule that it is of.
    more = make_scenes(small.parent / "more", ("a dog runs", "the blue sea"), seed=3)
    lsc("caption", more, "--captioner", "dataset")
    lsc("transmit", "-m", "bothAtt", "--captioner", "dataset", "--data", more)
    commands = [gap["command"] for gap in lsc.json("report", "--strict-images")["missing"]]
    assert any("--rule scripts" in command for command in commands)
    assert any("--attention causal-corrected" in command for command in commands)


def test_heads_by_the_scripts_rule_and_what_they_cannot_do_is_said(lsc: Lsc, tmp_path: Path) -> None:
    scenes = make_scenes(tmp_path / "own", ("the man's dog runs", "a red ball"))
    lsc("caption", scenes, "--captioner", "dataset")
    how = ("rank", "-m", "prompttune:heads", "--captioner", "dataset", "--rule", "scripts")
    done = lsc(*how)
    assert "warning: --rule scripts: the published scripts stop" in done.err
    assert "the man's dog runs" in done.err
    assert "a red ball" not in done.err
    assert lsc.count("ranking") == 2


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (
            ("order", "--rule", "scripts"),
            "Method order takes no --rule; it goes with bothAtt, partBob, partBob_clipTX",
        ),
        (("allBob", "--rule", "scripts"), "Method allBob takes no --rule"),
        (("prompttune:nouns", "--rule", "scripts"), "takes no --rule"),
        (("prompttune:heads", "--attention", "causal-corrected"), "takes no --attention"),
        (("bothAtt", "--rule", "script"), "--rule 'script': choose design, scripts"),
        (
            ("bothAtt", "--rule", "scripts", "--attention", "causal-corrected"),
            "leave --attention causal-corrected out",
        ),
        (("partBob", "--rule", "scripts"), "reads head 2 (from 0) of the text encoder"),
    ],
)
def test_what_does_not_go_is_one_line(
    lsc: Lsc, small: Path, arguments: tuple[object, ...], word: str
) -> None:
    lsc("caption", small, "--captioner", "dataset")
    assert word in lsc("rank", "-m", *arguments, "--captioner", "dataset", code=2).error


def test_part_bob_by_the_scripts_on_the_bundled_models(storybook: Lsc) -> None:
    lsc = storybook
    lsc("caption", SCENES, "--captioner", "dataset", "--limit", 4)
    for importance in ("most", "both"):
        lsc("rank", "-m", f"partBob:{importance}", "--rule", "scripts", "--captioner", "dataset")
    lsc("rank", "-m", "partBob:most", "--attention", "causal-corrected", "--captioner", "dataset")
    orders = lsc.sql(
        "SELECT settings -> 'options', settings ->> 'importance', json_group_array(json(ranking.\"order\")) "
        "FROM ranking JOIN config ON config.id = ranking.config_id GROUP BY config.id ORDER BY 2, 1"
    )
    assert len(orders) == 3
    by_scripts = [order for options, _, order in orders if json.loads(options)["rule"] == "scripts"]
    assert by_scripts[0] == by_scripts[1]
    assert lsc.count("ranking") == 12
    spoken = lsc.json("caption", SCENES, "--captioner", "interrogator", "--limit", 2)
    assert spoken["new"] == 2


def test_every_order_of_short_captions_is_tried_where_it_is_named(lsc: Lsc, tmp_path: Path) -> None:
    scenes = make_scenes(tmp_path / "own", ("a red ball", "a dog", "a b c d e f g"))
    how = ("--captioner", "dataset")
    done = lsc("--json", "run", scenes, "-m", "exhaustive", "-m", "allBob", *how, code=1)
    stages = {stage["stage"]: stage for stage in done.json["stages"]}
    assert stages["rank"]["failures"] == [
        {"unit": "'a b c d e f g'", "reason": "7 words; exhaustive takes captions of at most 6"}
    ]
    assert (stages["rank"]["units"], stages["rank"]["new"], stages["rank"]["failed"]) == (6, 5, 1)
    # "a red ball": 15 prompts and "a dog": 4, less the empty one's; greedy tries some of the same.
    report = lsc.json("report", "--strict-images")
    curves = {curve["method"]: curve for curve in report["curves"]}
    assert report["images"] == 2
    assert curves["exhaustive"]["simulates_bob"] is True

    def own_area(scores: list[float]) -> float:
        return sum(scores) - scores[-1] / 2

    found = {
        (method, text): json.loads(scores)
        for method, text, scores in lsc.sql(
            "SELECT settings ->> 'method', caption.text, ranking.scores FROM ranking "
            "JOIN config ON config.id = ranking.config_id JOIN caption ON caption.id = caption_id"
        )
    }
    for text in ("a red ball", "a dog"):  # SSIM: more is better
        assert own_area(found["exhaustive", text]) >= own_area(found["allBob", text]) - 1e-9
    shown = lsc("report", "--strict-images", "--compare").out
    assert "exhaustive (simulates Bob)" in shown
    assert "bound" not in shown
    assert (
        "exhaustive" not in lsc.json("--quiet", "run", tmp_path / "own" / "scene-1.png")["report"]["curves"]
    )


def curve(report: Any, method: str) -> Any:
    return next(one for one in report["curves"] if one["method"] == method)


def test_a_search_is_judged_on_a_seed_that_it_has_not_seen(lsc: Lsc, small: Path) -> None:
    how = ("-m", "allBob", "-m", "order", "--captioner", "dataset")
    own = lsc.json("run", small, *how)["report"]
    assert own["receiver_seeds"] == [100]
    rankings, drawn = lsc.sql(ORDERS), lsc.count("generation")
    other = lsc.json("run", small, *how, "--receiver-seed", 7)["report"]
    assert lsc.sql(ORDERS) == rankings
    assert other["receiver_seeds"] == [7]
    assert curve(other, "allBob")["points"] != curve(own, "allBob")["points"]
    # The same prompts as were received, once more.
    received = lsc.sql("SELECT count(DISTINCT prompt_id) FROM step")[0][0]
    assert lsc.count("generation") - drawn == received
    assert lsc.json("run", small, *how, "--receiver-seed", 7)["stages"][-2]["new"] == 0
    for seed, expected in ((7, other), (100, own)):
        assert lsc.json("report", "--receiver-seed", seed)["curves"] == expected["curves"]
    both = lsc.json("report")
    assert both["receiver_seeds"] == [7, 100]
    for method in ("allBob", "order"):
        mean = (curve(own, method)["auc"] + curve(other, method)["auc"]) / 2
        assert curve(both, method)["auc"] == pytest.approx(mean)
    text = " ".join(lsc("report", "--compare", "--receiver-seed", 7).out.split())
    assert "seed 7." in text
    assert "Chosen with seed 100, unlike what is scored here." in text
    assert "Chosen with seed" not in lsc("report", "--receiver-seed", 100).out
    (last,) = lsc.sql("SELECT max(id) FROM run WHERE command = 'run'")
    assert lsc.json("report", "--run", last[0])["receiver_seeds"] == [7]
    assert "--receiver-seed 9" in lsc("report", "--receiver-seed", 9, code=1).out


def test_only_the_other_seed_was_drawn_by_all_so_a_report_is_of_that(lsc: Lsc, small: Path) -> None:
    how = ("-m", "allBob", "-m", "order", "--captioner", "dataset", "--receiver-seed", 7)
    made = lsc.json("run", small, *how)["report"]
    plain = lsc.json("report")
    # The search has scores of its own seed, order has none.
    assert (made["receiver_seeds"], plain["receiver_seeds"]) == ([7], [7])
    assert plain["curves"] == made["curves"]
    generated = lsc.json("generate", "--receiver-seed", 8)
    assert generated["new"] == generated["units"] > 0
    assert lsc.json("score", "--receiver-seed", 8)["new"] > 0
    assert lsc.json("report", "--receiver-seed", 8)["receiver_seeds"] == [8]
