"""The table of synonyms as made from a small WordNet of our own."""

from pathlib import Path

from training.wordnet import common, meanings, verb_forms

DATA = """\
  1 This is the licence.
00000001 05 n 01 animal 0 000 | a living thing
00000002 05 n 02 dog 0 hot_dog 0 001 @ 00000001 n 0000 | barks
00000003 05 n 03 puppy 0 pup 0 Rex 0 001 @ 00000002 n 0000 | young
00000004 18 n 02 cad 0 dog 0 000 | a man
00000005 07 n 01 blue 0 000 | a colour
00000006 07 n 01 navy 0 001 @ 00000005 n 0000 | dark blue
"""
ADJECTIVES = """\
00000007 00 a 01 big 0 001 & 00000008 a 0000 | above average
00000008 00 s 01 huge(p) 0 001 & 00000007 a 0000 | very
00000009 00 s 01 blue 0 001 + 00000005 n 0101 | like the sky
"""
INDEX = {
    "noun": "animal n 1 0 1 0 00000001\ndog n 2 0 2 1 00000002 00000004\nhot_dog n 1 0 1 0 00000002\n"
    "puppy n 1 0 1 0 00000003\npup n 1 0 1 0 00000003\nrex n 1 0 1 0 00000003\ncad n 1 0 1 0 00000004\n"
    "blue n 1 0 1 0 00000005\nnavy n 1 0 1 0 00000006\n",
    "verb": "",
    "adj": "big a 1 0 1 0 00000007\nhuge a 1 0 1 0 00000008\nblue a 1 0 1 0 00000009\n",
    "adv": "",
}


def test_the_table(tmp_path: Path) -> None:
    for name, index in INDEX.items():
        (tmp_path / f"index.{name}").write_text("  1 licence\n" + index)
        (tmp_path / f"data.{name}").write_text({"noun": DATA, "adj": ADJECTIVES}.get(name, ""))
    (tmp_path / "cntlist.rev").write_text("dog%1:05:00:: 1 40\n")
    assert meanings(tmp_path) == [
        "@n",
        "animal",
        "dog|-1",  # not hot_dog, which is two words
        "pup puppy|-1",  # not Rex, who is a name
        # dog is a cad in none of 40 uses, and cad alone is beside nothing
        "blue",
        "navy|-1",
        "@a",
        "big|1",
        "huge|-1",
        "blue||-4",
    ]


def test_common_senses() -> None:
    assert list(common([("a", 95), ("b", 5), ("c", 4)])) == ["a"]
    assert list(common([("a", 95), ("b", 5), ("c", 0)])) == ["a", "b"]
    assert list(common([("a", 10), ("b", 0), ("c", 0), ("d", 0)])) == ["a"]
    assert list(common([("a", 9), ("b", 0), ("c", 0), ("d", 0)])) == ["a", "b", "c"]
    assert list(common([("a", 0), ("b", 0), ("c", 0), ("d", 0)])) == ["a", "b", "c"]
    assert list(common([("a", 5), ("b", 2), ("c", 1), ("d", 1)])) == ["a", "b", "c", "d"]


def test_forms_of_verbs() -> None:
    assert verb_forms("swim", ["swam", "swimming", "swum"]) == {
        "VBG": ["swimming"],
        "VBD": ["swam"],
        "VBN": ["swum"],
    }
    assert verb_forms("sink", ["sank", "sunk", "sunken"]) == {"VBD": ["sank"], "VBN": ["sunk"]}
    assert verb_forms("win", ["won"]) == {"VBD": ["won"], "VBN": ["won"]}
    assert verb_forms("mow", ["mown"]) == {"VBN": ["mown", ""]}
    assert verb_forms("become", ["became"]) == {"VBD": ["became"], "VBN": ["become"]}
