"""Wrong usage: exit code 2, one clear line, no traceback, and nothing done."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import Lsc

WRONG = {
    "unknown method": (("rank", "--method", "allbobb"), "allBob"),
    "unknown importance": (("rank", "--method", "partBob", "--importance", "some"), "most"),
    "importance twice": (("rank", "--method", "partBob:most", "--importance", "least"), "already"),
    "importance of a method without": (("rank", "--method", "order", "--importance", "most"), "order"),
    "unknown metric": (("score", "--metric", "beauty"), "ssim"),
    "unknown captioner": (("rank", "--method", "order", "--captioner", "carol"), "blip"),
    "penalty without a search": (("rank", "--method", "order", "--penalty", "0.1"), "--penalty"),
    "negative penalty": (("rank", "--method", "allBob", "--penalty", "-1"), "penalty"),
    "heads of no heads": (("transmit", "--method", "partBob", "--only-heads"), "--only-heads"),
    "heads of nouns": (("transmit", "-m", "prompttune", "-i", "nouns", "--only-heads"), "--only-heads"),
    "seeds without chance": (("transmit", "--method", "order", "--seeds", "3"), "--seeds"),
    "no seeds": (("transmit", "--method", "random", "--seeds", "0"), "seeds"),
    "unknown order": (("transmit", "--method", "order", "--reorder", "magic"), "--reorder"),
    "unknown captions": (("transmit", "--method", "order", "--captions", "some"), "--captions"),
    "unknown images": (("rank", "-m", "allBob", "--keep-images", "none"), "--keep-images"),
    "no limit": (("score", "--limit", "0"), "limit"),
    "no method": (("rank",), "method"),
    "unknown command": (("draw",), "draw"),
    "unknown option": (("score", "--size", "3"), "--size"),
    "no data": (("caption",), "DATA"),
    "unknown metric of a report": (("report", "--metric", "beauty"), "ssim"),
    "unknown method of a report": (("report", "--method", "nobody"), "nobody"),
    "no such folder": (("caption", "nowhere"), "nowhere"),
    "no such image": (("show", "nothing.png"), "nothing.png"),
    "a strip of one captioner": (("show", "a.png", "--captioner", "clip"), "goes with --heatmaps"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_usage(lsc: Lsc, case: str) -> None:
    command, hint = WRONG[case]
    done = lsc(*command, code=2)
    assert hint in done.error
    assert done.out == ""


GLOBALS = {
    "device nonsense": (("--device", "toaster"), "cuda"),
    "device that is not there": (("--device", "cuda:7"), "--device auto"),
    "dtype nonsense": (("--dtype", "float7"), "float32"),
    "no batch": (("--batch-size", "0"), "--batch-size"),
    "batch nonsense": (("--batch-size", "many"), "--batch-size"),
    "unknown profile": (("--models", "poster"), "storybook"),
    "profile that is no TOML": (("--models", "broken.toml"), "broken.toml"),
    "profile with an unknown role": (("--models", "role.toml"), "carol"),
    "another database": (("--db", "postgresql://host/lsc"), "sqlite:///PATH"),
    "no database": (("--db", ""), "--db"),
}


@pytest.mark.parametrize("case", GLOBALS)
def test_wrong_global_options(lsc: Lsc, small: Path, case: str) -> None:
    Path("broken.toml").write_text("name = \n")
    Path("role.toml").write_text('[carol]\nmodel = "x"\n')
    options, hint = GLOBALS[case]
    done = lsc(*options, "caption", small, "--captioner", "dataset", code=2)
    assert hint in done.error
    assert done.out == ""


FILES = {
    "syntax": ("device = \n", "lsc.toml"),
    "unknown name": ('colour = "red"\n', "colour"),
    "unknown option of a command": ("[rank]\nspeed = 3\n", "speed"),
    "unknown command": ("[draw]\nmethod = 3\n", "draw"),
    "wrong type": ("[score]\nlimit = 'many'\n", "limit"),
    "wrong device": ('device = "toaster"\n', "toaster"),
    "wrong number": ("batch-size = 0\n", "--batch-size"),
    "wrong switch": ('json = "maybe"\n', "json"),
    "a list": ('db = ["a", "b"]\n', "db"),
    "not text": (b"\xff\xfe\x00", "lsc.toml"),
}


@pytest.mark.parametrize("case", FILES)
def test_wrong_configuration_file(lsc: Lsc, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    monkeypatch.delenv("LSC_DEVICE")
    content, hint = FILES[case]
    Path("lsc.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert hint in lsc("score", code=2).error


def test_without_images_each_command_says_how_to_start(lsc: Lsc) -> None:
    line = f"Error: There is no store {Path('db/lsc.sqlite')}. Name one that is there with --db, or make it: "
    commands = (("rank", "-m", "order"), ("transmit", "-m", "order"), ("generate",), ("score",))
    for command in commands:
        assert lsc(*command, code=2).error == line + "lsc caption DATA"
        assert not Path("db").exists()
    assert "lsc caption DATA" in lsc("report", code=2).error


def test_nothing_sent_yet_names_the_command_that_sends(lsc: Lsc, small: Path) -> None:
    lsc("caption", small, "--captioner", "dataset")
    for command in ("generate", "score"):
        assert "lsc transmit --method METHOD" in lsc(command, code=2).error
    assert "lsc transmit" in lsc.json("report", code=1)["nothing"]
    assert lsc.count("generation") == 0


def test_data_that_was_not_registered(lsc: Lsc, small: Path, tmp_path: Path) -> None:
    lsc("caption", small, "--captioner", "dataset")
    (tmp_path / "other").mkdir()
    done = lsc("transmit", "-m", "order", "--data", tmp_path / "other", code=2)
    assert f"lsc caption {tmp_path / 'other'}" in done.error
