"""The drawn world and the parts of the receiver's training that can be checked in seconds."""

from __future__ import annotations

import colorsys
import random

import numpy as np
import pytest
import torch
from torch import nn

from training import drawing
from training.world import PLACES, is_held_out, is_novel, sample_scene, settle


def test_a_scene_is_drawn_the_same_every_time() -> None:
    scene = sample_scene(random.Random(1))
    assert scene == sample_scene(random.Random(1))
    first = drawing.draw(scene)
    assert first.size == (64, 64)
    assert first.tobytes() == drawing.draw(scene).tobytes()


def test_splits_do_not_overlap() -> None:
    rng = random.Random(2)
    for _ in range(300):
        scene = sample_scene(rng, "train")
        assert not is_held_out(scene)
        assert not any(is_novel(s.kind, s.colour, scene.place) for s in scene.subjects)
    for _ in range(30):
        assert is_held_out(sample_scene(rng, "held_out"))
        novel = sample_scene(rng, "novel")
        assert is_novel(novel.subjects[0].kind, novel.subjects[0].colour, novel.place)


def test_boxes_lie_in_the_picture_and_order_runs_from_the_left() -> None:
    rng = random.Random(3)
    for _ in range(300):
        scene = settle(sample_scene(rng))
        assert scene == settle(scene)
        for x0, y0, x1, y1 in (s.box for s in scene.subjects):
            assert 0 <= x0 < x1 <= 64
            assert 0 <= y0 < y1 <= 64
        if scene.relation != "above":
            centres = [(s.box[0] + s.box[2]) / 2 for s in scene.subjects]
            assert centres == sorted(centres)


def test_day_and_night_differ() -> None:
    pictures = {place: drawing.background(place).tobytes() for place in PLACES}
    assert len(set(pictures.values())) == len(PLACES)


def test_an_unknown_split_is_named() -> None:
    with pytest.raises(ValueError, match="holdout"):
        sample_scene(random.Random(1), "holdout")  # type: ignore[arg-type]


def test_the_hand_set_encoder_projects_on_the_components() -> None:
    from training import autoencoder, common

    model = autoencoder.make()
    _, truth = common.scene_batch(random.Random(4), 8, "held_out")
    with torch.no_grad():
        latents = model.encode(truth).latents
    assert latents.shape == (8, 12, 16, 16)
    # Twelve of forty-eight components keep nearly all of a drawn scene.
    assert (autoencoder.linear_decode(latents) - truth).abs().mean() < 0.06


def test_orthogonal_moves_singular_values_near_one() -> None:
    from training.mixed import orthogonal

    matrix = torch.randn(96, 200, generator=torch.Generator().manual_seed(1))
    values = torch.linalg.svdvals(orthogonal(matrix).float())
    assert values.min() > 0.4
    assert values.max() < 1.4


def test_mixed_precision_learns_and_resumes() -> None:
    from training import common
    from training.mixed import MixedPrecision

    def fresh() -> tuple[nn.Module, MixedPrecision]:
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 64))
        return model, MixedPrecision(model, decay=0.9)

    generator = torch.Generator().manual_seed(1)
    data, target = torch.randn(256, 64, generator=generator), torch.randn(256, 64, generator=generator) * 0.3
    model, trainer = fresh()
    losses = []
    for _ in range(60):
        loss = (model(data.to(common.quick())).float() - target).square().mean()
        loss.backward()
        trainer.step(5e-3)
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]
    other, resumed = fresh()
    resumed.load(trainer.state())
    for mine, theirs in zip(model.parameters(), other.parameters(), strict=True):
        assert torch.equal(mine, theirs)


@pytest.mark.parametrize("phase", ["EARLY_SHARES", "LATE_SHARES"])
def test_noise_levels_favour_what_the_solver_visits(phase: str) -> None:
    from training import receiver

    shares = getattr(receiver, phase)
    favoured = receiver.visited(receiver.make_scheduler())
    levels = receiver.noise_levels(20_000, favoured, shares, torch.Generator().manual_seed(1))
    for level, share in zip(favoured, shares, strict=True):
        assert (levels == level).float().mean().item() == pytest.approx(share, abs=0.02)
    assert levels.min() >= 0
    assert levels.max() <= 999


def test_hues_are_those_of_the_standard_library() -> None:
    colours = np.random.default_rng(1).integers(0, 6, (20, 30, 3)) / 5  # few values, so greys and ties too
    expected = [[colorsys.rgb_to_hsv(*pixel)[0] for pixel in row] for row in colours]
    assert np.array_equal(drawing._hue(colours), expected)
