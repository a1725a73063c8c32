"""COCO's captions, with ids of two types, and Karpathy's."""

import json

import pytest

from lsccli.core.data.dataset import folder_of, read_dataset
from lsccli.core.errors import LscError

COCO = {
    "images": [
        {"id": 10, "file_name": "10.jpg"},
        {"id": 2, "file_name": "2.jpg"},
        {"id": 3, "file_name": "gone.jpg"},
        {"id": 4, "file_name": "../up.jpg"},
        {"id": 5, "file_name": "5.jpg"},
    ],
    "annotations": [
        {"image_id": 2, "id": 1, "caption": "A dog.\n"},
        {"image_id": 10, "id": 2, "caption": "A man, a plan"},
        {"image_id": 2, "id": 3, "caption": "A cat"},
        {"image_id": 3, "id": 4, "caption": "x"},
        {"image_id": 99, "id": 5, "caption": "x"},
    ],
}


def test_coco(folder, tmp_path, shown):
    root = folder("2.jpg", "10.jpg", "5.jpg", "not listed.jpg")
    (tmp_path / "up.jpg").write_bytes(b"x")
    file = tmp_path / "captions_val2017.json"
    file.write_text(json.dumps(COCO))
    dataset = read_dataset(file, root)
    assert shown(dataset) == {"2.jpg": ("A dog.", "A cat"), "5.jpg": (), "10.jpg": ("A man, a plan",)}
    assert dataset.root == root
    notes = "\n".join(dataset.notes)
    assert "captions_val2017.json: 2 of 3 images have captions, 3 in all" in notes
    assert "Images without a caption (1): 5.jpg" in notes
    assert "not there, left out (1): gone.jpg" in notes
    assert "Images that captions_val2017.json has captions of and does not list, left out (1): id 99" in notes
    assert "outside of the folder, refused (1): ../up.jpg" in notes
    with pytest.raises(LscError, match="--images DIR"):
        read_dataset(file)
    with pytest.raises(LscError, match="--images must be a folder"):
        read_dataset(file, file)
    with pytest.raises(LscError, match="No such file or folder"):
        read_dataset(file, root / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(LscError, match=r"No images in .*empty that captions_val2017\.json names"):
        read_dataset(file, tmp_path / "empty")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"images": [],\n "annotations": [}', "line 2: no JSON"),
        ("[" * 100_000, "no JSON that can be read"),
        ("[]", "the lists 'images' and 'annotations'"),
        ('{"images": {}, "annotations": []}', "the lists 'images' and 'annotations'"),
        ('{"images": [], "annotations": [{"image_id": 1, "bbox": []}]}', "annotation 1 lacks"),
        (
            '{"images": [], "annotations": [{"image_id": [1], "caption": "x"}]}',
            "annotation 1: its 'image_id'",
        ),
        ('{"images": [], "annotations": [{"image_id": 1.5, "caption": "x"}]}', "not '1.5'"),
        ('{"images": [], "annotations": [{"image_id": NaN, "caption": "x"}]}', "not 'nan'"),
        ('{"images": [], "annotations": [{"image_id": true, "caption": "x"}]}', "not 'True'"),
        ('{"images": [], "annotations": [{"caption": "x"}]}', "annotation 1 lacks 'image_id'"),
        ('{"images": [], "annotations": [{"image_id": 1, "caption": 2}]}', "'caption' must be text, not '2'"),
        (
            '{"images": [{"id": 1, "file_name": "a"}, {"id": "1", "file_name": "b"}], "annotations": []}',
            "image 2 ('b') has the id '1', which 'a' has already",
        ),
        ('{"images": ["a.jpg"], "annotations": []}', "image 1 lacks"),
    ],
)
def test_malformed_coco(folder, tmp_path, text, message):
    (tmp_path / "c.json").write_text(text)
    with pytest.raises(LscError) as caught:
        read_dataset(tmp_path / "c.json", folder("a.jpg"))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


