"""Methods from outside this package: Python files that a user names, and installed packages.

Their rankings are kept under keys that hold the file's SHA-256, or the package's name and version, so
that an order is not remembered from before a change.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib.metadata import entry_points
from pathlib import Path

from lsccli.core.errors import LscError
from lsccli.core.registry import base as registry
from lsccli.core.registry.base import MethodSpec

GROUP = "lsc.methods"


@dataclass
class _Loaded:
    """The methods that came from files which this command names."""

    methods: list[MethodSpec] = field(default_factory=list)


_LOADED = _Loaded()


def use_files(files: Sequence[Path]) -> None:
    """Make known the methods of these Python files, and forget those of files named before.

    Raises:
        LscError: where a file is not there, fails, registers nothing, or a name that is taken.
    """
    registry.forget(_LOADED.methods)
    _LOADED.methods = []
    for file in dict.fromkeys(path.expanduser().resolve() for path in files):
        _LOADED.methods += _load_file(file)


def _load_file(file: Path) -> list[MethodSpec]:
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
    with registry.methods_of(f"sha256:{digest}") as added:
        try:
            spec.loader.exec_module(module)
        except LscError:
            raise
        except (Exception, SystemExit) as error:
            raise LscError(f"The plugin {file} fails: {_told(error)}.") from error
    return _checked(added, str(file))


@cache
def load_installed() -> None:
    """Make known the methods of installed packages: entry points of the group `lsc.methods`.

    Each entry point names a module that registers methods when it is imported, or a function in one.
    """
    for point in entry_points(group=GROUP):
        origin = f"{point.dist.name} {point.dist.version}" if point.dist else point.value
        with registry.methods_of(origin) as added:
            try:
                point.load()
            except LscError:
                raise
            except Exception as error:
                raise LscError(f"The plugin {origin} ({point.value}) fails: {_told(error)}.") from error
        _checked(added, origin)


def _checked(added: list[MethodSpec], origin: str) -> list[MethodSpec]:
    from lsccli.core.facts.base import FACTS

    if not added:
        raise LscError(f"The plugin {origin} registers no method; see docs/methods.md.")
    for spec in added:
        if unknown := sorted(set(spec.reads) - set(FACTS)):
            registry.forget(added)
            raise LscError(f"Method {spec.name} reads {unknown[0]!r}; there are {', '.join(FACTS)}.")
    return added


def _told(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    place = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
    return f"{type(error).__name__}: {lines[0] if lines else ''}{place}".rstrip(": .")
