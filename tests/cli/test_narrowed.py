"""Reports on a part of a store: channels, settings, profiles; and their exit codes."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shell import Lsc

RUN = ("--captioner", "dataset", "-m", "order")


@pytest.fixture
def swept(lsc: Lsc, small: Path) -> Lsc:
    """A store with order over several channels, and two importances of prompttune."""
    lsc("run", small, *RUN)
    noisy = ("--channel", "awgn", "--modulation", "qpsk", "--ebn0-db", "8:10:1", "--formula")
    lsc("run", small, *RUN, *noisy)
    lsc("run", small, *RUN, "--channel", "bsc", "--ber", 0.001, "--crc", "crc6", "--arq", 2)
    for importance in ("heads", "nouns"):
        lsc("run", small, "--captioner", "dataset", "-m", f"prompttune:{importance}")
    return lsc


def points(lsc: Lsc, *options: object) -> list[object]:
    curves = lsc.json("report", "-m", "order", *options)["curves"]
    channels = [curve["settings"]["channel"] for curve in curves]
    return sorted(str(one.get("ebn0_db", one["channel"])) for one in channels)


def test_the_options_of_the_channel_say_which_curves(swept: Lsc) -> None:
    assert points(swept) == ["10.0", "8.0", "9.0", "bsc", "ideal"]
    assert points(swept, "--channel", "AWGN") == ["10.0", "8.0", "9.0"]
    assert points(swept, "--ebn0-db", "8:9:0.5") == ["8.0", "9.0"]
    assert points(swept, "--where", "ebn0-db=9") == ["9.0"]
    assert points(swept, "--where", "channel.ebn0_db=9", "--where", "channel.ebn0_db=10") == ["10.0", "9.0"]
    assert points(swept, "--crc", "none", "--channel", "ideal") == ["ideal"]
    assert points(swept, "--crc", "crc6", "--arq", 2) == ["bsc"]
    assert points(swept, "--formula", "--modulation", "QPSK") == ["10.0", "8.0", "9.0"]
    assert points(swept, "--reorder", "none", "--source-code", "ascii8", "--ber", 0.001) == ["bsc"]
    said = swept("report", "--ebn0-db", 3, code=1).error
    assert "No curve has --ebn0-db 3; there is 8.0, 9.0, 10.0." in said
    assert "choose ideal, awgn, bsc" in swept("report", "--channel", "awgnn", code=2).error
    assert "choose bpsk" in swept("report", "--modulation", "pam", code=2).error
    assert "Did you mean ebn0_db" in swept("report", "--where", "ebno_db=9", code=2).error


def test_a_method_without_importance_means_the_same_in_run_and_report(swept: Lsc, small: Path) -> None:
    run = swept.json("run", small, "--captioner", "dataset", "-m", "prompttune")["report"]["curves"]
    shown = swept.json("report", "-m", "prompttune")["curves"]
    assert [one["label"] for one in run] == [one["label"] for one in shown] == ["prompttune:heads"]
    told = swept.json("report", "-m", "partBob", code=1)["nothing"]
    assert told.startswith("Nothing was sent by partBob:most yet.")


def test_a_store_of_one_profile_read_with_another(lsc: Lsc, small: Path, tiny_profile: Path) -> None:
    lsc("run", small, *RUN)
    lsc("run", small, "-m", "order")  # by captions of tiny's own captioner
    said = lsc.json("--models", "storybook", "report", code=1)["nothing"]
    assert "No image is complete with the models of storybook." in said
    assert f"those of tiny: 3 images: lsc --models {tiny_profile} report --metric ssim" in said
    # People's captions in plain order are anybody's; captions by tiny's captioner are not storybook's.
    assert "Or make it with these: lsc --models storybook score --metric stlpips-alex" in said
    told = lsc.json("--models", "storybook", "report", "--captioner", "blip", code=1)["nothing"]
    assert "3 images" in told
    assert "Or make it" not in told
    lsc("--models", tiny_profile, "report", "--metric", "ssim")


def test_nothing_complete_is_exit_code_1(lsc: Lsc, small: Path) -> None:
    lsc("transmit", "-m", "order", "--captioner", "dataset", code=2)
    lsc("caption", small, "--captioner", "dataset")
    lsc("transmit", "-m", "order", "--captioner", "dataset")
    assert "steps are not drawn" in lsc("report", code=1).out
    assert lsc.json("report", code=1)["curves"] == []
    assert "not drawn" in lsc("report", "--out", "files", code=1).error
    assert not Path("files").exists()


def test_a_disk_that_is_full_is_exit_code_1(lsc: Lsc, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lsc("run", small, *RUN)

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert "The disk is full" in lsc("report", "--out", "files", code=1).error
        assert "The disk is full" in lsc("export", "steps", "--out", "steps.csv", code=1).error
    assert not list(Path("files").iterdir())


@pytest.mark.parametrize("command", [["report"], ["--json", "report"], ["export", "steps"], ["runs"]])
def test_a_full_standard_output_is_too(lsc: Lsc, small: Path, command: list[str]) -> None:
    lsc("run", small, *RUN)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "lsccli", *command],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: The disk is full")
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
