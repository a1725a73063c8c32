"""Models from the hub, with a hub made of folders: the client's two calls are replaced, nothing else."""

from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import pytest

from lsccli.core.errors import MissingModelError
from lsccli.core.models.reference import MODEL_FILES, ModelRef


class Hub:
    """Snapshots by revision, as the client would lay them out; conversions as (number, title, author)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.asked: list[str | None] = []
        self.requests: list[SimpleNamespace] = []

    def add(self, revision: str | None, commit: str, *files: str) -> None:
        folder = self.root / str(revision).replace("/", "-") / commit
        folder.mkdir(parents=True)
        for file in files:
            (folder / file).write_bytes(b"{}")

    def snapshot_download(self, name: str, revision: str | None, **filters: object) -> str:
        self.asked.append(revision)
        assert set(MODEL_FILES) <= set(filters["allow_patterns"])  # type: ignore[call-overload]
        folder = self.root / str(revision).replace("/", "-")
        if not folder.is_dir():
            raise OSError(f"no revision {revision}\nand much more")
        return str(next(folder.iterdir()))

    def get_repo_discussions(self, name: str, author: str, discussion_type: str) -> list[SimpleNamespace]:
        assert discussion_type == "pull_request"
        return [request for request in self.requests if request.author == author]


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    found = Hub(tmp_path)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", found.snapshot_download)
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: found)
    return found


def test_a_hub_model_is_named_by_its_commit(hub: Hub) -> None:
    hub.add(None, "c0ffee", "model.safetensors", "config.json")
    found = ModelRef("owner/whole").find()
    assert found.digest == "hub:owner/whole@c0ffee"
    assert found.directory.name == "c0ffee"
    assert hub.asked == [None]


def test_pickles_lead_to_the_hubs_own_conversion(hub: Hub) -> None:
    hub.add(None, "aaaaaa", "config.json")
    hub.add("refs/pr/7", "bbbbbb", "model.safetensors")
    title = "Adding `safetensors` variant of this model"
    hub.requests = [
        SimpleNamespace(num=3, title=title, author="stranger"),
        SimpleNamespace(num=5, title="Update README", author="SFconvertbot"),
        SimpleNamespace(num=7, title=title, author="SFconvertbot"),
    ]
    assert ModelRef("owner/pickled").find().digest == "hub:owner/pickled@bbbbbb"
    assert hub.asked == [None, "refs/pr/7"]


def test_pickles_without_a_conversion_are_refused_in_one_line(hub: Hub) -> None:
    hub.add(None, "aaaaaa", "config.json")
    with pytest.raises(MissingModelError, match="only pickled weights") as caught:
        ModelRef("owner/hopeless").find()
    assert "\n" not in str(caught.value)


def test_what_cannot_be_fetched_is_one_line(hub: Hub) -> None:
    with pytest.raises(MissingModelError, match=r"no revision main2.*--models FILE") as caught:
        ModelRef("owner/absent", "main2").find()
    assert "\n" not in str(caught.value)
