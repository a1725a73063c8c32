"""Models in a hub cache, by the real client without a network: conversions, half precision, what is said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from lsccli.core.models import reference
from tests.cli.shell import Lsc, make_scenes

MAIN, REQUEST, OTHER = "1" * 40, "2" * 40, "3" * 40
NAME = "lab/model"


class Cache:
    """A hub cache of one repository, as the client lays it out."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "models--lab--model"

    def add(self, revision: str, commit: str, source: Path, *, weights: bool = True) -> Path:
        """The files of a directory as a revision, or those that are no weights."""
        ref = self.folder / "refs" / revision
        ref.parent.mkdir(parents=True, exist_ok=True)
        ref.write_text(commit, encoding="utf-8")
        snapshot = self.folder / "snapshots" / commit
        left_out = shutil.ignore_patterns() if weights else shutil.ignore_patterns("*.safetensors")
        shutil.copytree(source, snapshot, ignore=left_out)
        return snapshot


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    """An empty cache, and no network."""
    root = tmp_path / "hub"
    root.mkdir()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(root))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    reference._find.cache_clear()
    return Cache(root)


@pytest.fixture
def profile(lsc: Lsc, tiny_profile: Path) -> Path:
    """The small models, with a captioner from the hub."""
    path = lsc.folder / "p.toml"
    path.write_text(f'extends = "{tiny_profile}"\n[captioner]\nmodel = "{NAME}"\n', encoding="utf-8")
    return path


def state(lsc: Lsc, profile: Path, role: str = "captioner") -> str:
    roles = {one["role"]: one["state"] for one in lsc.json("--models", profile, "models")["roles"]}
    return str(roles[role])


def half(source: Path, target: Path) -> Path:
    """A directory with the same weights under their half-precision names alone."""
    shutil.copytree(source, target)
    for file in target.rglob("*.safetensors"):
        file.rename(file.with_name(f"{file.stem}.fp16.safetensors"))
    return target


def test_a_cached_conversion_is_used_without_a_network(
    lsc: Lsc, small: Path, tiny_profile: Path, profile: Path, cache: Cache
) -> None:
    eyes = tiny_profile.parent / "captioner"
    cache.add("main", MAIN, eyes, weights=False)
    assert state(lsc, profile).startswith("not here")
    error = lsc("--models", profile, "caption", small, code=2).error
    assert f"{NAME} is not on this machine and cannot be fetched" in error
    cache.add("refs/pr/1", REQUEST, eyes)
    assert state(lsc, profile) == "in the hub cache"
    assert lsc.json("--models", profile, "caption", small)["new"] == 3
    ((settings,),) = lsc.sql("SELECT settings FROM config WHERE settings ->> 'captioner' = 'blip'")
    assert f"hub:{NAME}@{REQUEST}" in settings
    assert lsc.json("--models", profile, "caption", small)["cached"] == 3
    # Two of them: which is the hub's own?
    reference._find.cache_clear()
    cache.add("refs/pr/4", OTHER, eyes)
    assert state(lsc, profile).startswith("not here")
    error = lsc("--models", profile, "caption", small, code=2).error
    assert "refs/pr/1, refs/pr/4" in error
    assert "revision" in error
    profile.write_text(profile.read_text(encoding="utf-8") + 'revision = "refs/pr/1"\n', encoding="utf-8")
    assert state(lsc, profile) == "in the hub cache"
    assert lsc.json("--models", profile, "caption", small)["cached"] == 3


def test_a_repository_of_which_nothing_of_use_is_here(
    lsc: Lsc, small: Path, tiny_profile: Path, profile: Path, cache: Cache
) -> None:
    assert "HF_HUB_OFFLINE" in state(lsc, profile)
    # Another revision than the one asked for.
    cache.add("v1", OTHER, tiny_profile.parent / "captioner")
    assert state(lsc, profile).startswith("not here")
    lsc("--models", profile, "caption", small, code=2)


def test_half_precision_alone_in_a_directory(lsc: Lsc, tiny_profile: Path) -> None:
    scenes = make_scenes(lsc.folder / "scenes", ("a red ball",))
    models = lsc.folder / "models"
    shutil.copytree(tiny_profile.parent, models)
    for name in ("receiver", "captioner"):
        shutil.rmtree(models / name)
        half(tiny_profile.parent / name, models / name)
    run = ("run", scenes, "-m", "order", "-m", "partBob")
    made = lsc.json("--models", models / "tiny.toml", *run)
    plain = lsc.json("--db", "plain.sqlite", "--artifacts", "plain", *run)
    assert [curve["auc"] for curve in made["report"]["curves"]] == [
        curve["auc"] for curve in plain["report"]["curves"]
    ]


def test_half_precision_alone_in_the_hub_cache(
    lsc: Lsc, tiny_profile: Path, profile: Path, cache: Cache
) -> None:
    scenes = make_scenes(lsc.folder / "scenes", ("a red ball",))
    source = half(tiny_profile.parent / "receiver", lsc.folder / "half")
    snapshot = cache.add("main", MAIN, source)
    profile.write_text(f'extends = "{tiny_profile}"\n[receiver]\nmodel = "{NAME}"\n', encoding="utf-8")
    assert state(lsc, profile, "receiver") == "in the hub cache"
    run = ("--models", profile, "run", scenes, "--captioner", "dataset", "-m", "order")
    settings = lsc.json(*run)["report"]["curves"][0]["settings"]["receiver"]
    assert f"hub:{NAME}@{MAIN}#fp16" in json.dumps(settings)
    # Once the plain weights are here as well, they are what is loaded, under a key of their own.
    shutil.copytree(tiny_profile.parent / "receiver", snapshot, dirs_exist_ok=True)
    reference._find.cache_clear()
    again = lsc.json(*run)
    assert [stage["new"] > 0 for stage in again["stages"]][3:] == [True, True]
