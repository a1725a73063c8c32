"""The distilled Alice on the command line: skipped where a profile has none, else a captioner like others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import Lsc
from tests.tiny import make_blip

WHY = "names no distilled_captioner: nobody has published one; docs/methods.md says how to make your own"


@pytest.fixture
def distilled(lsc: Lsc, tiny_profile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lsc:
    """`lsc` with the small models and a distilled Alice, named as a user would name one."""
    make_blip(tmp_path / "mine", seed=11)
    (tmp_path / "mine.toml").write_text(
        f'extends = "{tiny_profile}"\nname = "mine"\n'
        '[distilled_captioner]\nmodel = "mine"\nbeams = 3\nmax_new_tokens = 6\n'
    )
    monkeypatch.setenv("LSC_MODELS", "mine.toml")
    return lsc


def test_a_run_skips_the_method_where_there_is_no_distilled_alice(lsc: Lsc, small: Path) -> None:
    done = lsc("run", small, "-m", "order", "-m", "prompttune:heads_skd", "--limit", 1)
    (line,) = [line for line in done.err.splitlines() if line.startswith("skipped")]
    assert line.startswith("skipped prompttune:heads_skd: Profile tiny ")
    assert WHY in line
    for command in (("caption", small, "--captioner", "skd"), ("rank", "-m", "prompttune:heads_skd")):
        assert WHY in lsc(*command, code=2).error


def test_the_captions_of_the_distilled_alice_are_ranked_sent_and_reported(
    distilled: Lsc, small: Path
) -> None:
    lsc = distilled
    made = lsc.json("caption", small, "--captioner", "blip", "--captioner", "SKD")
    assert made["new"] == 6
    texts = dict(
        lsc.sql(
            "SELECT settings ->> 'captioner', group_concat(text, '/') FROM caption "
            "JOIN config ON config.id = config_id GROUP BY 1"
        )
    )
    assert texts["skd"] != texts["blip"]
    sent = lsc.json("transmit", "-m", "prompttune", "-i", "HEADS_SKD")
    assert (sent["new"], sent["made_first"]) == (3, ["rank"])
    assert lsc.json("score")["failed"] == 0
    (curve,) = lsc.json("report")["curves"]
    assert (curve["label"], curve["captioner"]) == ("prompttune:heads_skd", "skd")
    both = lsc.json("run", small, "-m", "prompttune:heads_skd", "-m", "prompttune:heads")["report"]
    assert {c["label"]: c["captioner"] for c in both["curves"]} == {
        "prompttune:heads": "blip",
        "prompttune:heads_skd": "skd",
    }


def test_methods_and_models_know_it(distilled: Lsc) -> None:
    methods = {entry["method"]: entry for entry in distilled.json("methods")["methods"]}
    ways = {way["importance"]: way for way in methods["prompttune"]["by_importance"]}
    assert (ways["heads"]["captioner"], ways["heads_skd"]["captioner"]) == ("blip", "skd")
    assert ways["heads_skd"]["roles"] == ["distilled_captioner", "parser"]
    assert ways["heads_skd"]["options"] == ["--only-heads", "--rule", "--skd"]
    assert ways["heads"]["roles"] == ["parser"]
    models = distilled.json("models")
    (role,) = [role for role in models["roles"] if role["role"] == "distilled_captioner"]
    assert role["state"].startswith("here, sha256:")
    assert "skd" in {entry["name"] for entry in models["captioners"]}
