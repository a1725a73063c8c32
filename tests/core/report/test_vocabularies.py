"""Files of words are found again by what runs of a store have typed, and only as they were."""

from pathlib import Path

import pytest

from lsccli.core.channel.vocabulary import Vocabulary, digest_told, from_file, shipped
from lsccli.core.report.vocabularies import at_hand, named_files
from lsccli.core.store.store import Store
from lsccli.core.store.tables import Run


@pytest.fixture
def words(tmp_path: Path) -> Path:
    file = tmp_path / "own.txt"
    file.write_text("dog 2\nbig\n", encoding="utf-8")
    return file


def test_files_are_what_runs_have_typed_the_last_first(store: Store) -> None:
    typed = (["--vocabulary", "a.txt"], ["-m", "order", "--vocabulary=b.txt"], ["--vocabulary"], ["x"])
    with store.write() as session:
        for arguments in typed:
            session.add(
                Run(
                    command="run",
                    arguments=arguments,
                    versions={},
                    profile="x",
                    host="x",
                    device="cpu",
                    started=1.0,
                )
            )
    with store.read() as session:
        assert named_files(session, None) == ["b.txt", "a.txt"]
        assert named_files(session, "a.txt") == ["a.txt", "b.txt"]


def test_a_file_counts_only_as_it_was(words: Path) -> None:
    digest = digest_told(from_file(words))
    found = at_hand(digest, ["nowhere.txt", str(words)])
    assert isinstance(found, Vocabulary)
    assert found.words == ("dog", "big")
    assert "it was a file. Name it" in str(at_hand(digest, []))
    words.write_text("dog 3\nbig\n", encoding="utf-8")
    told = str(at_hand(digest, ["nowhere.txt", str(words)]))
    assert f"it was a file, and nowhere.txt and {words} changed since or cannot be read" in told


def test_words_of_the_package_need_no_file() -> None:
    for name in ("storybook", "english"):
        assert at_hand(digest_told(shipped(name)), []) is shipped(name)
