"""Which images teach, and that none of them is evaluated."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from lsccli.core.data.teaching import DataRef, check_apart, teachers, teaches
from lsccli.core.errors import LscError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(40):
        Image.new("RGB", (4, 4), (number, 0, 0)).save(tmp_path / f"{number}.png")
    return tmp_path


def test_the_first_by_the_digest_of_the_file(folder: Path) -> None:
    data = DataRef(str(folder))
    keys = sorted(sha256(path.read_bytes()).digest() for path in folder.iterdir())
    assert [key for key, _ in teachers(data, 16, split=False)] == keys[:16]
    split = [key for key, _ in teachers(data, 4, split=True)]
    assert split == [key for key in keys if teaches(key)][:4]


def test_the_digest_is_of_what_the_images_are(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    for number, path in enumerate(folder.iterdir()):
        (other / f"renamed-{number}.png").write_bytes(path.read_bytes())
    assert DataRef(str(other)).find().digest == DataRef(str(folder)).find().digest
    less = tmp_path_factory.mktemp("less")
    (less / "one.png").write_bytes((folder / "1.png").read_bytes())
    assert DataRef(str(less)).find().digest != DataRef(str(folder)).find().digest


def test_too_few_and_none_at_all(folder: Path) -> None:
    with pytest.raises(
        LscError, match=r"^99 pairs are wanted, and .* has 40 images; name more, or --shots\.$"
    ):
        teachers(DataRef(str(folder)), 99, split=False)
    with pytest.raises(LscError, match=r"the quarter of .* that teaches has"):
        teachers(DataRef(str(folder)), 39, split=True)
    with pytest.raises(LscError):
        DataRef(str(folder / "nowhere")).find()


def test_what_teaches_is_not_evaluated(folder: Path) -> None:
    taught = teachers(DataRef(str(folder)), 3, split=False)
    check_apart(taught, [b"other"])
    with pytest.raises(LscError, match=r"and 1 more would teach and be evaluated too: .*--pairs.*--split"):
        check_apart(taught, [taught[0][0], taught[2][0]])
