"""Caption files as people have them: each form by its content, and lists apart."""

import json

import pytest

from lsccli.core.data.dataset import read_dataset
from lsccli.core.errors import LscError


@pytest.mark.parametrize(
    ("field", "captions"),
    [
        ("['A child', \"Two people\"]", ("A child", "Two people")),
        ("""["A man's dog .", 'He says "sit" .']""", ("A man's dog .", 'He says "sit" .')),
        (r"['It\'s red', 'caf\xe9', 'a\nb']", ("It's red", "café", "a b")),
        ('["One", "Two \\u00fc"]', ("One", "Two ü")),
        ('["One", null]', ("One",)),
        ("['one, two']", ("one, two",)),
        ("['a' 'b'\n 'c']", ("a", "b", "c")),  # as NumPy writes an array
        ("('a', 'b')", ("a", "b")),
        ("{'a', 'b'}", ("a", "b")),
        (" ['a', 'b',] ", ("a", "b")),
        ("[]", ()),
        ("[a dog] on a mat", ("[a dog] on a mat",)),
        ("[1]", ("[1]",)),
        ("'quoted' dog", ("'quoted' dog",)),
        ("('so', he says) a dog", ("('so', he says) a dog",)),
    ],
)
def test_a_list_is_read_caption_by_caption_in_every_form(folder, shown, field, captions):
    quoted = '"' + field.replace('"', '""') + '"'
    expected = {"a.jpg": captions}
    root = folder("a.jpg", metadata__csv=f"file_name,captions\na.jpg,{quoted}\n")
    assert shown(read_dataset(root)) == expected
    (root / "metadata.csv").unlink()
    (root / "captions.txt").write_text(f"image,caption\na.jpg,{quoted}\n")
    assert shown(read_dataset(root)) == expected
    (root / "captions.txt").unlink()
    (root / "metadata.jsonl").write_text(json.dumps({"file_name": "a.jpg", "captions": field}))
    assert shown(read_dataset(root)) == expected
    coco = {"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [{"image_id": 1, "caption": field}]}
    (root / "c.json").write_text(json.dumps(coco))
    assert shown(read_dataset(root / "c.json", root)) == expected
    if "\n" not in field:
        (root / "t.token").write_text(f"a.jpg#0\t{field}\n")
        assert shown(read_dataset(root / "t.token")) == expected


@pytest.mark.parametrize(
    "field",
    ["['a', 'b'", "['a', b]", "['a' + 'b']", "['a', nan]", '[{"raw": "x"}]', '["a", 1]', "[['a'], ['b']]",
     "array(['a', 'b'], dtype=object)", "['a', '\\x']", "['a', ...]"],
)  # fmt: skip
def test_what_looks_like_a_list_and_is_none_is_an_error_with_its_line(folder, field):
    quoted = '"' + field.replace('"', '""') + '"'
    root = folder("a.jpg", metadata__csv=f"file_name,captions\na.jpg,fine\na.jpg,{quoted}\n")
    with pytest.raises(LscError, match=r"metadata\.csv, line 3: looks like a list of captions and is none"):
        read_dataset(root)


TABLES = {
    "results_20130124.token": "a.jpg#0\tA dog , running .\na.jpg#1\tOne dog .\n",
    "results.csv": "image_name| comment_number| comment\na.jpg| 0| A dog , running .\na.jpg| 1   One dog .\n",
    "captions.txt": "image_name,comment_number,comment\na.jpg,0, A dog , running .\na.jpg,1,One dog .\n",
    "kaggle.csv": ',image,caption\n0,a.jpg,"A dog , running ."\n1,a.jpg,One dog .\n',
    "last.csv": 'image,caption,split\na.jpg,"A dog , running .",test\na.jpg,One dog .,test\n',
    "tab.tsv": "filename\tcaption\na.jpg\tA dog , running .\na.jpg\tOne dog .\n",
    "any.jsonl": '{"image": "a.jpg", "caption": ["A dog , running .", "One dog ."]}\n',
    "dataset_flickr8k.json": json.dumps(
        {"images": [{"filename": "a.jpg", "split": "test",
                     "sentences": [{"raw": "A dog , running ."}, {"raw": "One dog ."}]}]}
    ),
    "captions_val.json": json.dumps(
        {"images": [{"id": 1, "file_name": "a.jpg"}],
         "annotations": [{"image_id": 1, "caption": "A dog , running ."},
                         {"image_id": 1, "caption": "One dog ."}]}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_each_form_is_told_by_its_content_in_a_folder_and_when_named(folder, shown, name):
    root = folder("a.jpg", "b.jpg")
    (root / name).write_text(TABLES[name])
    expected = ("A dog , running .", "One dog .")
    assert shown(read_dataset(root)) == {"a.jpg": expected, "b.jpg": ()}
    assert read_dataset(root).notes[0] == f"{name}: 1 of 2 images have captions, 2 in all"
    named = read_dataset(root / name, root)
    assert shown(named)["a.jpg"] == expected
    # Under another name, and deeper down.
    other = root / f"words{(root / name).suffix}"
    (root / name).rename(other)
    assert shown(read_dataset(root))["a.jpg"] == expected
    (root / "deep").mkdir()
    other.rename(root / "deep" / other.name)
    assert f"Caption files further down, not read (1): deep/{other.name}" in read_dataset(root).notes


def test_several_files_of_captions(folder, shown):
    root = folder("a.jpg")
    for name in ("results_20130124.token", "kaggle.csv"):
        (root / name).write_text(TABLES[name])
    assert read_dataset(root).notes[-1] == (
        "Caption files not read, as results_20130124.token counts (1): kaggle.csv"
    )
    (root / "results_20130124.token").rename(root / "other.token")
    dataset = read_dataset(root)
    assert shown(dataset) == {"a.jpg": ()}
    assert dataset.notes == [
        "Caption files not read, as there are several; give the one that counts (2): kaggle.csv, other.token"
    ]
    (root / "captions.txt").write_text("image,caption\na.jpg,words\n")
    assert shown(read_dataset(root)) == {"a.jpg": ("words",)}


def test_a_file_that_looks_like_captions_is_named(folder):
    root = folder("a.jpg", "a.txt", "results.csv", "my.token", "captions_old.csv", "config.json", "notes.txt")
    assert read_dataset(root).notes == [
        "Files that look like captions, of no form that is known (3): captions_old.csv, my.token, results.csv"
    ]


def test_a_table_with_a_quotation_that_is_never_closed(folder):
    root = folder("a.jpg", kaggle__csv=',image,caption\n0,a.jpg,"open\n1,b.jpg,"x"\n')
    with pytest.raises(LscError, match=r"kaggle\.csv, line 2: a quotation mark is opened"):
        read_dataset(root)
    (root / "kaggle.csv").write_text(',image,caption\n0,a.jpg,"over\ntwo lines"\n1 and no more\n')
    with pytest.raises(LscError, match=r"line 4: expected ',image,caption', found '1 and no more'"):
        read_dataset(root)
