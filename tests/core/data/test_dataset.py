import os
import subprocess
import sys

import pytest

from lsccli.core.data.dataset import read_dataset
from lsccli.core.errors import LscError


def test_a_folder_is_searched_in_natural_order(folder, shown):
    root = folder("b10.png", "b2.JPG", "a.webp", "deep/er/c.gif", "x.bmp", "y.tiff", "z.jpeg", "notes.txt")
    folder(".hidden.png", ".git/d.png", "__MACOSX/e.png", "deep/.thumb/f.png")
    (root / "folder.png").mkdir()
    dataset = read_dataset(root)
    assert list(shown(dataset)) == [
        "a.webp",
        "b2.JPG",
        "b10.png",
        "deep/er/c.gif",
        "x.bmp",
        "y.tiff",
        "z.jpeg",
    ]
    assert dataset.root == root
    assert dataset.notes == []
    assert set(shown(dataset).values()) == {()}


def test_one_image(folder, monkeypatch, shown):
    root = folder("a.png", "b.png")
    monkeypatch.chdir(root)
    dataset = read_dataset(root.__class__("b.png"))
    assert shown(dataset) == {"b.png": ()}
    assert dataset.root == root


def test_flickr8k_captions_with_commas_quoted_or_not(folder, shown):
    text = (
        "image,caption\n"
        "a.jpg,A dog , a cat and a bird .\n"
        'a.jpg,"A dog, quoted ."\n'
        'a.jpg,"He says ""sit"", twice"\n'
        'a.jpg,The "big" one, unquoted\n'
        'a.jpg,"Stop" sign, red\n'
        "\n"
        '"b,1.jpg",  A  man\ton a bike \n'
        'b2.jpg,"over\ntwo lines"\n'
        "b2.jpg,\n"
    )
    root = folder("a.jpg", "b,1.jpg", "Images/b2.jpg", "Images/c.jpg", captions__txt=text)
    dataset = read_dataset(root)
    assert shown(dataset) == {
        "a.jpg": (
            "A dog , a cat and a bird .",
            "A dog, quoted .",
            'He says "sit", twice',
            'The "big" one, unquoted',
            '"Stop" sign, red',
        ),
        "b,1.jpg": ("A man on a bike",),
        "Images/b2.jpg": ("over two lines",),
        "Images/c.jpg": (),
    }
    assert dataset.notes == [
        "captions.txt: 3 of 4 images have captions, 7 in all",
        "Images without a caption (1): Images/c.jpg",
        "Empty captions in captions.txt, left out: 1",
    ]
    assert read_dataset(root / "captions.txt") == dataset


@pytest.mark.parametrize(
    "text", [b"\xef\xbb\xbfImage,Caption\r\na.jpg,Ein Haus \xc3\xbc\r\n", "image,caption\na.jpg,Ein Haus ü"]
)
def test_windows_files(folder, text, shown):
    assert shown(read_dataset(folder("a.jpg", captions__txt=text))) == {"a.jpg": ("Ein Haus ü",)}


@pytest.mark.parametrize("below", ["", "Images/", "Flicker8k_Dataset/"])
def test_flickr8k_token(folder, below, shown):
    root = folder(f"{below}a.jpg", f"{below}b.jpg")
    (root / "Flickr8k.token.txt").write_text(
        "a.jpg#0\tA dog, running .\na.jpg#1\tA\tcat #3 .\nb.jpg#0\tx\nb.jpg.1#0\ty\n"
    )
    dataset = read_dataset(root)
    assert list(shown(dataset).values()) == [("A dog, running .", "A cat #3 ."), ("x",)]
    assert dataset.notes[1:] == [
        "Files that Flickr8k.token.txt names and that are not there, left out (1): b.jpg.1"
    ]
    (root / "Flickr8k.token.txt").write_text("a.jpg#0\tA dog\nno tab here\n")
    with pytest.raises(LscError, match=r"Flickr8k\.token\.txt, line 2: expected 'image#number'"):
        read_dataset(root)


def test_a_caption_file_elsewhere(folder, tmp_path, shown):
    root = folder("a.jpg")
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "Flickr8k.token.txt").write_text("a.jpg#0\tA dog\n")
    assert shown(read_dataset(tmp_path / "text" / "Flickr8k.token.txt", root)) == {"a.jpg": ("A dog",)}
    assert shown(read_dataset(tmp_path / "text", root)) == {"a.jpg": ("A dog",)}
    assert "Caption files further down, not read (1): text/Flickr8k.token.txt" in read_dataset(tmp_path).notes


