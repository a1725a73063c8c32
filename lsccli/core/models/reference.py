"""Where a model is named, and the directory and the digest that it has on this machine.

A model is written as `bundle:NAME` (ships with the package), a directory, or a hub id `owner/name` with an
optional revision.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from lsccli.core.errors import MissingModelError
from lsccli.core.models.hub import fetch, is_cached
from lsccli.core.models.variants import variant_of
from lsccli.core.store.keys import digest_of_files

# What a model directory may hold that changes its results. Weights are safetensors only.
MODEL_FILES = ("*.safetensors", "*.json", "*.txt", "*.model")
_BUNDLE = "bundle:"


@dataclass(frozen=True)
class ModelRef:
    """Where a model is named: `bundle:NAME`, a directory, or a hub id with a revision."""

    name: str
    revision: str | None = None

    def find(self) -> FoundModel:
        """The directory of the model and its digest; MissingModelError in one line where it cannot be had."""
        return _find(self)

    @property
    def directory(self) -> Path | None:
        """The directory that the name means, where it means one."""
        return _directory(self)

    def state(self) -> str:
        """Whether the model is on this machine, in words; asks no hub."""
        if self.name.startswith(_BUNDLE) or Path(self.name).expanduser().is_dir():
            try:
                return "here, " + self.find().digest[:19]
            except MissingModelError as error:
                return str(error)
        if is_cached(self.name, self.revision, MODEL_FILES):
            return "in the hub cache"
        from huggingface_hub import is_offline_mode

        if is_offline_mode():
            return "not here, and not fetched while HF_HUB_OFFLINE is set"
        return "not here; fetched from the hub at first use"


@dataclass(frozen=True)
class FoundModel:
    """A model that is on this machine: its directory, and what names its content in keys."""

    directory: Path
    digest: str


def encoders_of(model: ModelRef) -> list[str]:
    """The text encoders of a pipeline that is on this machine, or none where it is not; asks no hub."""
    folder = _directory(model)
    path = folder / "model_index.json" if folder is not None else None
    if path is None and model.name.count("/") == 1:
        from huggingface_hub import try_to_load_from_cache

        cached = try_to_load_from_cache(model.name, "model_index.json", revision=model.revision)
        path = Path(cached) if isinstance(cached, str) else None
    try:
        parts = json.loads(path.read_text(encoding="utf-8")) if path is not None else {}
    except (OSError, ValueError):  # a model that is no pipeline, or not here
        return []
    return sorted(
        name
        for name, part in parts.items()
        if name.startswith("text_encoder") and isinstance(part, list) and part[1] is not None
    )


def _directory(ref: ModelRef) -> Path | None:
    """The directory that a name means, where it means one."""
    if ref.name.startswith(_BUNDLE):
        name = ref.name.removeprefix(_BUNDLE)
        # One plain name: nothing that leads out of the bundle.
        if name in ("", ".", "..") or "/" in name or "\\" in name:
            return None
        directory = Path(str(resources.files("lsccli").joinpath("bundle", "storybook", name)))
    else:
        directory = Path(ref.name).expanduser()
    return directory if directory.is_dir() else None


@cache
def _find(ref: ModelRef) -> FoundModel:
    directory = _directory(ref)
    if directory is not None:
        return FoundModel(directory.resolve(), _digest(directory))
    if ref.name.startswith(_BUNDLE):
        raise MissingModelError(
            f"The bundled model {ref.name} is not in this installation; reinstall lsccli."
            if ref.name.removeprefix(_BUNDLE).isidentifier()
            else f"There is no bundled model {ref.name!r}; lsc --models storybook models names them."
        )
    if ref.name.startswith((".", "/", "~")) or ref.name.count("/") != 1:
        raise MissingModelError(f"No model directory {ref.name}, and that is no hub id (owner/name) either.")
    directory, commit = fetch(ref.name, ref.revision, MODEL_FILES)
    # Of one commit other files may be here: what is loaded must be the same wherever the name is.
    variant = variant_of(directory)
    return FoundModel(directory, f"hub:{ref.name}@{commit}" + (f"#{variant}" if variant else ""))


def _digest(directory: Path) -> str:
    files = {
        str(path.relative_to(directory).as_posix()): path
        for pattern in MODEL_FILES
        for path in directory.rglob(pattern)
        if path.is_file()
    }
    if not any(name.endswith(".safetensors") for name in files):
        raise MissingModelError(f"{directory} holds no safetensors weights; convert the model first.")
    return "sha256:" + digest_of_files(files)
