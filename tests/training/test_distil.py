"""The distilled Alice: Bob is heard once per picture, and she comes to say what he says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from training import bank, captioner, distil, vision  # noqa: E402
from training.lexicon import bobs_share  # noqa: E402

BLINK = 1e-4  # minutes: one step, one batch of captions
SAYING = "scarlet orb beside a tan puppy racing across the lawn"


class Bob:
    """A captioner that says one thing of every picture, and counts how many it was shown."""

    def __init__(self) -> None:
        self.shown = 0

    def captioner_identity(self, name: str) -> dict[str, Any]:
        return {"captioner": name, "model": "made up"}

    def captioner(self, name: str) -> Bob:
        assert name == "clip"
        return self

    def caption(self, images: Sequence[Any]) -> list[str]:
        assert all(image.size == (64, 64) for image in images)
        self.shown += len(images)
        return [SAYING] * len(images)


def test_listening_goes_on_where_it_stopped(work: Path) -> None:
    bob: Any = Bob()
    pictures, _ = bank.load(work / "bank")
    first = distil.listen(BLINK, pictures, bob)
    assert 0 < len(first) == bob.shown < len(pictures)
    with distil.heard(bob).open("a") as stream:
        stream.write('[12, "a line that a kill cut')
    assert distil.read(distil.heard(bob)) == first
    assert len(distil.listen(1, pictures, bob)) == len(pictures)
    assert bob.shown == len(pictures)
    assert distil.listen(1, pictures, bob).keys() == set(range(len(pictures)))
    assert bob.shown == len(pictures)


def test_alice_learns_what_bob_says_and_keeps_her_eyes(
    work: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bob: Any = Bob()
    monkeypatch.setattr(distil, "teacher", lambda: bob)
    monkeypatch.setattr(distil.common, "BUNDLE", tmp_path)
    torch.set_num_threads(1)
    vision.train(BLINK, 4, 1, 1e-3)
    captioner.train("alice", BLINK, 4, 1e-3, False)
    student = distil.Student()
    student.start()
    eyes = {name: weight.clone() for name, weight in student.blip.vision_model.state_dict().items()}
    pictures = vision.to_pixels(bank.load(work / "bank")[0][:4])
    before = student.imitation(pictures, [SAYING] * 4)["words"].item()
    distil.train(BLINK, 0.1, 4, 2e-3)
    learnt: Any = distil.trained(distil.NAME, distil.Student())
    assert learnt.imitation(pictures, [SAYING] * 4)["words"].item() < before - 0.5
    for name, weight in learnt.blip.vision_model.state_dict().items():
        assert torch.equal(weight, eyes[name]), name
    distil.export(count=5)
    assert (tmp_path / "distilled_captioner" / "model.safetensors").stat().st_size < 8_000_000


def test_whose_words_a_caption_uses() -> None:
    assert bobs_share([SAYING]) == 1
    assert bobs_share(["a brown dog is running on the grass next to a red ball"]) == 0
    assert bobs_share(["a red orb on the grass"]) == pytest.approx(1 / 3)
    assert bobs_share([""]) == 0
