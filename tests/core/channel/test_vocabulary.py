"""The words that Bob knows: shipped ones, files, what is refused, and what decoders make of many words."""

import time
from pathlib import Path

import numpy as np
import pytest

from lsccli.commands.channel_options import Asked, channels
from lsccli.core.channel import crc
from lsccli.core.channel.settings import ChannelSettings, resolved
from lsccli.core.channel.source.base import find_source_code
from lsccli.core.channel.transmit import Message, send_messages
from lsccli.core.channel.vocabulary import chosen, shipped
from lsccli.core.errors import LscError

NOISY = {"channel": "bsc", "ber": 0.05}


def settings(vocabulary: str | None, profile: str = "storybook", **options: object) -> ChannelSettings:
    given = {"channel": "bsc", "ber": 0.05, "decoder": "vocabulary", **options}
    return channels(Asked({"vocabulary": vocabulary, **given}), profile=profile)[0]


def test_shipped_vocabularies_never_change() -> None:
    assert shipped("storybook").digest[7:23] == "f90aaf0d0c9efb4a"
    assert shipped("english").digest[7:23] == "beeb519374b6c615"


def test_english_has_some_ten_thousand_words_and_the_storybook_s() -> None:
    english = shipped("english")
    assert 10_000 <= len(english.words) <= 20_000
    assert set(shipped("storybook").words) <= set(english.words)
    assert english.words[:3] == ("the", "of", "and")
    assert list(english.counts.values()) == sorted(english.counts.values(), reverse=True)
    assert {"dogs", "running", "children", "women", "mice", "ran"} <= set(english.words)


def test_the_profile_chooses_and_the_key_says_so() -> None:
    known = settings(None)
    assert known == resolved(**NOISY, decoder="vocabulary")
    assert "vocabulary" not in known.facts()
    assert settings("storybook", "paper") == known
    other = settings(None, "paper")
    assert other.facts()["vocabulary"] == shipped("english").digest
    assert settings("ENGLISH") == other
    assert ChannelSettings.of(other.facts()).known_words() is shipped("english")
    # Where Bob reads characters it does not matter what he knows.
    assert channels(Asked(NOISY), profile="paper") == channels(Asked(NOISY))
    with pytest.raises(LscError, match="--vocabulary goes with --decoder"):
        channels(Asked({"vocabulary": "english", **NOISY}))


def test_a_file_is_known_by_its_words_and_counts(tmp_path: Path) -> None:
    first, second, third = (tmp_path / name for name in ("a.txt", "b.txt", "c.txt"))
    first.write_text("cat 2\ndog\t5\n\nowl\n", encoding="utf-8")
    second.write_text("\ufeffdog 5\r\ncat 2\r\nowl 1", encoding="utf-8")
    third.write_text("dog 5\ncat 2\nowl 2\n", encoding="utf-8")
    one, two, three = (settings(str(path)) for path in (first, second, third))
    assert one.facts() == two.facts() != three.facts()
    assert one.facts()["vocabulary"].startswith("sha256:")
    known = one.known_words()
    assert known.counts == {"dog": 5, "cat": 2, "owl": 1}
    assert known.words == ("dog", "cat", "owl")
    with pytest.raises(LscError, match=r"was a file\. What was not sent yet needs it: lsc transmit"):
        ChannelSettings.of(one.facts()).known_words()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no word in it"),
        ("\n \n", "no word in it"),
        ("cat\ndog 3 4\n", "line 2: give a word"),
        ("cat\ndog many\n", "line 2: the count 'many'"),
        ("cat 0\n", "line 1: the count '0'"),
        ("cat -1\n", "line 1: the count '-1'"),
        ("cat 1.5\n", "line 1: the count '1.5'"),
        ("cat\ndog\n\ncat 4\n", "line 4: 'cat' stands in line 1 already"),
    ],
)
def test_a_bad_file_is_refused_by_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bad.txt").write_text(text, encoding="utf-8")
    with pytest.raises(LscError, match=said):
        settings(str(tmp_path / "bad.txt"))


def test_no_text_and_no_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"caf\xe9\n")
    with pytest.raises(LscError, match="not UTF-8"):
        settings(str(tmp_path / "latin"))
    with pytest.raises(LscError, match="choose storybook, english, or name a file"):
        settings("engelsk")
    with pytest.raises(LscError, match="cannot be read"):
        settings(str(tmp_path))


def test_bob_reads_only_words_of_his_own(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("dog 5\nfox 4\ncat 3\n", encoding="utf-8")
    own = settings(str(tmp_path / "own.txt"), ber=0.2)
    rows = send_messages([Message(["fox", "pup"], [0, 1], "x", trial) for trial in range(40)], own)
    read = {step.received for row in rows for step in row[1:]}  # type: ignore[union-attr]
    assert read == {"dog", "fox", "cat"}


@pytest.mark.parametrize("code", [None, "hamming74", "repetition3", "ldpc5g", "polar5g"])
@pytest.mark.parametrize("check", [None, "crc11"])
def test_the_score_is_that_of_whole_packets(code: str | None, check: str | None) -> None:
    given = resolved(channel="awgn", ebn0_db=0.0, decoder="vocabulary", code=code, crc=check)
    coder, words = find_source_code("ascii8"), [w for w in shipped("storybook").words if len(w) == 5]
    rng = np.random.default_rng(4)
    front = rng.integers(0, 2, 14, dtype=np.uint8)
    packets = np.stack([np.concatenate([front, coder.encode(word)]) for word in words])
    coded = given.channel_coder.encode(crc.attach(packets, check))
    for _ in range(20):
        ratios = rng.standard_normal(coded.shape[1])
        best = words[int(np.argmax(coded @ ratios))]
        assert given.reader(packets[0], 14, ratios, []) == best


@pytest.mark.parametrize("decoder", ["vocabulary", "language"])
def test_sixteen_thousand_words_are_read_fast(decoder: str) -> None:
    given = settings("english", channel="awgn", ber=None, ebn0_db="2", decoder=decoder)
    words = ["elephants", "standing", "near", "a", "river", "together"]
    messages = [Message(words, range(6), "x", trial) for trial in range(50)]
    send_messages(messages[:1], given)
    start = time.process_time()
    rows = send_messages(messages, given)
    assert time.process_time() - start < 6
    assert all(step.received in shipped("english").counts for row in rows for step in row[1:])  # type: ignore[union-attr]


def test_without_company_language_has_the_prior_of_words(tmp_path: Path) -> None:
    # ln 9 for one bit at ber 0.1, against the prior ln 100: the frequent word wins over the one heard.
    (tmp_path / "own.txt").write_text("bat 100\ncat 1\n", encoding="utf-8")
    language = settings(str(tmp_path / "own.txt"), ber=0.1, decoder="language")
    heard = find_source_code("ascii8").encode("cat")
    ratios = np.where(heard == 1, 1.0, -1.0) * np.log(9)
    assert language.reader(heard, 0, ratios, ["bat"]) == "bat"
    plain = settings(str(tmp_path / "own.txt"), ber=0.1)
    assert plain.reader(heard, 0, ratios, ["bat"]) == "cat"
    assert chosen(str(tmp_path / "own.txt"), "storybook")[0].company is None
