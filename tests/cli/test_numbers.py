"""Numbers of a profile that its models or metrics cannot do with: one line before anything is computed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import Lsc

METRIC = """
from lsccli.api import metric

@metric("tall", summary="s", better="lower", smallest=40)
class Tall:
    def __init__(self, device): pass
    def features(self, images): return list(images)
    def compare(self, originals, others): return [0.0 for _ in others]
"""


@pytest.mark.parametrize(
    ("table", "options", "told"),
    [
        ("[metric]\nsize = 10", (), "[metric] size 10: ssim needs images of at least 11 pixels a side."),
        ("[metric]\nsize = 12", ("--metric", "stlpips-vgg"), "[metric] size 12: stlpips-vgg needs images of"),
        ("[metric]\nsize = 39", ("--metric", "tall"), "[metric] size 39: tall needs images of at least 40"),
        ("[receiver]\nwidth = 33", (), "[receiver] width 33: receiver draws multiples of"),
        ("[receiver]\nheight = 31", (), "[receiver] height 31: receiver draws multiples of"),
        ("[receiver]\nsteps = 5000", (), "[receiver] steps 5000: receiver was trained for at most 1000."),
    ],
)
def test_one_line_and_nothing_is_made(
    lsc: Lsc, small: Path, tiny_profile: Path, tmp_path: Path, table: str, options: tuple[str, ...], told: str
) -> None:
    (tmp_path / "tall.py").write_text(METRIC)
    (tmp_path / "odd.toml").write_text(f'extends = "{tiny_profile}"\n{table}\n')
    run = ("run", small, "--captioner", "dataset", "-m", "order", *options)
    done = lsc("--plugin", "tall.py", "--models", "odd.toml", *run, code=2)
    assert told in done.error
    assert not (tmp_path / "db" / "lsc.sqlite").exists() or lsc.count("image") == 0


def test_a_word_without_a_token_is_told_as_such(lsc: Lsc, small: Path) -> None:
    (small / "captions.txt").write_text(
        "image,caption\nscene-0.png,a caf\ufffd \ufffd table\n", encoding="utf-8"
    )
    lsc("caption", small, "--captioner", "dataset", code=1)
    done = lsc("rank", "-m", "bothAtt", "--captioner", "dataset", code=1)
    assert r"warning: '\ufffd' has no token in the text model" in done.err
    assert "window" not in done.err


@pytest.mark.parametrize(
    "command",
    [
        ("run", "small", "-m", "order", "--receiver-seeds"),
        ("generate", "--receiver-seeds"),
        ("run", "small", "-m", "random", "--seeds"),
        ("run", "small", "-m", "order", "--channel", "bsc", "--ber", "0.1", "--trials"),
        ("run", "small", "-m", "order", "--limit"),
        ("caption", "small", "--limit"),
        ("runs", "--limit"),
        ("report", "--run"),
        ("report", "--to-words"),
        ("channel", "--packets"),
    ],
)
def test_counts_have_an_upper_bound_that_is_said(lsc: Lsc, small: Path, command: tuple[str, ...]) -> None:
    assert "less than or equal to" in lsc(*command, "9" * 30, code=2).error
    assert not Path("db").exists()
