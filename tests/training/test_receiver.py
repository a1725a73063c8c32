"""A breath of the trainers of the receiver's side, and what they leave behind."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch

from training import autoencoder, classifier, common, receiver, text_tower
from training.language import captions
from training.world import sample_scene

BLINK = 1e-4  # minutes: one step


@pytest.fixture(scope="module")
def trained(work: Path, request: pytest.FixtureRequest) -> Path:
    """Checkpoints of judge, decoder and receiver after a step each."""
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(receiver, "SHARPEN", 0.0)  # the costlier phase, from the start
        # What is measured while training is for people, and takes longer than the training here.
        patch.setattr(autoencoder, "measure", lambda *arguments: 0.0)
        patch.setattr(receiver, "measure", lambda *arguments: {})
        text_tower.train(BLINK, 8, 1)
        classifier.train(BLINK, 6, 1)
        autoencoder.train(BLINK, 2, 1, 1e-3)
        receiver.train(BLINK, 4, 1, 1e-3)
        saved = common.load_checkpoint(work / "receiver.pt")
        assert saved is not None
        receiver.train(saved["spent"] / 60 + 0.03, 4, 1, 1e-3)  # two seconds more, from the checkpoint
    return work


def test_every_trainer_takes_a_step_and_the_receiver_resumes(trained: Path) -> None:
    for name in ("classifier", "decoder", "receiver"):
        assert (trained / f"{name}.pt").exists()
    saved = common.load_checkpoint(trained / "receiver.pt")
    assert saved is not None
    assert saved["step"] == saved["trainer"]["steps"] > 1


def test_the_export_is_a_pipeline_that_draws(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diffusers import StableDiffusionPipeline

    monkeypatch.setattr(common, "BUNDLE", tmp_path)
    receiver.export()
    pipe = StableDiffusionPipeline.from_pretrained(
        tmp_path / "receiver", use_safetensors=True, dtype=torch.float32
    )
    pipe.set_progress_bar_config(disable=True)
    # The checkpoint's averaged weights, but for their rounding to half precision.
    ours = receiver.load().unet.state_dict()
    for name, theirs in pipe.unet.state_dict().items():
        assert torch.equal(theirs, ours[name].half().float())
    pictures = receiver.generate(pipe, ["a red ball", ""], exact=True)
    assert pictures.shape == (2, 3, 64, 64)
    assert pictures.abs().max() <= 1
    assert torch.equal(pictures, receiver.generate(pipe, ["a red ball", ""], exact=True))


def test_the_judge_reads_every_head(trained: Path) -> None:
    scenes, pictures = common.scene_batch(random.Random(3), 8)
    right = classifier.right(classifier.load(), pictures, scenes)
    assert set(right) == {
        "place",
        "first kind",
        "first colour",
        "second kind",
        "second colour",
        "third kind",
        "third colour",
    }
    assert all(value.shape == (8,) and value.dtype == torch.bool for value in right.values())


def test_training_prompts_are_captions_degraded_ones_and_none() -> None:
    rng = random.Random(5)
    scene = sample_scene(rng)
    told = [receiver.prompt_for(scene, rng, 0.3) for _ in range(400)]
    prompts = [prompt for prompt, _ in told]
    # Dropped, or degraded to nothing.
    assert 0.03 < prompts.count("") / 400 < 0.15
    known = {captions(scene, dialect, rng) for dialect in ("alice", "bob") for _ in range(600)}
    assert sum(p in known for p in prompts) > 100
    assert 0.55 < sum(whole for _, whole in told) / 400 < 0.73
    assert all(prompt for prompt, whole in told if whole)
