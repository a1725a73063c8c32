"""Mutated pictures and caption files by the thousand: each is read, or refused in one line."""

import json
import random

import numpy as np
import pytest
from PIL import Image

from lsccli.core.data import pictures
from lsccli.core.data.dataset import read_dataset
from lsccli.core.data.pictures import PictureError, decode
from lsccli.core.errors import LscError
from tests.core.data.made import FORMATS, saved, scene


@pytest.mark.parametrize("kind", FORMATS)
def test_a_truncated_file_is_refused(kind):
    content = saved(scene(), kind)
    whole = np.asarray(decode(content))
    refused = 0
    for length in range(len(content)):
        try:
            assert np.array_equal(decode(content[:length]), whole), length
        except PictureError:
            refused += 1
    assert refused > 0.9 * len(content)


def mutated(content, generator):
    """A copy with bytes changed, taken out, doubled or cut off, or numbers set to extremes."""
    body = bytearray(content)
    for _ in range(generator.choice((1, 1, 2, 4, 16))):
        at = generator.randrange(min(len(body), generator.choice((64, len(body)))))
        way = generator.randrange(6)
        if way == 0:
            body[at] = generator.randrange(256)
        elif way == 1:
            body[at] ^= 1 << generator.randrange(8)
        elif way == 2:
            body[at : at + 4] = generator.choice((b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff"))
        elif way == 3:
            del body[at : at + generator.randint(1, 8)]
        elif way == 4:
            body[at:at] = body[at : at + generator.randint(1, 32)]
        else:
            del body[max(8, at) :]
        if not body:
            break
    return bytes(body)


VARIANTS = {
    "JPEG": [{}, {"progressive": True}, {"mode": "CMYK"}, {"mode": "L"}],
    "PNG": [{}, {"mode": "P"}, {"mode": "LA"}, {"mode": "1"}, {"mode": "I;16"}],
    "WEBP": [{}, {"lossless": True}, {"mode": "RGBA"}, {"save_all": True}],
    "BMP": [{}, {"mode": "P"}, {"mode": "1"}, {"mode": "RGBA"}],
    "TIFF": [{}, {"compression": "tiff_lzw"}, {"compression": "jpeg"}, {"mode": "1", "compression": "group4"},
             {"mode": "F"}, {"mode": "I", "compression": "tiff_deflate"}, {"mode": "LAB"}],
    "GIF": [{}, {"mode": "1"}, {"save_all": True}],
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", FORMATS)
def test_mutated_files_give_a_picture_or_a_picture_error(kind, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PIXELS", 1_000_000)  # for speed alone
    generator = random.Random(20)
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0x9003] = "2026:01:01 00:00:00"
    exif.get_ifd(0x8825)[1] = "N"
    read, refusals = 0, set()
    for variant in VARIANTS[kind]:
        options = dict(variant)
        image = scene(24, 16)
        if mode := options.pop("mode", None):
            grey = np.asarray(image.convert("L"))
            numbers = {"I": grey.astype(np.int32) * 257, "F": grey / np.float32(255)}
            numbers["I;16"] = grey.astype(np.uint16) * 257
            image = Image.fromarray(numbers[mode]) if mode in numbers else image.convert(mode)
        if options.get("save_all"):
            options["append_images"] = [image.transpose(Image.Transpose.ROTATE_180)]
        if kind in ("JPEG", "PNG", "WEBP"):
            options["exif"] = exif
        content = saved(image, kind, **options)
        for _ in range(3000 // len(VARIANTS[kind])):
            broken = mutated(content, generator)
            try:
                shown = decode(broken, at_most=generator.choice((None, 8)))
            except PictureError as error:
                refusals.add(str(error))
                continue
            assert shown.mode == "RGB"
            assert min(shown.size) > 0
            read += 1
    assert read > 30
    assert all(line and line.isprintable() for line in refusals)


CAPTION_FILES = {
    "captions.txt": 'image,caption\na.jpg,A dog .\nb.jpg,"A cat, ""red"" ."\nb.jpg,"[\'x\', \'y\']"\n',
    "results.csv": "image_name| comment_number| comment\na.jpg| 0| A dog .\nb.jpg| 1   A cat .\n",
    "t.token": "a.jpg#0\tA dog .\nb.jpg#1\tA caf\u00e9 .\n",
    "metadata.csv": 'file_name,captions\na.jpg,"[\'A dog\', ""A man\'s cat""]"\nb.jpg,"[""x"", ""y""]"\n',
    "metadata.jsonl": '{"file_name": "a.jpg", "text": "A dog"}\n{"file_name": "B.jpg", "text": ["x", "y"]}\n',
    "coco.json": json.dumps(
        {"images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2.0, "file_name": "b.jpg"}],
         "annotations": [{"image_id": "1", "caption": "A dog"}, {"image_id": 2, "caption": "['x', 'y']"}]}
    ),
    "dataset_flickr8k.json": json.dumps(
        {"images": [{"filename": "a.jpg", "filepath": "x", "sentences": [{"raw": "A dog"}, {"raw": "x"}]}]}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CAPTION_FILES)
def test_mutated_caption_files_are_read_or_refused_in_one_line(folder, name):
    generator = random.Random(21)
    root = folder("a.jpg", "b.jpg")
    content = CAPTION_FILES[name].encode()
    read, refusals = 0, set()
    for _ in range(600):
        (root / name).write_bytes(mutated(content, generator))
        try:
            dataset = read_dataset(root / name, root)
        except LscError as error:
            refusals.add(str(error))
            continue
        assert all(line.isprintable() for line in dataset.notes)
        read += 1
    assert read > 5
    assert refusals
    assert all(line and line.isprintable() for line in refusals)
