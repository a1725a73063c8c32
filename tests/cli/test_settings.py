"""Where settings come from, where results go, and which images a command is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import Lsc, make_scenes


def _config(lsc: Lsc, *options: str) -> dict[str, tuple[object, str]]:
    rows = lsc.json(*options, "config")["config"]
    return {row["option"]: (row["value"], row["source"]) for row in rows}


def test_command_line_over_environment_over_file_over_default(
    lsc: Lsc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LSC_DEVICE")
    monkeypatch.setenv("LSC_BATCH_SIZE", "5")
    Path("lsc.toml").write_text('device = "cpu"\nbatch-size = 3\ndtype = "bfloat16"\n')
    found = _config(lsc, "--dtype", "float32")
    assert found["device"] == ("cpu", "lsc.toml")
    assert found["batch_size"] == ("5", "environment (LSC_BATCH_SIZE)")
    assert found["dtype"] == ("float32", "command line")
    assert found["db"] == ("sqlite:///db/lsc.sqlite", "default")
    assert found["artifacts"] == ("db/artifacts", "default")
    assert found["models"][1] == "environment (LSC_MODELS)"
    monkeypatch.delenv("LSC_BATCH_SIZE")
    assert _config(lsc)["batch_size"] == ("3", "lsc.toml")
    assert _config(lsc)["dtype"] == ("bfloat16", "lsc.toml")


def test_every_global_option_has_its_variable(lsc: Lsc, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"db": "other/store.sqlite", "artifacts": "pictures", "models": "paper", "device": "cuda"}
    for option, value in values.items():
        monkeypatch.setenv(f"LSC_{option.upper()}", value)
    found = _config(lsc)
    for option, value in values.items():
        assert found[option] == (value, f"environment (LSC_{option.upper()})")


def test_the_file_gives_commands_their_defaults(lsc: Lsc, small: Path) -> None:
    Path("lsc.toml").write_text(
        'json = true\n[caption]\ncaptioner = ["dataset"]\n[transmit]\nmethod = "random"\nseeds = 2\n'
        'captioner = "dataset"\nlimit = 2\n'
    )
    assert lsc("caption", small).json["units"] == 3
    assert lsc("transmit").json["units"] == 4
    assert lsc("transmit", "--limit", 1).json["units"] == 2


def test_the_file_may_name_the_models_though_a_command_is_called_so(
    lsc: Lsc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LSC_MODELS")
    Path("lsc.toml").write_text('models = "turbo"\n')
    assert lsc.json("models")["profile"] == "turbo"
    assert _config(lsc)["models"] == ("turbo", "lsc.toml")


def test_the_store_by_path_or_url_and_images_where_asked(lsc: Lsc, small: Path, tmp_path: Path) -> None:
    run = ("run", small, "--captioner", "dataset", "-m", "order")
    first = lsc.json("--db", "one/store.db", *run)
    assert (tmp_path / "one/store.db").is_file()
    assert len(list((tmp_path / "one/artifacts").rglob("*.png"))) == first["stages"][3]["units"]
    second = lsc.json("--db", f"sqlite:///{tmp_path}/two.sqlite", "--artifacts", tmp_path / "art", *run)
    assert len(list((tmp_path / "art").rglob("*.png"))) == second["stages"][3]["units"]
    assert not (tmp_path / "artifacts").exists()
    assert not (tmp_path / "db").exists()
    assert second["report"] == first["report"]


def test_selections(lsc: Lsc, tmp_path: Path) -> None:
    one = make_scenes(tmp_path / "one", ("a red ball", "two birds"), seed=1)
    two = make_scenes(tmp_path / "two", (("a cat", "an old cat"), "the dog", "a tree"), seed=2)
    lsc("caption", one, "--captioner", "dataset")
    assert lsc.json("caption", two, "--captioner", "dataset", "--limit", 2)["units"] == 2
    send = ("transmit", "-m", "order", "--captioner", "dataset")
    assert lsc.json(*send, "--limit", 1)["units"] == 1
    assert lsc.json(*send, "--data", two)["units"] == 2
    assert lsc.json(*send, "--data", two, "--captions", "all")["new"] == 1
    assert lsc.json(*send, "--data", tmp_path)["units"] == 4
    lsc("transmit", "-m", "order", "--limit", 1)  # the captioner blip, made first
    captioner = ("--captioner", "dataset")
    steps = lsc.json("generate", "--data", one, *captioner)["units"]
    assert steps == len({"", "a", "a red", "a red ball", "two", "two birds"})
    assert lsc.json("generate", "--data", one, "--limit", 1, *captioner)["cached"] == 4
    assert lsc.json("generate", *captioner, "--captions", "all")["units"] == steps + 6
    assert lsc.json("score", "--data", two, *captioner)["units"] == 6
    assert lsc.json("score", "--data", two, "--limit", 1, *captioner)["cached"] == 3
    shown = lsc.json("report", "--data", two, *captioner)["curves"]
    assert [(curve["captioner"], curve["images"]) for curve in shown] == [("dataset", 2)]
    assert lsc.json("report", "--data", two, *captioner, "--limit", 1)["curves"][0]["images"] == 1


def test_run_is_about_its_own_data(lsc: Lsc, tmp_path: Path) -> None:
    one = make_scenes(tmp_path / "one", ("a red ball", "two birds"), seed=1)
    two = make_scenes(tmp_path / "two", ("a cat", "the dog", "a tree"), seed=2)
    run = ("--captioner", "dataset", "-m", "order")
    lsc("run", one, *run)
    made = lsc.json("run", two, *run)
    assert made["stages"][0]["units"] == 3
    assert made["report"]["curves"][0]["images"] == 3
    limited = lsc.json("run", two, *run, "--limit", 2)
    assert limited["report"]["curves"][0]["images"] == 2
    assert lsc.json("report")["curves"][0]["images"] == 5


def test_an_image_in_two_folders_is_one_image(lsc: Lsc, tmp_path: Path) -> None:
    one = make_scenes(tmp_path / "one", ("a red ball", "two birds"))
    two = make_scenes(tmp_path / "two", ("a red ball", "two birds"))
    run = ("--captioner", "dataset", "-m", "order")
    lsc("run", one, *run)
    again = lsc.json("run", two, *run)
    assert [stage["new"] for stage in again["stages"]] == [0] * 5
    assert (lsc.count("image"), lsc.count("source")) == (2, 4)


def test_only_heads_and_reorder_are_experiments_of_their_own(lsc: Lsc, small: Path) -> None:
    run = ("run", small, "--captioner", "dataset", "-m", "random")
    lsc(*run)
    coded = lsc.json(*run, "--reorder", "coded")
    assert [stage["new"] > 0 for stage in coded["stages"]][1:3] == [False, True]
    curves = {curve["settings"]["channel"]["reorder"]: curve for curve in lsc.json("report")["curves"]}
    assert set(curves) == {"none", "coded"}
    more = [
        b["bits"] - a["bits"]
        for a, b in zip(curves["none"]["points"], curves["coded"]["points"], strict=True)
    ]
    words = [0, 6, 12, (18 + 12 + 12) / 3]
    assert more == pytest.approx(words)
