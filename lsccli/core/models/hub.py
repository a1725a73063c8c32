"""Models from the Hugging Face hub: safetensors and configurations only, never code, never pickles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lsccli.core.errors import MissingModelError

# Some repositories carry the same weights more than once; these copies are not read.
_UNREAD = (
    "*.non_ema.safetensors",
    "v1-*.safetensors",
    "sd_*.safetensors",
    "safety_checker/*",
)
# Read where there are no others.
_HALF = "*.fp16*.safetensors"
# The hub's own converter, which opens a pull request with safetensors where a repository has only pickles.
_CONVERTER = "SFconvertbot"
_REQUESTS = "refs/pr/"


def fetch(name: str, revision: str | None, files: Sequence[str]) -> tuple[Path, str]:
    """The local snapshot of a hub model, fetched where it is not cached, and the commit that it holds.

    Where the revision holds no safetensors and none was asked for by name, the hub's conversion of it is
    taken: it lies in a pull request by the hub's converter, which the cache may hold when the hub cannot be
    asked. Where there is none, weights in half precision do.

    Raises:
        MissingModelError: in one line, where the model is not cached and cannot be fetched.
    """
    try:
        directory = _snapshot(name, revision, files, here=False)
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


def is_cached(name: str, revision: str | None, files: Sequence[str]) -> bool:
    """Whether `fetch` needs no network; asks no hub."""
    try:
        _snapshot(name, revision, files, here=True)
    except Exception:  # as in `fetch`
        return False
    return True


def _snapshot(name: str, revision: str | None, files: Sequence[str], *, here: bool) -> Path:
    """A snapshot that holds safetensors; with `here` of what is on this machine."""
    directory = _files(name, revision, files, _HALF, here=here)
    if _weights(directory):
        return directory
    unasked: Exception | None = None
    if revision is None:
        try:
            request = _cached_conversion(name) if here else _conversion(name)
        except MissingModelError:
            raise
        except Exception as error:  # no network, or a hub that is down
            unasked, request = error, _cached_conversion(name)
        if request is not None:
            return _files(name, request, files, _HALF, here=here)
    directory = _files(name, revision, files, here=here)
    if _weights(directory):
        return directory
    if unasked is not None:
        raise unasked
    raise MissingModelError(
        f"Model {name} has only pickled weights on the hub, which are never loaded; "
        "name a revision that holds safetensors, or a local directory, in a profile file (--models FILE)."
    )


def _files(name: str, revision: str | None, files: Sequence[str], *unread: str, here: bool) -> Path:
    from huggingface_hub import snapshot_download

    patterns = [*files, *(f"*/{pattern}" for pattern in files)]
    left_out = [*_UNREAD, *unread]
    return Path(
        snapshot_download(
            name,
            revision=revision,
            allow_patterns=patterns,
            ignore_patterns=left_out,
            local_files_only=here,
        )
    )


def _weights(directory: Path) -> bool:
    return any(directory.rglob("*.safetensors"))


def _conversion(name: str) -> str | None:
    from huggingface_hub import HfApi

    for request in HfApi().get_repo_discussions(name, author=_CONVERTER, discussion_type="pull_request"):
        if "safetensors" in request.title.lower():
            return f"{_REQUESTS}{request.num}"
    return None


def _cached_conversion(name: str) -> str | None:
    """The pull request with safetensors that the cache holds; whose it is the cache does not say."""
    from huggingface_hub import scan_cache_dir

    found = sorted(
        reference
        for repository in scan_cache_dir().repos
        if repository.repo_id == name and repository.repo_type == "model"
        for reference, revision in repository.refs.items()
        if reference.startswith(_REQUESTS) and _weights(revision.snapshot_path)
    )
    if len(found) > 1:
        raise MissingModelError(
            f"Several conversions of {name} are in the hub cache ({', '.join(found)}), and the hub cannot be "
            "asked which is its own; name one as the revision in a profile file (--models FILE)."
        )
    return found[0] if found else None