KARPATHY = {
    "dataset": "flickr8k",
    "images": [
        {"sentids": [0, 1], "imgid": 0, "split": "train", "filename": "a.jpg",
         "sentences": [{"tokens": ["a", "dog"], "raw": "A dog .", "sentid": 0}, {"raw": "One dog ."}]},
        {"imgid": 1, "split": "test", "filename": "b.jpg", "filepath": "val2014",
         "sentences": [{"raw": "A cat, a mat ."}]},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("listed", "given"),
    [
        (1, "1"),
        ("1", 1),
        (1.0, 1.0),
        (1, 1.0),
        (1.0, 1),
        ("1.0", 1),
        (139, "000000000139"),
        (" 1 ", 1),
        (0, "00"),
    ],
)
def test_coco_ids_of_two_types_are_matched(folder, shown, listed, given):
    content = {
        "images": [{"id": listed, "file_name": "a.png"}, {"id": 7, "file_name": "b.png"}],
        "annotations": [{"id": 1, "image_id": given, "caption": "a dog"}],
    }
    root = folder("a.png", "b.png", c__json=json.dumps(content))
    assert shown(read_dataset(root / "c.json", root)) == {"a.png": ("a dog",), "b.png": ()}


def test_coco_ids_that_differ_in_zeros_alone_stay_apart(folder, shown):
    content = {
        "images": [{"id": "01", "file_name": "a.png"}, {"id": "1", "file_name": "b.png"}],
        "annotations": [{"image_id": "01", "caption": "x"}, {"image_id": 1, "caption": "y"},
                        {"image_id": "001", "caption": "z"}],
    }  # fmt: skip
    root = folder("a.png", "b.png", c__json=json.dumps(content))
    dataset = read_dataset(root / "c.json", root)
    assert shown(dataset) == {"a.png": ("x",), "b.png": ("y",)}
    assert dataset.notes[-1].endswith("has captions of and does not list, left out (1): id 001")


def test_karpathys_json_with_its_folders_or_without(folder, shown):
    text = json.dumps(KARPATHY)
    expected = ("A dog .", "One dog ."), ("A cat, a mat .",)
    flat = folder("a.jpg", "b.jpg", "c.jpg", dataset_flickr8k__json=text)
    assert shown(read_dataset(flat)) == {"a.jpg": expected[0], "b.jpg": expected[1], "c.jpg": ()}
    named = flat / "dataset_flickr8k.json"
    assert shown(read_dataset(named)) == {"a.jpg": expected[0], "b.jpg": expected[1]}
    assert folder_of(named) == flat
    (flat / "val2014").mkdir()
    (flat / "b.jpg").rename(flat / "val2014" / "b.jpg")
    assert shown(read_dataset(named)) == {"a.jpg": expected[0], "val2014/b.jpg": expected[1]}


@pytest.mark.parametrize(
    ("image", "message"),
    [
        ({"sentences": [{"raw": "x"}]}, "image 2 lacks 'filename'"),
        ({"filename": "b.jpg"}, "image 2 lacks a list of 'sentences'"),
        ({"filename": "b.jpg", "sentences": [{"tokens": []}]}, "a sentence of image 2 lacks 'raw'"),
        ({"filename": 3, "sentences": []}, "image 2: its 'filename' must be text"),
        ("b.jpg", "image 2 lacks 'filename'"),
    ],
)
def test_malformed_karpathy(folder, image, message):
    text = json.dumps({"images": [KARPATHY["images"][0], image]})
    with pytest.raises(LscError, match=message):
        read_dataset(folder("a.jpg", dataset_flickr8k__json=text))


def refused(folder, name, text):
    """The one line that says what is wrong with a file of captions in a folder of two images."""
    root = folder("a.jpg", "b.jpg", **{name: text})
    with pytest.raises(LscError) as caught:
        read_dataset(root / name.replace("__", "."), root)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{root / name.replace('__', '.')}, line ")
    return str(caught.value).partition(", ")[2]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("c__json", '{"images": [],\n "annotations": [],\n "images": []}', "line 3: 'images' stands twice"),
        (
            "c__json",
            '{"images": [{"id": 1,\n"x": {"id": 5, "y": [{"id": "}{,\\""}]},\n"file_name": "a.jpg",\n'
            '"id": 2}], "annotations": []}',
            "line 4: 'id' stands twice in one object",
        ),
        (
            "c__json",
            '{"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [\n'
            '{"image_id": 1, "caption": "A dog",\n "\\u0063aption": "A cat"}]}',
            "line 3: 'caption' stands twice",
        ),
        (
            "m__jsonl",
            '{"file_name": "a.jpg", "text": "x"}\n{"file_name": "b.jpg", "text": "x", "text": "y"}\n',
            "line 2: 'text' stands twice",
        ),
        (
            "c__json",
            '{"images": [{"id": 1, "file_name": "a.jpg"},\n{"id": 2, "file_name": "b.jpg"},\n'
            '{"id": 1.0, "file_name": "b.jpg"}], "annotations": []}',
            "line 3: image 3 ('b.jpg') has the id '1', which 'a.jpg' has already",
        ),
        (
            "c__json",
            '{"annotations": [{"id": 7, "image_id": 1, "caption": "A dog"},\n'
            '{"id": 8, "image_id": 1, "caption": "A dog"},\n{"id": 7, "image_id": 1, "caption": "A cat"}],'
            '"images": [{"id": 1, "file_name": "a.jpg"}]}',
            "line 3: annotation 3 has the id '7', which annotation 1 has already, and says something else",
        ),
        (
            "c__json",
            '{"images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"}],'
            '"annotations": [\n{"id": 7, "image_id": 1, "caption": "A dog"},\n'
            '{"id": "7", "image_id": 2, "caption": "A dog"}]}',
            "line 3: annotation 2 has the id '7'",
        ),
        (
            "k__json",
            '{"images": [{"filename": "a.jpg", "sentences": [{"raw": "x"}]},\n'
            '{"filename": "a.jpg", "sentences": [{"raw": "y"}]}]}',
            "line 2: image 2 ('a.jpg') was there before, with other sentences",
        ),
    ],
)
def test_one_key_with_two_contents_is_refused(folder, name, text, told):
    assert refused(folder, name, text).startswith(told)