def test_names_of_missing_files_and_of_paths_outside_are_refused_and_told(folder, tmp_path, shown):
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"x")
    inside = tmp_path / "data" / "a.jpg"
    text = (
        f"image,caption\na.jpg,fine\nsub/../b.jpg,fine too\n../secret.jpg,up\n{secret},absolute\n"
        f"{inside},absolute too\nlink.jpg,link\nout/secret.jpg,by folder\n"
        "sub/../../secret.jpg,round about\nnone1.jpg,x\nnone1.jpg,y\nnone2.jpg,x\n"
        "none3.jpg,x\nnone4.jpg,x\nnotes.txt,words\nsub,folder\nbad\0name.jpg,x\n"
        + "n" * 5000
        + ".jpg,too long\n"
    )
    root = folder("a.jpg", "b.jpg", "notes.txt", "sub/c.jpg", "Images/d.jpg", captions__txt=text)
    (root / "link.jpg").symlink_to(secret)
    (root / "out").symlink_to(tmp_path)
    (root / "broken.jpg").symlink_to(root / "nothing")
    (root / "loop.jpg").symlink_to(root / "loop.jpg")
    (root / "inside.jpg").symlink_to(root / "a.jpg")
    dataset = read_dataset(root)
    assert shown(dataset) == {
        "a.jpg": ("fine",),
        "b.jpg": ("fine too",),
        "Images/d.jpg": (),
        "inside.jpg": (),
        "sub/c.jpg": (),
    }
    notes = "\n".join(dataset.notes)
    assert "captions.txt: 2 of 5 images have captions, 2 in all" in notes
    assert "not there, left out (7): none1.jpg, none2.jpg, none3.jpg, …" in notes
    assert f"outside of the folder, refused (6): ../secret.jpg, {secret}"[:60] in notes
    assert "no images, left out (1): notes.txt" in notes
    assert "Links that lead out of the folder or nowhere, left out (4):" in notes


def test_a_caption_file_that_is_a_link_out_of_the_folder_is_refused(folder, tmp_path, shown):
    root = folder("a.jpg")
    (tmp_path / "elsewhere.txt").write_text("image,caption\na.jpg,words\n")
    (root / "captions.txt").symlink_to(tmp_path / "elsewhere.txt")
    with pytest.raises(LscError, match="leads out of the folder"):
        read_dataset(root)
    assert shown(read_dataset(tmp_path / "elsewhere.txt", root)) == {"a.jpg": ("words",)}


