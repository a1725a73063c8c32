"""Mutated pictures and caption files by the thousand: each is read, or refused in one line."""

import random

import numpy as np
import pytest

from benchmarks.endurance.mutated import CAPTION_FILES, PICTURES, changed, picture_files
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


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", FORMATS)
def test_mutated_files_give_a_picture_or_a_picture_error(kind, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PIXELS", 1_000_000)  # for speed alone
    generator = random.Random(20)
    read, refusals = 0, set()
    for content in picture_files(kind):
        for _ in range(3000 // len(PICTURES[kind])):
            broken = changed(content, generator)
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


@pytest.mark.parametrize("name", CAPTION_FILES)
def test_mutated_caption_files_are_read_or_refused_in_one_line(folder, name):
    generator = random.Random(21)
    root = folder("a.jpg", "b.jpg")
    content = CAPTION_FILES[name].encode()
    read, refusals = 0, set()
    for _ in range(600):
        (root / name).write_bytes(changed(content, generator))
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
