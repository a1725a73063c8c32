import pytest


@pytest.fixture
def folder(tmp_path):
    """A function that makes a folder of files; an image is not opened, so any bytes will do."""

    def make(*names, **texts):
        root = tmp_path / "data"
        for name in names:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(b"not opened")
        for name, text in texts.items():
            root.mkdir(exist_ok=True)
            file = root / name.replace("__", ".")
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return root

    return make


@pytest.fixture
def shown():
    """A function that gives the captions of each image by its path below the data set's root."""
    return lambda data: {e.path.relative_to(data.root).as_posix(): e.captions for e in data.entries}
