"""Files that are whole or not there."""

import os
from pathlib import Path

import pytest

from lsccli.core.store import artifacts
from lsccli.core.store.artifacts import whole_file, write_whole


def test_text_is_written_as_it_is_and_bytes_too(tmp_path: Path) -> None:
    write_whole(tmp_path / "deep" / "a.txt", "é\r\n\n")
    assert (tmp_path / "deep" / "a.txt").read_bytes() == b"\xc3\xa9\r\n\n"
    write_whole(tmp_path / "deep" / "a.txt", b"\x00\xff")
    assert (tmp_path / "deep" / "a.txt").read_bytes() == b"\x00\xff"
    with whole_file(tmp_path / "b.txt", binary=False) as stream:
        stream.write("ü\n")
        assert not (tmp_path / "b.txt").exists()
    assert (tmp_path / "b.txt").read_bytes() == b"\xc3\xbc\n"
    assert (tmp_path / "b.txt").stat().st_mode & 0o777 == 0o644


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
    sync, rename = artifacts.os.fsync, artifacts.os.replace
    monkeypatch.setattr(artifacts.os, "fsync", lambda handle: done.append("sync") or sync(handle))
    monkeypatch.setattr(artifacts.os, "replace", lambda *names: done.append("name") or rename(*names))
    write_whole(tmp_path / "a", b"content")
    assert done == ["sync", "name"]