def test_what_is_there_twice_as_it_was_counts_once(folder, shown):
    coco = {
        "images": [{"id": 1, "file_name": "a.jpg"}, {"id": "1", "file_name": "a.jpg"}],
        "annotations": [
            {"id": 5, "image_id": 1, "caption": "A dog"},
            {"id": 5, "image_id": "1", "caption": "A dog"},
            {"id": 6, "image_id": 1, "caption": "A dog"},
            {"image_id": 1, "caption": "A cat"},
            {"image_id": 1, "caption": "A cat"},
        ],
    }
    root = folder("a.jpg", c__json=json.dumps(coco))
    assert shown(read_dataset(root / "c.json", root)) == {"a.jpg": ("A dog", "A dog", "A cat", "A cat")}
    one = {"filename": "a.jpg", "sentences": [{"raw": "x"}]}
    root = folder("a.jpg", k__json=json.dumps({"images": [one, one]}))
    assert shown(read_dataset(root / "k.json")) == {"a.jpg": ("x",)}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "metadata__csv",
            "file_name,caption,caption\na.jpg,x,y\n",
            "line 1: two columns are called 'caption'",
        ),
        ("metadata__csv", "file_name,text,file_name\na.jpg,x,b.jpg\n", "line 1: two columns are called"),
        ("captions__txt", "image,caption,caption\na.jpg,x,y\n", "line 1: two columns are called 'caption'"),
        ("captions__txt", "image,image,caption\na.jpg,b.jpg,y\n", "line 1: two columns are called 'image'"),
        (
            "results__csv",
            "image_name| comment| comment\na.jpg| x| y\n",
            "line 1: two columns are called 'comment'",
        ),
    ],
)
def test_a_column_that_is_there_twice_is_refused(folder, name, text, told):
    assert refused(folder, name, text).startswith(told)


def test_columns_without_a_name_may_be_several(folder, shown):
    root = folder("a.jpg", metadata__csv=",,file_name,caption\n0,1,a.jpg,A dog\n")
    assert shown(read_dataset(root)) == {"a.jpg": ("A dog",)}
