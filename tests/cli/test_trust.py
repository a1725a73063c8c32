"""Plug-ins that a working directory names run only once the user has said so."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lsccli.commands import terminal, trust
from lsccli.core.registry import plugins
from lsccli.core.registry.plugins import digest_of
from tests.cli.shell import Lsc

PLUGIN = """
from pathlib import Path

from lsccli import method
{more}
Path("ran").touch()

@method("mine", summary="s", direction="d", source="here")
def mine(item):
    return range(len(item.words))
"""


@pytest.fixture(autouse=True)
def without_plugins() -> Iterator[None]:
    yield
    plugins.use_files([])


@pytest.fixture
def named(lsc: Lsc) -> Path:
    """A plug-in that leaves a file when it runs, named by lsc.toml."""
    (lsc.folder / "lsc.toml").write_text('plugins = ["mine.py"]\n', encoding="utf-8")
    path = lsc.folder / "mine.py"
    path.write_text(PLUGIN.format(more=""), encoding="utf-8")
    return path


def ran() -> bool:
    """Whether the plug-in has run since this was asked last."""
    found = Path("ran").exists()
    Path("ran").unlink(missing_ok=True)
    return found


COMMANDS = ("methods", "models", "plugins", "config", "report", "score")


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_runs_before_it_is_trusted(lsc: Lsc, named: Path, command: str) -> None:
    error = lsc(command, code=2).error
    assert "mine.py" in error
    assert "lsc --trust COMMAND" in error
    assert not ran()
    assert not trust.trusted_file().exists()


def test_help_and_version_need_no_trust_and_run_nothing(lsc: Lsc, named: Path) -> None:
    for arguments in (("--help",), ("rank", "--help"), ("--version",), ("rank", "-h")):
        assert lsc(*arguments).out
    assert not ran()


def test_trust_is_for_the_content(lsc: Lsc, named: Path) -> None:
    assert "mine" in lsc("--trust", "methods").out
    assert ran()
    assert "mine" in lsc("methods").out
    named.write_text(PLUGIN.format(more="x = 1"), encoding="utf-8")
    assert "not trusted" in lsc("methods", code=2).error
    named.write_text(PLUGIN.format(more=""), encoding="utf-8")
    assert "mine" in lsc("methods").out
    other = lsc.folder / "other.py"
    other.write_text(PLUGIN.format(more="").replace('"mine"', '"other"'), encoding="utf-8")
    Path("lsc.toml").write_text('plugins = ["mine.py", "other.py"]\n', encoding="utf-8")
    error = lsc("methods", code=2).error
    assert "other.py" in error
    assert "mine.py" not in error


def test_a_module_beside_it_is_part_of_what_is_trusted(lsc: Lsc, named: Path) -> None:
    beside = lsc.folder / "beside_it.py"
    beside.write_text("x = 1\n", encoding="utf-8")
    named.write_text(PLUGIN.format(more="def late():\n    import beside_it\n"), encoding="utf-8")
    lsc("--trust", "methods")
    assert lsc("methods")
    beside.write_text("x = 2\n", encoding="utf-8")
    assert "not trusted" in lsc("methods", code=2).error


def test_what_the_user_names_is_trusted(lsc: Lsc, named: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "mine" in lsc("--plugin", "mine.py", "methods").out
    monkeypatch.setenv("LSC_PLUGINS", "mine.py")
    assert "mine" in lsc("methods").out
    monkeypatch.delenv("LSC_PLUGINS")
    lsc("methods", code=2)


@pytest.mark.parametrize("content", ["no json", "[1]", '{"a": 1}', ""])
def test_a_damaged_list_trusts_nothing(lsc: Lsc, named: Path, content: str) -> None:
    trust.trusted_file().parent.mkdir(parents=True)
    trust.trusted_file().write_text(content, encoding="utf-8")
    lsc("methods", code=2)
    assert not ran()
    lsc("--trust", "methods")
    assert lsc("methods")


def test_without_a_home_it_works_with_the_option(
    lsc: Lsc, named: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not even root makes a folder below a file.
    (lsc.folder / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(lsc.folder / "file"))
    lsc("methods", code=2)
    done = lsc("--trust", "methods")
    assert "mine" in done.out
    assert "Trusted for this command only" in done.err
    lsc("methods", code=2)


def test_whoever_sits_there_is_asked(lsc: Lsc, named: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    answers = iter([False, True])
    monkeypatch.setattr(terminal, "confirm", lambda question: asked.append(question) or next(answers))
    lsc("methods", code=2)
    assert not ran()
    assert "mine" in lsc("methods").out
    assert lsc("methods")
    assert len(asked) == 2
    assert all("mine.py" in question for question in asked)


def test_a_compiled_copy_beside_it_is_not_run(lsc: Lsc, named: Path) -> None:
    import importlib.util
    import py_compile

    evil = lsc.folder / "evil.py"
    source = named.read_text(encoding="utf-8")
    evil.write_text(source.replace('"ran"', '"won"'), encoding="utf-8")
    assert evil.stat().st_size == named.stat().st_size
    os.utime(evil, (1_000_000_000, 1_000_000_000))
    os.utime(named, (1_000_000_000, 1_000_000_000))
    py_compile.compile(str(evil), cfile=importlib.util.cache_from_source(str(named)))
    lsc("--trust", "methods")
    assert ran()
    assert not Path("won").exists()


def test_digests_of_files_alone_are_as_they_were(tmp_path: Path) -> None:
    from hashlib import sha256

    alone = tmp_path / "alone.py"
    alone.write_text("import json\nfrom os import path\nimport nothing_like_this\n", encoding="utf-8")
    assert digest_of(alone) == "sha256:" + sha256(alone.read_bytes()).hexdigest()
    before = digest_of(alone)
    package = tmp_path / "json"
    package.mkdir()
    (package / "deep.py").write_text("import far\n", encoding="utf-8")
    first = digest_of(alone)
    assert first != before
    (tmp_path / "far.py").write_text("y = 1\n", encoding="utf-8")
    second = digest_of(alone)
    assert second not in (before, first)
    (tmp_path / "unread.py").write_text("y = 1\n", encoding="utf-8")
    assert digest_of(alone) == second
    (tmp_path / "far.py").write_text("import alone\nimport far\n", encoding="utf-8")
    assert digest_of(alone) not in (before, first, second)
