"""What the benchmark of heads counts, on captions read by eye."""

import re
import sys
from pathlib import Path

import pytest

from benchmarks import heads
from benchmarks.heads import Tally, apart, by_tags, difference, marked, read_marked, tally


def test_stars_are_heads() -> None:
    one = read_marked('A boy\'s* cake*, "really*" big .', "kind")
    assert one.words == ("A", "boy's", "cake", "really", "big")
    assert one.heads == {1, 2, 3}
    assert one.caption == 'A boy\'s cake, "really" big .'
    with pytest.raises(ValueError, match="behind no word"):
        read_marked("a * dog*")


def test_marks_without_text_meet_the_captions_of_ones_own_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    tokens, marks = tmp_path / "Flickr8k.token.txt", tmp_path / "marks.tsv"
    tokens.write_text("1_a.jpg#0\tA red kite .\n1_a.jpg#1\tkites \n2_b.jpg#0\tThe kites .\n", newline="\r\n")
    # As `printf "A red kite ." | sha256sum` has it, and the same of "kites"; the third is of nothing.
    kite, kites, other = "7e9cb49ce85a", "8bf991c1d3de", "000000000000"
    marks.write_text(
        f"# marks\n1_a.jpg#0\t{kite}\t2\n1_a.jpg#1\t{kites}\t\n2_b.jpg#0\t{other}\t1\n3_c.jpg#0\t{kite}\t2\n"
    )
    found, unfit = heads.flickr8k(tokens, marks)
    assert [(one.caption, one.words, one.heads) for one in found] == [
        ("A red kite .", ("A", "red", "kite"), {2}),
        ("kites", ("kites",), set()),
    ]
    assert unfit == ["2_b.jpg#0", "3_c.jpg#0"]
    monkeypatch.setattr(sys, "argv", ["heads", "--flickr8k", str(tokens)])
    with pytest.raises(SystemExit):
        heads.main()
    assert "has none of the captions of flickr8k.tsv" in capsys.readouterr().err


def test_marks_of_flickr8k_are_of_300_images_and_hold_no_text() -> None:
    lines = [line for line in heads.FLICKR8K.read_text().splitlines() if not line.startswith("#")]
    assert len(lines) == 300 == len({line.split("#")[0] for line in lines})
    assert all(re.fullmatch(r"\d+_[0-9a-f]{10}\.jpg#[0-4]\t[0-9a-f]{12}\t\d+( \d+)*", line) for line in lines)


def test_every_caption_has_a_kind_and_none_comes_twice() -> None:
    captions = marked()
    fresh = marked(heads.FILE.with_name("fresh.txt"))
    assert (len(captions), len(fresh)) == (300, 60)
    assert {one.kind for one in captions} == {one.kind for one in fresh} > {"copula", "existential"}
    every = [one.caption.lower().rstrip(".") for one in (*captions, *fresh)]
    assert len(set(every)) == 360


def test_precision_and_recall() -> None:
    captions = [read_marked("a dog* runs* there"), read_marked("cats")]
    made = tally(captions, [(0, 1), ()])
    assert (made.found, made.missed, made.extra, made.whole) == (1, 1, 1, (False, True))
    assert made.precision == made.recall == 0.5
    assert difference(captions[0], (0, 1)) == "-runs +a"
    assert by_tags([("DT",), ("NN", "POS"), ("VBZ",), ("IN",)]) == [1, 2]


def test_two_parsers_are_compared_on_the_captions_that_they_read_differently() -> None:
    one = Tally(0, 0, 0, (True, False, False, False, False, False, True))
    two = Tally(0, 0, 0, (True, False, True, True, True, True, False))
    # Of five one falls to the other side: 2 (1 + 5) / 32.
    assert apart(one, two) == "read wrongly only by the first 4, only by this one 1, p 0.38"
    assert apart(one, one).endswith("first 0, only by this one 0, p 1.00")


def test_the_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path) -> None:
    (tmp_path / "two.txt").write_text("# two\n[kind]\na brown dog*\nit runs*\n")
    monkeypatch.setattr(sys, "argv", ["heads", "--errors", "--file", str(tmp_path / "two.txt")])
    heads.main()
    said = capsys.readouterr().out
    # Both captions are read rightly; of 2 of 2 Wilson's interval begins at 34.2 %.
    assert "| **all** | 2 | 2 | 100.0 [34.2, 100.0] | 100.0 [34.2, 100.0] | 100.0 [34.2, 100.0] |" in said
    assert "| a horse grazes in the field | -horse |" in said