def test_captions_cannot_give_orders_to_a_terminal(folder, shown):
    root = folder("a.jpg", captions__txt="image,caption\na.jpg,red \x1b[31m dog\x07\nx\x1b[2J.jpg,x\n")
    dataset = read_dataset(root)
    assert shown(dataset) == {"a.jpg": ("red [31m dog",)}
    assert "x\\x1b[2J.jpg" in dataset.notes[-1]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("captions.txt", "", "line 1: expected the header 'image,caption', found ''"),
        ("captions.txt", "file;words\na.jpg;x\n", "line 1: expected the header"),
        ("captions.txt", "image,caption\na.jpg,x\n\na.jpg no comma\n", "line 4: expected 'image,caption'"),
        ("captions.txt", "image,caption\n,words\n", "line 2: expected 'image,caption'"),
        (
            "captions.txt",
            'image,caption\na.jpg,ok\na.jpg,"open\na.jpg,"x"\n',
            "line 3: a quotation mark is opened",
        ),
        (
            "captions.txt",
            'image,caption\na.jpg,"open\nb.jpg,a pipe of 5"\n',
            "line 2: a quotation mark is opened",
        ),
        ("captions.txt", 'image,caption\na.jpg,"open\nto the end', "line 2: a quotation mark is opened"),
        ("captions.txt", b"image,caption\na.jpg,ok\na.jpg,\xff\xfe\n", "line 3: not UTF-8"),
        ("captions.txt", "image,caption\n".encode("utf-16"), "line 1: not UTF-8"),
        ("metadata.csv", "file_name,label\na.jpg,1\n", "line 1: needs file_name and one of caption"),
        ("metadata.csv", "", "line 1: needs file_name"),
        ("metadata.csv", "file_name,text\na.jpg,one,two\n", "line 2: 3 fields under 2 columns"),
        ("metadata.csv", 'file_name,text\na.jpg,"open\n', "line 2: no CSV"),
        ("metadata.jsonl", '{"file_name": "a.jpg", "text": "x"}\n{"file_name": \n', "line 2: no JSON"),
        ("metadata.jsonl", "[1]\n", "line 1: expected an object"),
        ("metadata.jsonl", '{"text": "x"}\n', "line 1: needs file_name"),
        ("metadata.jsonl", '{"file_name": 3, "text": "x"}\n', "line 1: file_name and text must be text"),
        (
            "metadata.jsonl",
            '{"file_name": "a.jpg", "text": [{"raw": "x"}]}\n',
            "line 1: file_name and text must be",
        ),
        ("metadata.jsonl", "[" * 100_000, "line 1: no JSON"),
        ("metadata.parquet", "PAR1 not really", "no Parquet file"),
    ],
)
def test_malformed_files_are_one_line_with_file_and_line(folder, name, text, message):
    root = folder("a.jpg", **{name.replace(".", "__"): text})
    with pytest.raises(LscError) as caught:
        read_dataset(root)
    assert f"{root / name}" in str(caught.value)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_hugging_face_csv_and_jsonl(folder, shown):
    rows = 'file_name,label,text\na.jpg,1,"A dog, running"\nsub/b.jpg,2,"[""one"", ""two""]"\n'
    root = folder("a.jpg", "sub/b.jpg", metadata__csv=rows)
    expected = {"a.jpg": ("A dog, running",), "sub/b.jpg": ("one", "two")}
    assert shown(read_dataset(root)) == expected
    (root / "metadata.jsonl").write_text(
        '{"file_name": "a.jpg", "caption": "Only \\ud800 this", "text": "not"}\n\n'
        '{"caption": ["one", "two"], "file_name": "sub/b.jpg"}\n{"caption": null, "file_name": "a.jpg"}\n'
    )
    dataset = read_dataset(root)
    assert shown(dataset) == expected
    assert dataset.notes[-1] == "Caption files not read, as metadata.csv counts (1): metadata.jsonl"
    assert shown(read_dataset(root / "metadata.jsonl")) == {
        "a.jpg": ("Only ? this",),
        "sub/b.jpg": ("one", "two"),
    }


def test_hugging_face_parquet(folder, monkeypatch, shown):
    import pyarrow
    from pyarrow import parquet

    root = folder("a.jpg", "b.jpg")
    table = pyarrow.table({"file_name": ["a.jpg", "b.jpg"], "captions": [["one", "two"], None], "n": [1, 2]})
    parquet.write_table(table, root / "metadata.parquet")
    assert shown(read_dataset(root)) == {"a.jpg": ("one", "two"), "b.jpg": ()}
    parquet.write_table(table.drop(["captions"]), root / "metadata.parquet")
    with pytest.raises(LscError, match="it has: 'file_name, n'"):
        read_dataset(root)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(LscError, match="needs the package pyarrow: pip install pyarrow"):
        read_dataset(root)


def test_what_is_no_data(folder, tmp_path, shown):
    root = folder("notes.md")
    with pytest.raises(LscError, match=r"No such file or folder: .*none"):
        read_dataset(tmp_path / "none")
    with pytest.raises(LscError, match=r"No images in .*data: give an image, or a folder with some \(jpg, "):
        read_dataset(root)
    with pytest.raises(LscError, match=r"notes\.md is no image"):
        read_dataset(root / "notes.md")
    with pytest.raises(LscError, match="--images belongs to a file of captions"):
        read_dataset(root, root)
    (root / "captions.txt").write_text("image,caption\ngone.jpg,x\n")
    with pytest.raises(LscError, match=r"No images in .*left out \(1\): gone\.jpg"):
        read_dataset(root)
    os.mkfifo(root / "pipe.jpg")
    with pytest.raises(LscError, match="is no image"):
        read_dataset(root / "pipe.jpg")
    folder("a.jpg")
    assert list(shown(read_dataset(root))) == ["a.jpg"]


def test_names_that_are_not_utf8_are_left_out(folder, shown):
    root = folder("a.jpg")
    try:
        (root / os.fsdecode(b"caf\xe9.jpg")).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    dataset = read_dataset(root)
    assert list(shown(dataset)) == ["a.jpg"]
    assert dataset.notes == ["Names that are not UTF-8, left out (1): caf\\udce9.jpg"]


def test_import_is_light():
    code = (
        "import sys, lsccli.core.data.dataset\n"
        "sys.exit(any(name in sys.modules for name in ('torch', 'PIL', 'numpy', 'pyarrow')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
