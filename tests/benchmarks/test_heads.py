"""What the benchmark of heads counts, on captions read by eye."""

import sys

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
