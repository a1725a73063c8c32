"""Python files that a user names: each may register entries of any kind, alone or together."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from lsccli.core.errors import LscError, of_system
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


def digest_of(file: Path) -> str:
    """What names the content of a plug-in: of its file and of the modules in its folder that it imports.

    Raises:
        LscError: where it is no Python file or cannot be read.
    """
    return _digest(file.expanduser().resolve(), _content(file))


def _content(file: Path) -> bytes:
    if file.suffix != ".py":
        raise LscError(f"The plugin {file} is no Python file (.py).")
    try:
        return file.read_bytes()
    except OSError as error:
        raise of_system(f"Cannot read the plugin {file}", error) from error


def _digest(file: Path, content: bytes) -> str:
    found = {file: content}
    waiting = [content]
    while waiting:
        for other in _beside(waiting.pop(), file.parent):
            if other not in found:
                found[other] = _content(other)
                waiting.append(found[other])
    if len(found) == 1:
        return f"sha256:{sha256(content).hexdigest()}"
    lines = sorted(
        f"{one.relative_to(file.parent).as_posix()} {sha256(found[one]).hexdigest()}\n" for one in found
    )
    return f"sha256:{sha256(''.join(lines).encode(errors='surrogateescape')).hexdigest()}"


def _beside(content: bytes, folder: Path) -> Iterator[Path]:
    """The files of the modules and packages in this folder that a source imports, by what it says."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):  # told when it is loaded
        return
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        for name in {one.split(".")[0] for one in names}:
            module, package = folder / f"{name}.py", folder / name
            if module.is_file():
                yield module
            elif package.is_dir():
                yield from sorted(package.rglob("*.py"))


def _load_file(file: Path) -> Origin:
    content = _content(file)
    # The path tells two files of one name apart.
    name = f"lsc_plugin_{sha256(str(file).encode(errors='surrogateescape')).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None:
        raise LscError(f"The plugin {file} is no Python file (.py).")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where dataclasses look for their module
    origin = Origin(str(file), _digest(file, content))
    with loading(origin), told_in_one_line(str(file)):
        # What was read, and no compiled copy that lies beside it and may be of another content.
        exec(compile(content, str(file), "exec"), module.__dict__)
    return origin
