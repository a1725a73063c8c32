"""Plug-ins that the `lsc.toml` of a working directory names: code of whoever made the directory.

They run only once the user has said so, for the content that they have now. What was trusted is kept in the
user's own configuration, by digest. Files named by --plugin or LSC_PLUGINS are the user's own word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

from lsccli.commands import terminal
from lsccli.core.errors import LscError

_FILE = "trusted.json"


def check_trust(files: Sequence[Path], source: str, *, trust: bool) -> None:
    """Return where every file is trusted, or is from now on; with `trust` all are.

    Raises:
        LscError: where one is not, and nobody could be asked or said yes.
    """
    from lsccli.core.registry.plugins import digest_of

    digests = {digest_of(file): str(file.expanduser().resolve()) for file in files}
    known = _known()
    new = {digest: place for digest, place in digests.items() if digest not in known}
    if not new:
        return
    names = ", ".join(Path(place).name for place in new.values())
    told = f"{source} names plug-ins, which run as code and are not trusted yet: {names}."
    if not trust and not terminal.confirm(f"{told} Run them, now and as long as they stay as they are?"):
        raise LscError(f"{told} Read them, then type --trust once: lsc --trust COMMAND")
    _keep({**known, **new})


def trusted_file() -> Path:
    """Where the digests are kept."""
    return Path(typer.get_app_dir("lsc")) / _FILE


def _known() -> dict[str, str]:
    try:
        found = json.loads(trusted_file().read_text(encoding="utf-8"))
    except (OSError, ValueError, RuntimeError):  # not there yet, or damaged: asked again
        return {}
    return {str(digest): str(place) for digest, place in found.items()} if isinstance(found, dict) else {}


def _keep(digests: Mapping[str, str]) -> None:
    from lsccli.core.report.escape import json_text
    from lsccli.core.store.files import write_whole

    try:
        write_whole(trusted_file(), json_text(digests, indent=2) + "\n")
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        terminal.complain(f"Trusted for this command only: {trusted_file()} cannot be written ({reason}).")
