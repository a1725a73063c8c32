"""Python files that a user names: each may register entries of any kind, alone or together."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from lsccli.core.errors import LscError
from lsccli.core.registry.base import Origin, forget, loading, registries, told_in_one_line

_USED: list[Origin] = []  # what this process has loaded from files


def use_files(files: Sequence[Path]) -> None:
    """Make known what these Python files register, and forget what came from files named before.

    Raises:
        LscError: where a file is not there, fails, registers nothing, or a name that is taken.
    """
    while _USED:
        forget(_USED.pop())
    # One by one: what was loaded before a file that fails must be known, to be forgotten.
    if files:
        # Every kind, whole: what registers anything from here on comes from outside.
        for registry in registries():
            registry.load()
    for file in dict.fromkeys(path.expanduser().resolve() for path in files):
        _USED.append(_load_file(file))  # noqa: PERF401


def _load_file(file: Path) -> Origin:
    try:
        digest = sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise LscError(f"Cannot read the plugin {file}: {error.strerror}.") from error
    # The path tells two files of one name apart.
    name = f"lsc_plugin_{sha256(str(file).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, file)
    if file.suffix != ".py" or spec is None or spec.loader is None:
        raise LscError(f"The plugin {file} is no Python file (.py).")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where dataclasses look for their module
    origin = Origin(str(file), f"sha256:{digest}")
    with loading(origin), told_in_one_line(str(file)):
        spec.loader.exec_module(module)
    return origin
