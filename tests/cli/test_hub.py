"""Models from directories, without a network; and what cannot be had without one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.cli.shell import Lsc

RUN = ("--captioner", "dataset", "-m", "order")


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A network that refuses every connection; the list of those that were tried."""
    import socket

    tried: list[object] = []

    def refuse(_: object, address: object) -> None:
        tried.append(address)
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    return tried


def test_models_in_directories_need_no_network(
    lsc: Lsc, small: Path, tiny_profile: Path, monkeypatch: pytest.MonkeyPatch, closed: list[object]
) -> None:
    monkeypatch.delenv("LSC_MODELS")
    done = lsc(
        "--models",
        tiny_profile,
        "--json",
        "run",
        small,
        "-m",
        "order",
        "-m",
        "partBob",
        "-m",
        "allBob_clipTX",
    )
    assert closed == []
    assert len(done.json["report"]["curves"]) == 3
    assert done.json["report"]["profile"] == "tiny"
    assert done.err.startswith("models tiny: random weights, for tests only")


def test_weights_that_are_pickles_are_refused(
    lsc: Lsc, small: Path, tiny_profile: Path, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    shutil.copytree(tiny_profile.parent, models)
    for file in (models / "receiver").rglob("*.safetensors"):
        torch.save(load_file(file), file.with_suffix(".bin"))
        file.unlink()
    done = lsc("--models", models / "tiny.toml", "run", small, *RUN, code=2)
    assert "holds no safetensors weights" in done.err
    assert "Traceback" not in done.err
    unet = models / "receiver" / "unet"
    source = tiny_profile.parent / "receiver"
    for part in ("vae", "text_encoder"):
        shutil.copytree(source / part, models / "receiver" / part, dirs_exist_ok=True)
    assert list(unet.glob("*.bin"))
    done = lsc("--models", models / "tiny.toml", "run", small, *RUN, code=2)
    assert "Cannot load the model in" in done.error


def test_other_weights_are_other_results(lsc: Lsc, small: Path, tiny_profile: Path, tmp_path: Path) -> None:
    lsc("run", small, *RUN)
    models = tmp_path / "models"
    shutil.copytree(tiny_profile.parent, models)
    file = next((models / "receiver" / "unet").glob("*.safetensors"))
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(bytes(content))
    again = lsc.json("--models", models / "tiny.toml", "run", small, *RUN)
    assert [stage["new"] > 0 for stage in again["stages"]] == [False, False, False, True, True]
    # A run reports what it used; in the store both are.
    assert len(again["report"]["curves"]) == 1
    assert len(lsc.json("report")["curves"]) == 2


def test_a_model_that_would_have_to_be_fetched(
    lsc: Lsc, small: Path, tiny_profile: Path, closed: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(lsc.folder / "cache"))
    profile = tiny_profile.parent / "hub.toml"
    profile.write_text(
        tiny_profile.read_text().replace('model = "receiver"', 'model = "someone/receiver-of-nowhere"')
    )
    states = {role["role"]: role["state"] for role in lsc.json("--models", profile, "models")["roles"]}
    assert states["receiver"] == "not here; fetched from the hub at first use"
    assert states["captioner"].startswith("here, sha256:")
    lsc("--models", profile, "caption", small, "--captioner", "dataset")
    sent = lsc.json("--models", profile, "transmit", "-m", "order", "--captioner", "dataset")
    assert sent["new"] == 3
    error = lsc("--models", profile, "generate", code=2).error
    assert "someone/receiver-of-nowhere is not on this machine and cannot be fetched" in error
    assert "--models FILE" in error
    skipped = lsc("--models", profile, "run", small, *RUN, "-m", "allBob", code=2)
    assert "skipped allBob" in skipped.err
    assert lsc.count("transmission") == 3


def test_a_metric_whose_weights_cannot_be_had(
    lsc: Lsc, small: Path, closed: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(lsc.folder / "torch"))
    lsc("run", small, *RUN)
    scores = lsc.count("score")
    done = lsc("score", "--metric", "lpips-alex", code=2)
    assert "lpips-alex" in done.error
    assert lsc.count("score") == scores


def test_a_directory_that_is_not_there(lsc: Lsc, small: Path, tiny_profile: Path) -> None:
    profile = tiny_profile.parent / "gone.toml"
    profile.write_text(tiny_profile.read_text().replace('model = "captioner"', 'model = "./gone"'))
    error = lsc("--models", profile, "caption", small, code=2).error
    assert "No model directory ./gone" in error
    assert lsc.count("caption") == 3  # people's own
