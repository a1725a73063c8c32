"""What is read off pictures by size, by place, and by two judges."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from torch import Tensor, nn

from training import classifier, common, drawing, reader, weak
from training.language import caption
from training.world import KINDS, is_fresh, is_held_out, sample_scene, settle


class Parrot(nn.Module):
    """A judge that gives the same answers whatever it is shown."""

    def __init__(self, answers: dict[str, Tensor]) -> None:
        super().__init__()
        self.answers = answers

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Sure logits of the answers."""
        return {
            head: 10.0 * nn.functional.one_hot(self.answers[head], classes).float()
            for head, classes in classifier.HEADS.items()
        }


def test_subjects_are_counted_by_size_and_place() -> None:
    scenes = [settle(s) for s in common.scenes(random.Random(1), 60, "watched")]
    truth = common.to_tensor([drawing.draw(s) for s in scenes])
    answers = classifier.truths(scenes)
    found = weak.judged(Parrot(answers), truth, truth, scenes)
    assert len(found) == sum(len(s.subjects) for s in scenes)
    assert all(f.kind and f.colour and f.sharp == pytest.approx(1) for f in found)
    answers["second kind"] = (answers["second kind"] + 1) % len(KINDS)
    wrong = weak.judged(Parrot(answers), truth, truth, scenes)
    groups = weak.groups(wrong)
    assert [sum(f.kind for f in groups[o]) / len(groups[o]) for o in classifier.ORDINALS] == [1, 0, 1]
    assert sum(len(groups[n]) for n in groups if n.endswith("px")) == len(groups["all"]) == len(found)
    assert weak.differing(found, wrong) == [f for f in found if f.place == 1]
    assert [f.place for f in weak.worst(wrong)] == [1] * weak.WORST
    assert weak.sheet(weak.worst(wrong), scenes, truth, truth).size == (800, 496)
    assert "| second |" in weak.table({"drawn": found, "other": wrong})


def test_a_blurred_subject_is_less_sharp() -> None:
    scene = settle(sample_scene(random.Random(2)))
    truth = common.to_tensor([drawing.draw(scene)])[0]
    blurred = nn.functional.avg_pool2d(truth, 3, 1, 1)
    box = scene.subjects[0].box
    assert weak.gradient(blurred, box) < 0.9 * weak.gradient(truth, box)


def test_a_caption_is_read_back_as_the_scene_it_tells() -> None:
    rng = random.Random(3)
    scenes = [sample_scene(rng) for _ in range(40)]
    truths = classifier.truths(scenes)
    for i, scene in enumerate(scenes):
        for dialect in ("alice", "bob"):
            found = reader.answers(caption(scene, dialect, rng))
            for head, answer in found.items():
                assert answer in (truths[head][i], -1)
                assert answer >= 0 or not head.endswith("kind")
    nothing = reader.answers("")
    assert (nothing["place"], nothing["first kind"], nothing["second kind"]) == (-1, -1, len(KINDS))


def test_fresh_and_watched_scenes_are_the_held_out_ones() -> None:
    rng = random.Random(4)
    for _ in range(20):
        watched, fresh = sample_scene(rng, "watched"), sample_scene(rng, "fresh")
        assert is_held_out(watched)
        assert not is_fresh(watched)
        assert is_held_out(fresh)
        assert is_fresh(fresh)
    assert not any(is_fresh(sample_scene(rng)) for _ in range(100))


def test_a_missing_font_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(drawing, "FONT", tmp_path / "none.ttf")
    with pytest.raises(SystemExit, match="fonts-noto-color-emoji"):
        drawing.sprite_font()
