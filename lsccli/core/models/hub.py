"""Models from the Hugging Face hub: safetensors and configurations only, never code, never pickles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lsccli.core.errors import MissingModelError

# Some repositories carry the same weights more than once; these copies are never read.
_UNREAD = (
    "*.fp16.safetensors",
    "*.non_ema.safetensors",
    "v1-*.safetensors",
    "sd_*.safetensors",
    "safety_checker/*",
)
# The hub's own converter, which opens a pull request with safetensors where a repository has only pickles.
_CONVERTER = "SFconvertbot"


def fetch(name: str, revision: str | None, files: Sequence[str]) -> tuple[Path, str]:
    """The local snapshot of a hub model, fetched where it is not cached, and the commit that it holds.

    Where the revision holds no safetensors and none was asked for by name, the hub's conversion of it is
    taken: it lies in a pull request by the hub's converter.

    Raises:
        MissingModelError: in one line, where the model is not cached and cannot be fetched.
    """
    try:
        directory = _snapshot(name, revision, files)
        if revision is None and not any(directory.rglob("*.safetensors")):
            directory = _snapshot(name, _conversion(name), files)
    except MissingModelError:
        raise
    except Exception as error:  # the hub client raises many kinds; each means that the model is not to be had
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        raise MissingModelError(
            f"Model {name} is not on this machine and cannot be fetched from the hub ({reason}). "
            "Connect once, or name a local directory in a profile file (--models FILE)."
        ) from error
    # A snapshot directory is named after the commit that it holds.
    return directory, directory.name


def _snapshot(name: str, revision: str | None, files: Sequence[str]) -> Path:
    from huggingface_hub import snapshot_download

    patterns = [*files, *(f"*/{pattern}" for pattern in files)]
    return Path(
        snapshot_download(name, revision=revision, allow_patterns=patterns, ignore_patterns=[*_UNREAD])
    )


def _conversion(name: str) -> str:
    from huggingface_hub import HfApi

    for request in HfApi().get_repo_discussions(name, author=_CONVERTER, discussion_type="pull_request"):
        if "safetensors" in request.title.lower():
            return f"refs/pr/{request.num}"
    raise MissingModelError(
        f"Model {name} has only pickled weights on the hub, which are never loaded; "
        "name a revision that holds safetensors, or a local directory, in a profile file (--models FILE)."
    )
