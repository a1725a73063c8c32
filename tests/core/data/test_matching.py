"""Names of files that are written in another way than in the list, or in a way that harms an output."""

import os
import unicodedata

import pytest

from lsccli.core.data.dataset import read_dataset
from lsccli.core.data.names import natural, note, plain
from lsccli.core.errors import LscError

NFC, NFD = (unicodedata.normalize(form, "caf\u00e9.png") for form in ("NFC", "NFD"))


@pytest.mark.parametrize(("here", "listed"), [(NFD, NFC), (NFC, NFD)])
def test_names_of_one_look_match(folder, shown, here, listed):
    root = folder(here, captions__txt=f"image,caption\n{listed},a cup of coffee\n")
    dataset = read_dataset(root)
    assert shown(dataset) == {here: ("a cup of coffee",)}
    assert dataset.notes == ["captions.txt: 1 of 1 images have captions, 1 in all"]
    assert shown(read_dataset(root / "captions.txt")) == shown(dataset)


def test_folders_of_one_look_match_too(folder, shown):
    inside = f"{unicodedata.normalize('NFD', 'Müll')}/a.png"
    root = folder(inside, metadata__csv="file_name,text\nMüll/a.png,bins\n")
    assert shown(read_dataset(root)) == {inside: ("bins",)}


def test_where_two_match_the_exact_one_wins(folder, shown):
    root = folder(NFC, NFD, "a.jpg", "A.jpg", captions__txt=(
        f"image,caption\n{NFD},apart\n{NFC},in one\na.jpg,small\nA.jpg,large\na.JPG,neither\n"
    ))  # fmt: skip
    if len(os.listdir(root)) < 5:
        pytest.skip("this file system takes such names for one")
    dataset = read_dataset(root)
    assert shown(dataset) == {NFD: ("apart",), NFC: ("in one",), "a.jpg": ("small",), "A.jpg": ("large",)}
    assert dataset.notes[-1] == (
        "Files that captions.txt names and that are there in other letter case only, with others that are as "
        "near, left out (1): a.JPG"
    )


def test_another_letter_case_is_found_and_told(folder, shown):
    root = folder("a.jpg", "Images/b.PNG", captions__txt="image,caption\nA.JPG,one\nimages/b.png,two\n")
    dataset = read_dataset(root)
    assert shown(dataset) == {"a.jpg": ("one",), "Images/b.PNG": ("two",)}
    assert dataset.notes[-1] == (
        "Images found under another letter case (2): A.JPG is a.jpg, images/b.png is Images/b.PNG"
    )


@pytest.mark.parametrize("names", [("a.jpg", "A.JPG"), ("A.JPG", "A.jpg")])
def test_another_letter_case_is_left_out_where_the_file_may_be_anothers(folder, shown, names):
    rows = "".join(f"{name},{name}\n" for name in names)
    dataset = read_dataset(folder("a.jpg", captions__txt=f"image,caption\n{rows}"))
    assert shown(dataset) == {"a.jpg": ("a.jpg",) if "a.jpg" in names else ()}
    assert f"left out ({len(set(names) - {'a.jpg'})}): A.JPG" in dataset.notes[-1]


def test_folders_divided_as_windows_does(folder, shown):
    root = folder("sub/a.jpg", captions__txt="image,caption\nsub\\a.jpg,words\n..\\..\\b.jpg,up\n")
    dataset = read_dataset(root)
    assert shown(dataset) == {"sub/a.jpg": ("words",)}
    assert dataset.notes[-1].endswith("outside of the folder, refused (1): ..\\..\\b.jpg")


def test_a_folder_that_may_be_entered_and_not_listed(folder, shown):
    root = folder("closed/a.jpg", "b.jpg", captions__txt="image,caption\nclosed/a.jpg,words\n")
    (root / "closed").chmod(0o111)
    try:
        if os.access(root / "closed", os.R_OK):
            pytest.skip("root may list all folders")
        assert shown(read_dataset(root))["closed/a.jpg"] == ("words",)
    finally:
        (root / "closed").chmod(0o755)


def test_names_that_are_not_utf8_never_crash(folder, shown, tmp_path):
    odd = os.fsdecode(b"caf\xe9")
    root = folder("a.jpg", captions__txt="image,caption\na.jpg,words\n")
    try:
        (root / f"{odd}.jpg").write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    (root / f"{odd}.csv").write_text("image,caption\na.jpg,other\n")
    (root / odd).mkdir()
    (root / odd / "b.jpg").write_bytes(b"x")
    (root / odd / "captions.txt").write_text("image,caption\nb.jpg,x\n")
    dataset = read_dataset(root)
    assert shown(dataset) == {"a.jpg": ("words",)}
    assert "Names that are not UTF-8, left out (2)" in "\n".join(dataset.notes)
    for line in dataset.notes:
        line.encode()
    # Such a name can be written in JSON; it is not there, as it cannot be kept.
    (root / "captions.txt").write_text("image,caption\na.jpg,words\n")
    (root / "metadata.jsonl").write_text('{"file_name": "caf\\udce9.jpg", "text": "x"}\n')
    assert shown(read_dataset(root / "metadata.jsonl")) == {"a.jpg": ()}
    for place in (root / f"{odd}.jpg", root / odd, root / odd / "captions.txt"):
        with pytest.raises(
            LscError, match=r"caf\\udce9.*: a name that is not UTF-8 cannot be kept; rename it"
        ):
            read_dataset(place)
    with pytest.raises(LscError, match=r"No such file or folder: none\\udce9"):
        read_dataset(tmp_path.__class__(os.fsdecode(b"none\xe9")))


def test_control_characters_in_names_stay_on_their_line(folder, tmp_path):
    root = folder("a\nb.jpg", "c\x1b[2J.jpg", **{"captions__txt": "image,caption\nx\x1b[31m.jpg,x\n"})
    text = "\n".join(read_dataset(root).notes)
    assert "a\\x0ab.jpg" in text or "a\\nb.jpg" in text
    assert "\x1b" not in text
    bad = tmp_path / "bad\n\x1b[2J"
    bad.mkdir()
    (bad / "captions.txt").write_text("no header\n")
    (bad / "no.txt").write_text("x")
    for place in (bad, bad / "captions.txt", bad / "none", bad / "no.txt"):
        with pytest.raises(LscError) as caught:
            read_dataset(place)
        assert str(caught.value).isprintable()


def test_plain_and_note():
    assert plain("a b\u00fc\u72ac") == "a b\u00fc\u72ac"
    assert plain("a\nb\x1b\u202e\udce9") == "a\\nb\\x1b\\u202e\\udce9"
    assert note("Left out", []) == []
    assert note("Left out", ["a", "b\n", "c", "d"]) == ["Left out (4): a, b\\n, c, …"]
    assert note("Left out", ["n" * 100]) == [f"Left out (1): {'n' * 59}…"]


def test_natural_order():
    assert sorted(["b10", "b2", "A1"], key=natural) == ["A1", "b2", "b10"]
