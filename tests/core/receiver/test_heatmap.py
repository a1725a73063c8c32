"""Heat maps: against attention computed apart, with the pipeline as it was before, for any shape of UNet."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from lsccli.core.errors import LscError, MissingModelError
from lsccli.core.models.profile import load_profile
from lsccli.core.models.roles import ReceiverRole
from lsccli.core.receiver.diffusion import DiffusionReceiver
from lsccli.core.receiver.heatmap import HeatMaps, check_readable, of_words
from tests.tiny import make_xl_pipeline

CAPTIONS = [("a", "brown", "dog"), ("a", "red", "ball", "and", "a", "blue", "ball"), (), ("bicycle",)]


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
    return DiffusionReceiver(directory, role, "cpu", "float32", 2)


def traced(receiver: DiffusionReceiver, prompts: list[str], **how: Any) -> tuple[Any, HeatMaps]:
    with HeatMaps(receiver.pipeline, len(prompts), **how) as trace:
        images = receiver._draw(prompts, 100)
    return images, trace


def hooks(pipeline: Any) -> list[int]:
    return [len(part._forward_hooks) + len(part._forward_pre_hooks) for part in pipeline.unet.modules()]


def test_a_map_per_word_on_the_grid(receiver: DiffusionReceiver) -> None:
    maps = receiver.heat_maps(CAPTIONS, 100)
    assert [one.shape for one in maps] == [(len(words), 24, 24) for words in CAPTIONS]
    assert all(np.isfinite(one).all() and (one >= 0).all() for one in maps)
    # Two places of one word have maps of their own.
    assert not np.allclose(maps[1][2], maps[1][6])


def test_the_image_is_the_same_bit_for_bit(receiver: DiffusionReceiver) -> None:
    prompts = ["a brown dog", "a red ball"]
    plain = receiver._draw(prompts, 100)
    processors = dict(receiver.pipeline.unet.attn_processors)
    before = hooks(receiver.pipeline)
    images, _ = traced(receiver, prompts)
    np.testing.assert_array_equal(images, plain)
    np.testing.assert_array_equal(receiver._draw(prompts, 100), plain)
    assert hooks(receiver.pipeline) == before
    assert receiver.pipeline.unet.attn_processors == processors


def test_the_pipeline_is_restored_after_an_error(receiver: DiffusionReceiver) -> None:
    before = hooks(receiver.pipeline)
    plain = receiver._draw(["a red ball"], 100)

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    handle = receiver.pipeline.unet.up_blocks[0].register_forward_pre_hook(interrupt)
    with pytest.raises(KeyboardInterrupt):
        traced(receiver, ["a red ball"])
    handle.remove()
    assert hooks(receiver.pipeline) == before
    np.testing.assert_array_equal(receiver._draw(["a red ball"], 100), plain)


@pytest.mark.parametrize("guidance", [3.0, 1.0])
def test_the_maps_are_those_of_attention_computed_in_the_open(
    directory: Path, role: ReceiverRole, guidance: float
) -> None:
    """Probabilities as the own slow processor of diffusers computes them, averaged here by hand."""
    from diffusers.models.attention_processor import AttnProcessor

    receiver = DiffusionReceiver(
        directory, role.model_copy(update={"guidance": guidance}), "cpu", "float32", 2
    )
    prompts = ["a brown dog", "a red ball"]
    _, trace = traced(receiver, prompts)
    kept: list[Any] = []

    class Listening(AttnProcessor):  # type: ignore[misc]
        def __call__(self, attn: Any, states: Any, encoder_hidden_states: Any = None, **how: Any) -> Any:
            if encoder_hidden_states is not None:
                scores = attn.get_attention_scores

                def keep(*given: Any) -> Any:
                    kept.append(scores(*given).unflatten(0, (-1, attn.heads)))
                    return scores(*given)

                attn.get_attention_scores = keep
            try:
                return super().__call__(attn, states, encoder_hidden_states, **how)
            finally:
                attn.__dict__.pop("get_attention_scores", None)

    receiver.pipeline.unet.set_attn_processor(Listening())
    receiver._draw(prompts, 100)
    # All cross-attention of this UNet works on one size of latent, of 8×8 places.
    assert {layer.shape[2] for layer in kept} == {64}
    assert all(len(layer) == (4 if guidance > 1 else 2) for layer in kept)
    mean = torch.stack([layer[-2:].mean(dim=1) for layer in kept]).mean(dim=0)
    expected = mean.transpose(1, 2).unflatten(2, (8, 8)).double().numpy()
    # Fused and open attention round apart in float32, and the second step carries that on: up to 7e-6 here.
    np.testing.assert_allclose(trace.maps((8, 8)), expected, atol=3e-5)
    # Attention to all tokens of a prompt sums to one at each place.
    np.testing.assert_allclose(trace.maps((8, 8)).sum(axis=1), 1.0, atol=1e-5)


def test_batches_of_other_prompts_do_not_matter(receiver: DiffusionReceiver) -> None:
    maps = receiver.heat_maps(CAPTIONS, 100)
    turned = receiver.heat_maps(CAPTIONS[::-1], 100)[::-1]
    for one, other, words in zip(maps, turned, CAPTIONS, strict=True):
        np.testing.assert_allclose(other, one, atol=1e-5)
        np.testing.assert_allclose(receiver.heat_maps([words], 100)[0], one, atol=1e-5)
    assert not np.allclose(receiver.heat_maps(CAPTIONS[:1], 101)[0], maps[0])


@pytest.mark.parametrize(("width", "height"), [(48, 32), (24, 40)])
def test_any_aspect_ratio(directory: Path, role: ReceiverRole, width: int, height: int) -> None:
    receiver = DiffusionReceiver(
        directory, role.model_copy(update={"width": width, "height": height}), "cpu", "float32", 1
    )
    (maps,) = receiver.heat_maps([("a", "dog")], 100)
    assert maps.shape == (2, 24, 24)
    _, trace = traced(receiver, ["a dog"])
    assert trace.maps((height // 4, width // 4)).sum(axis=1) == pytest.approx(1.0, abs=1e-4)


def test_steps_apart_average_to_the_whole(receiver: DiffusionReceiver) -> None:
    _, trace = traced(receiver, ["a dog", "a ball"], per_step=True)
    steps = trace.steps()
    assert steps.shape[:2] == (receiver.role.steps, 2)
    np.testing.assert_allclose(steps.mean(axis=0), trace.maps(), atol=1e-7)
    assert not np.allclose(steps[0], steps[1])
    with pytest.raises(ValueError, match="per_step"):
        traced(receiver, ["a dog"])[1].steps()


def test_a_pipeline_with_two_text_encoders(tmp_path: Path, role: ReceiverRole) -> None:
    make_xl_pipeline(tmp_path / "xl")
    receiver = DiffusionReceiver(tmp_path / "xl", role, "cpu", "float32", 2)
    plain = receiver._draw(["a dog", "a ball"], 100)
    images, trace = traced(receiver, ["a dog", "a ball"])
    np.testing.assert_array_equal(images, plain)
    assert trace.maps((8, 8)).sum(axis=1) == pytest.approx(1.0, abs=1e-4)
    assert receiver.heat_maps([("a", "dog")], 100)[0].shape == (2, 24, 24)


def test_half_precision_draws_the_same_image_too(directory: Path, role: ReceiverRole) -> None:
    receiver = DiffusionReceiver(directory, role, "cpu", "bfloat16", 1)
    plain = receiver._draw(["a dog"], 100)
    images, trace = traced(receiver, ["a dog"])
    np.testing.assert_array_equal(images, plain)
    assert trace.maps((8, 8)).sum(axis=1) == pytest.approx(1.0, abs=1e-3)


def test_words_beyond_the_window_have_no_map(receiver: DiffusionReceiver) -> None:
    (maps,) = receiver.heat_maps([tuple(["dog"] * 60)], 100)
    seen = np.isfinite(maps).all(axis=(1, 2))
    assert 0 < seen.sum() < 60
    assert not seen[int(seen.sum()) :].any()


def test_a_word_has_the_mean_of_its_tokens() -> None:
    maps = np.arange(24.0).reshape(6, 2, 2)
    found = of_words(maps, [[1], [2, 3], []])
    np.testing.assert_array_equal(found[0], maps[1])
    np.testing.assert_array_equal(found[1], (maps[2] + maps[3]) / 2)
    assert np.isnan(found[2]).all()


def test_pipelines_without_a_unet_are_refused_in_one_line(tmp_path: Path, directory: Path) -> None:
    class FluxPipeline(SimpleNamespace):
        pass

    with pytest.raises(MissingModelError, match="a FluxPipeline has none") as caught:
        HeatMaps(FluxPipeline(transformer=torch.nn.Linear(1, 1)), 1)
    assert "\n" not in str(caught.value)
    index = tmp_path / "model_index.json"
    index.write_text('{"_class_name": "StableDiffusion3Pipeline", "transformer": ["diffusers", "SD3"]}')
    with pytest.raises(LscError, match="StableDiffusion3Pipeline"):
        check_readable(tmp_path)
    check_readable(directory)


def test_another_number_of_prompts_is_an_error_and_leaves_nothing(receiver: DiffusionReceiver) -> None:
    before = hooks(receiver.pipeline)
    with (
        pytest.raises((ValueError, LscError), match="UNet batch of 4 for 3"),
        HeatMaps(receiver.pipeline, 3),
    ):
        receiver._draw(["a dog", "a ball"], 100)
    assert hooks(receiver.pipeline) == before
    with pytest.raises(ValueError, match="nothing was generated"):
        HeatMaps(receiver.pipeline, 1).maps()
