"""Files that are whole or not there."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lsccli.core.store import files
from lsccli.core.store.files import whole_file, write_whole


def test_text_is_written_as_it_is_and_bytes_too(tmp_path: Path) -> None:
    write_whole(tmp_path / "deep" / "a.txt", "é\r\n\n")
    assert (tmp_path / "deep" / "a.txt").read_bytes() == b"\xc3\xa9\r\n\n"
    write_whole(tmp_path / "deep" / "a.txt", b"\x00\xff")
    assert (tmp_path / "deep" / "a.txt").read_bytes() == b"\x00\xff"
    with whole_file(tmp_path / "b.txt", binary=False) as stream:
        stream.write("ü\n")
        assert not (tmp_path / "b.txt").exists()
    assert (tmp_path / "b.txt").read_bytes() == b"\xc3\xbc\n"


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_after_an_error_a_file_is_as_it_was(tmp_path: Path, error: type[BaseException]) -> None:
    write_whole(tmp_path / "old", b"old")

    def fail(name: str) -> None:
        with whole_file(tmp_path / name) as stream:
            stream.write(b"half")
            raise error

    for name in ("old", "new"):
        with pytest.raises(error):
            fail(name)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("old", b"old")]


def test_a_pipe_is_written_to_and_a_folder_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(pipe, "text")
    assert os.read(reader, 10) == b"text"
    os.close(reader)
    assert pipe.is_fifo()
    with pytest.raises(IsADirectoryError, match=str(tmp_path)):
        write_whole(tmp_path, "text")
    write_whole(Path("/dev/null"), b"nothing")
    assert Path("/dev/null").is_char_device()


def test_it_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    sync, rename = files.os.fsync, files.os.replace
    monkeypatch.setattr(files.os, "fsync", lambda handle: done.append("sync") or sync(handle))
    monkeypatch.setattr(files.os, "replace", lambda *names: done.append("name") or rename(*names))
    write_whole(tmp_path / "a", b"content")
    assert done == ["sync", "name"]


@pytest.fixture
def umask() -> Iterator[None]:
    """A mask that neither this nor a usual machine has."""
    before = os.umask(0o026)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_has_what_the_umask_leaves(tmp_path: Path, umask: None) -> None:
    write_whole(tmp_path / "new", b"x")
    with open(tmp_path / "by Python", "wb"):
        pass
    assert mode(tmp_path / "new") == mode(tmp_path / "by Python") == 0o640


@pytest.mark.parametrize("bits", [0o600, 0o644, 0o664, 0o755, 0o666])
def test_a_file_keeps_its_permissions(tmp_path: Path, umask: None, bits: int) -> None:
    (tmp_path / "a").touch()
    (tmp_path / "a").chmod(bits)
    write_whole(tmp_path / "a", b"x")
    assert mode(tmp_path / "a") == bits


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_a_file_keeps_its_owner(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    os.chown(tmp_path / "a", 1234, 1235)
    write_whole(tmp_path / "a", b"x")
    about = (tmp_path / "a").stat()
    assert (about.st_uid, about.st_gid) == (1234, 1235)


def test_a_write_protected_file_is_refused() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, owner = Path(name), os.geteuid()
        (folder / "a").write_bytes(b"mine")
        (folder / "a").chmod(0o444)
        folder.chmod(0o777)
        try:
            if not owner:
                os.seteuid(65534)
            with pytest.raises(PermissionError, match="Permission denied"):
                write_whole(folder / "a", b"x")
            assert [path.name for path in folder.iterdir()] == ["a"]
        finally:
            os.seteuid(owner)
        assert (folder / "a").read_bytes() == b"mine"


@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_written_through(tmp_path: Path, there: bool) -> None:
    (tmp_path / "far").mkdir()
    target = tmp_path / "far" / "real.txt"
    if there:
        target.write_bytes(b"old")
    (tmp_path / "step").symlink_to("far/real.txt")
    (tmp_path / "link").symlink_to(tmp_path / "step")
    write_whole(tmp_path / "link", "new")
    assert target.read_text() == "new"
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "step").is_symlink()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["far", "link", "real.txt", "step"]


def test_a_link_to_itself_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError, match=r"(?i)links|level"):
        write_whole(tmp_path / "loop", b"x")
    assert (tmp_path / "loop").is_symlink()


def test_files_of_a_store_replace_whatever_is_there(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"mine")
    (tmp_path / "victim").chmod(0o600)
    (tmp_path / "link").symlink_to("victim")
    write_whole(tmp_path / "link", b"x", special=False)
    assert not (tmp_path / "link").is_symlink()
    assert (tmp_path / "victim").read_bytes() == b"mine"


def test_a_name_may_be_as_long_as_names_are(tmp_path: Path) -> None:
    for name in ("n" * 255, "ü" * 127):
        write_whole(tmp_path / name, b"x")
        assert (tmp_path / name).read_bytes() == b"x"
