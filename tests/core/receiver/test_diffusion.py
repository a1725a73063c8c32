from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from lsccli.core.errors import LscError
from lsccli.core.models.profile import load_profile
from lsccli.core.models.reference import ModelRef
from lsccli.core.models.roles import ReceiverRole
from lsccli.core.receiver.base import NotFiniteError
from lsccli.core.receiver.diffusion import DiffusionReceiver
from tests.tiny import make_xl_pipeline

PROMPTS = ["a brown dog", "a red ball", "", "the sea at night", "zebra 123 é"]


@pytest.fixture(scope="module")
def directory(tiny_profile: Path) -> Path:
    return tiny_profile.parent / "receiver"


@pytest.fixture(scope="module")
def role(tiny_profile: Path) -> ReceiverRole:
    role = load_profile(str(tiny_profile)).need("receiver")
    assert isinstance(role, ReceiverRole)
    return role


@pytest.fixture(scope="module")
def receiver(directory: Path, role: ReceiverRole) -> DiffusionReceiver:
    return DiffusionReceiver(directory, role, "cpu", "float32", 4)


def copy(directory: Path, to: Path) -> Path:
    return Path(shutil.copytree(directory, to / "receiver"))


def levels(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> int:
    return int(np.abs(a.astype(int) - b.astype(int)).max())


def test_draws_one_eight_bit_image_per_prompt(receiver: DiffusionReceiver) -> None:
    images = receiver.draw(PROMPTS, 100)
    assert images.shape == (5, 32, 32, 3)
    assert images.dtype == np.uint8
    assert receiver.draw([], 100).shape == (0, 32, 32, 3)


def test_brightness_goes_to_the_nearest_of_256_values(
    receiver: DiffusionReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = np.linspace(0, 255, 32 * 32 * 3, dtype=np.float32).reshape(1, 32, 32, 3)
    monkeypatch.setattr(receiver, "_draw", lambda prompts, seed: np.repeat(exact / 255, len(prompts), 0))
    (image,) = receiver.draw(["a"], 100)
    assert np.abs(image - exact[0]).max() <= 0.5 + 1e-4
    assert (image.min(), image.max()) == (0, 255)


def test_same_as_the_plain_pipeline(directory: Path, receiver: DiffusionReceiver) -> None:
    from diffusers import StableDiffusionPipeline

    plain = StableDiffusionPipeline.from_pretrained(directory, dtype=torch.float32)
    picture = plain(
        "a red ball",
        num_inference_steps=2,
        guidance_scale=3.0,
        height=32,
        width=32,
        generator=torch.Generator("cpu").manual_seed(100),
    ).images[0]
    assert levels(np.asarray(picture), receiver.draw(["a red ball"], 100)[0]) <= 1


def test_an_image_depends_on_its_prompt_and_seed_alone(receiver: DiffusionReceiver) -> None:
    together = receiver.draw(PROMPTS, 100)
    single = np.concatenate([receiver.draw([prompt], 100) for prompt in PROMPTS])
    reordered = receiver.draw(PROMPTS[::-1], 100)[::-1]
    # Exactly: a run that was interrupted and resumed has other neighbours in its batches.
    np.testing.assert_array_equal(together, single)
    np.testing.assert_array_equal(together, reordered)
    assert all(levels(together[0], other) > 8 for other in together[1:])
    assert levels(together[0], receiver.draw(PROMPTS[:1], 101)[0]) > 8


def test_batch_size_changes_no_more_than_rounding(
    directory: Path, role: ReceiverRole, receiver: DiffusionReceiver
) -> None:
    one = DiffusionReceiver(directory, role, "cpu", "float32", 1)
    assert levels(one.draw(PROMPTS, 100), receiver.draw(PROMPTS, 100)) <= 1


def test_global_generator_is_neither_read_nor_moved(receiver: DiffusionReceiver) -> None:
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    first = receiver.draw(["a red ball"], 100)
    assert torch.equal(before, torch.random.get_rng_state())
    torch.manual_seed(2)
    np.testing.assert_array_equal(first, receiver.draw(["a red ball"], 100))


def test_every_batch_has_one_shape_and_no_prompt_is_drawn_twice(
    receiver: DiffusionReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[list[str]] = []
    draw = receiver._draw
    monkeypatch.setattr(receiver, "_draw", lambda prompts, seed: drawn.append(prompts) or draw(prompts, seed))
    images = receiver.draw([*PROMPTS, PROMPTS[1]], 100)
    assert [len(prompts) for prompts in drawn] == [4, 4]
    assert drawn[0] + drawn[1][:1] == PROMPTS
    np.testing.assert_array_equal(images[1], images[5])


@pytest.mark.parametrize(("guidance", "rows"), [(3.0, 8), (1.0, 4), (0.0, 4)])
def test_guidance_of_one_or_less_is_off(
    directory: Path, role: ReceiverRole, guidance: float, rows: int
) -> None:
    receiver = DiffusionReceiver(
        directory, role.model_copy(update={"guidance": guidance}), "cpu", "float32", 4
    )
    seen: list[int] = []
    receiver.pipeline.unet.register_forward_pre_hook(lambda _, inputs: seen.append(len(inputs[0])))
    receiver.draw(["a red ball"], 100)
    assert seen == [rows, rows]


def test_scheduler_by_name(directory: Path, role: ReceiverRole, receiver: DiffusionReceiver) -> None:
    name = "DPMSolverMultistepScheduler"
    other = DiffusionReceiver(directory, role.model_copy(update={"scheduler": name}), "cpu", "float32", 4)
    assert type(other.pipeline.scheduler).__name__ == name
    assert other.pipeline.scheduler.config.beta_schedule == "scaled_linear"
    assert levels(other.draw(PROMPTS, 100), receiver.draw(PROMPTS, 100)) > 8


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("NoSuchScheduler", "is unknown"),
        ("AutoencoderKL", "does not fit"),
        ("FlowMatchEulerDiscreteScheduler", "does not fit"),
    ],
)
def test_unknown_scheduler_is_one_clear_line(
    directory: Path, role: ReceiverRole, name: str, reason: str
) -> None:
    with pytest.raises(LscError, match=f"{name}.*{reason}.*DDIMScheduler"):
        DiffusionReceiver(directory, role.model_copy(update={"scheduler": name}), "cpu", "float32", 4)


def test_random_steps_of_a_scheduler_come_from_the_seed(directory: Path, role: ReceiverRole) -> None:
    ancestral = role.model_copy(update={"scheduler": "EulerAncestralDiscreteScheduler"})
    receiver = DiffusionReceiver(directory, ancestral, "cpu", "float32", 4)
    together = receiver.draw(PROMPTS, 100)
    np.testing.assert_array_equal(together[3:4], receiver.draw(PROMPTS[3:4], 100))


def test_half_precision_on_disk_runs_in_the_dtype_asked_for(
    directory: Path, receiver: DiffusionReceiver
) -> None:
    (weights,) = (directory / "unet").glob("*.safetensors")
    assert {tensor.dtype for tensor in load_file(weights).values()} == {torch.float16}
    parts = (receiver.pipeline.unet, receiver.pipeline.vae, receiver.pipeline.text_encoder)
    assert {part.dtype for part in parts} == {torch.float32}
    assert not any(part.training for part in parts)


def test_stable_diffusion_xl_with_two_text_encoders(tmp_path: Path, role: ReceiverRole) -> None:
    make_xl_pipeline(tmp_path / "xl")
    receiver = DiffusionReceiver(tmp_path / "xl", role, "cpu", "float32", 2)
    images = receiver.draw(PROMPTS, 100)
    assert levels(images[0], images[1]) > 8
    np.testing.assert_array_equal(images[1:2], receiver.draw(PROMPTS[1:2], 100))
    assert receiver.window_overflow("dog " * 40) == 18


def test_long_prompt_is_cut_at_the_window(receiver: DiffusionReceiver) -> None:
    # The window of 24 holds 22 words between the two special tokens.
    assert receiver.window_overflow("dog " * 22) == 0
    assert receiver.window_overflow("dog " * 25) == 3
    images = receiver.draw(["dog " * 22, "dog " * 22 + "ball grass sea"], 100)
    np.testing.assert_array_equal(images[0], images[1])


def test_images_that_are_no_numbers_fail_alone(
    receiver: DiffusionReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = receiver.draw(PROMPTS, 100)
    draw = receiver._draw

    def broken(prompts: list[str], seed: int) -> Any:
        images = draw(prompts, seed)
        images[[prompt == "a red ball" for prompt in prompts], 0, 0, 0] = np.nan
        return images

    monkeypatch.setattr(receiver, "_draw", broken)
    with pytest.raises(NotFiniteError, match="1 of 5") as caught:
        receiver.draw(PROMPTS, 100)
    assert caught.value.failed == (1,)
    keep = [0, 2, 3, 4]
    np.testing.assert_array_equal(caught.value.images[keep], clean[keep])


def test_not_a_number_survives_the_pipeline(directory: Path, role: ReceiverRole) -> None:
    receiver = DiffusionReceiver(directory, role, "cpu", "float32", 1)
    receiver.pipeline.vae.decoder.conv_out.bias.data[0] = float("nan")
    with pytest.raises(NotFiniteError):
        receiver.draw(["a red ball"], 100)


def test_out_of_memory_names_the_option(receiver: DiffusionReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(receiver, "_draw", full)
    with pytest.raises(LscError, match=r"--batch-size \(now 4\)"):
        receiver.draw(PROMPTS, 100)


def test_size_that_the_pipeline_refuses(directory: Path, role: ReceiverRole) -> None:
    receiver = DiffusionReceiver(directory, role.model_copy(update={"width": 33}), "cpu", "float32", 1)
    with pytest.raises(LscError, match="33"):
        receiver.draw(["a red ball"], 100)


def test_pickled_weights_are_refused(directory: Path, role: ReceiverRole, tmp_path: Path) -> None:
    copied = copy(directory, tmp_path)
    (weights,) = (copied / "unet").glob("*.safetensors")
    torch.save(load_file(weights), weights.with_suffix(".bin"))
    weights.unlink()
    with pytest.raises(LscError, match="Cannot load the model"):
        DiffusionReceiver(copied, role, "cpu", "float32", 1)


@pytest.mark.parametrize("part", ["unet", "vae", "text_encoder"])
def test_missing_weights_are_never_made_up(
    directory: Path, role: ReceiverRole, tmp_path: Path, part: str
) -> None:
    copied = copy(directory, tmp_path)
    (weights,) = (copied / part).glob("*.safetensors")
    tensors = load_file(weights)
    del tensors[sorted(tensors)[0]]
    save_file(tensors, weights, metadata={"format": "pt"})
    with pytest.raises(LscError, match="is no whole StableDiffusionPipeline"):
        DiffusionReceiver(copied, role, "cpu", "float32", 1)


def test_code_that_comes_with_a_model_is_not_run(directory: Path, role: ReceiverRole, tmp_path: Path) -> None:
    copied = copy(directory, tmp_path)
    trap = tmp_path / "trap"
    (copied / "unet" / "my_unet.py").write_text(f"open({str(trap)!r}, 'w')\nclass MyUNet: pass\n")
    index = json.loads((copied / "model_index.json").read_text())
    index["unet"] = ["my_unet", "MyUNet"]
    (copied / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(LscError):
        DiffusionReceiver(copied, role, "cpu", "float32", 1)
    assert not trap.exists()


def test_a_pipeline_that_wants_an_image_is_refused(
    directory: Path, role: ReceiverRole, tmp_path: Path
) -> None:
    copied = copy(directory, tmp_path)
    index = json.loads((copied / "model_index.json").read_text())
    index["_class_name"] = "StableDiffusionImg2ImgPipeline"
    (copied / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(LscError, match="StableDiffusionImg2ImgPipeline"):
        DiffusionReceiver(copied, role, "cpu", "float32", 1)


def test_safety_checker_is_off_though_the_index_names_one(
    directory: Path, role: ReceiverRole, tmp_path: Path
) -> None:
    copied = copy(directory, tmp_path)
    index = json.loads((copied / "model_index.json").read_text())
    index["safety_checker"] = ["stable_diffusion", "StableDiffusionSafetyChecker"]
    (copied / "model_index.json").write_text(json.dumps(index))
    receiver = DiffusionReceiver(copied, role, "cpu", "float32", 1)
    assert receiver.pipeline.safety_checker is None


def test_unusable_device_and_dtype(directory: Path, role: ReceiverRole) -> None:
    with pytest.raises(LscError, match="Device"):
        DiffusionReceiver(directory, role, "cuda:99", "float32", 1)
    with pytest.raises(LscError, match="int4"):
        DiffusionReceiver(directory, role, "cpu", "int4", 1)


def test_folder_that_is_no_pipeline(role: ReceiverRole, tmp_path: Path) -> None:
    with pytest.raises(LscError, match="Cannot load the model"):
        DiffusionReceiver(tmp_path, role, "cpu", "float32", 1)


@pytest.mark.usefixtures("no_network")
def test_loads_and_draws_without_a_network_and_without_a_word(
    tiny_profile: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    role = load_profile(str(tiny_profile)).need("receiver")
    assert role.model == ModelRef(str(tiny_profile.parent / "receiver"))
    receiver = DiffusionReceiver(role.model.find().directory, role, "cpu", "float32", 2)
    receiver.draw(["a red ball", "dog " * 40], 100)
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("diffusers").handlers  # the libraries get their own logging back
