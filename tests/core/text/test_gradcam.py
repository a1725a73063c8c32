"""Grad-CAM of a matcher: against slopes measured by hand, and the same whatever lies beside it in a batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from lsccli.core.errors import LscError
from lsccli.core.text.gradcam import WordGradCam, _of_words
from lsccli.core.text.words import encode
from tests.tiny import SIZE

WORDS = [
    ("a", "brown", "dog", "is", "running"),
    (
        "the",
        "bicycle",
    ),
    (),
    ("a", "dog", "and", "a", "dog"),
    ("two", "yellow", "birds"),
]


def picture(seed: int, side: tuple[int, int] = (SIZE, SIZE)) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize(side, Image.Resampling.NEAREST)


def pairs(indices: list[int]) -> list[Any]:
    return [(lambda index=index: picture(index), WORDS[index]) for index in indices]


@pytest.fixture(scope="module")
def directory(tiny_profile: Path) -> Path:
    return tiny_profile.parent / "matcher"


@pytest.fixture(scope="module")
def camera(directory: Path) -> WordGradCam:
    return WordGradCam(directory, 0, "cpu", 4)


def test_a_map_per_word_over_the_patches(camera: WordGradCam) -> None:
    maps = camera.maps(pairs([0, 1, 2, 3, 4]))
    assert [one.shape for one in maps] == [(5, 4, 4), (2, 4, 4), (0, 1, 1), (5, 4, 4), (3, 4, 4)]
    assert all((one >= 0).all() for one in maps)
    assert all(one.sum() > 0 for one in maps if one.size)


def test_the_maps_are_attention_times_measured_slopes(directory: Path) -> None:
    """Each entry of the attention is moved a little, and the match score measured again, in float64."""
    camera = WordGradCam(directory, 0, "cpu", 1)
    camera.model.double()
    words, image = ("a", "dog"), picture(0)
    pixels = camera.processor.image_processor(images=[image], return_tensors="pt")["pixel_values"].double()
    with torch.no_grad():
        seen = camera.model.vision_model(pixel_values=pixels).last_hidden_state
    ids, groups = encode(camera.processor.tokenizer, words, camera.window)
    tokens = camera._tokens([ids], len(ids))
    layer = camera.attention
    kept: list[Any] = []

    def score(move: tuple[int, int, int] | None = None, by: float = 0.0) -> float:
        def again(module: Any, given: Any, named: dict[str, Any], output: Any) -> Any:
            attention = output[1].clone()
            kept.append(attention.clone())
            if move is not None:
                attention[(0, *move)] += by
            states = named["encoder_hidden_states"]
            value = layer.value(states).unflatten(-1, (layer.num_attention_heads, -1)).transpose(1, 2)
            return (attention @ value).transpose(1, 2).flatten(2), attention

        handle = layer.register_forward_hook(again, with_kwargs=True)
        try:
            with torch.no_grad():
                return float(camera._score(seen, *tokens))
        finally:
            handle.remove()

    score()
    attention = kept[0][0].numpy()
    heads, _, patches = attention.shape
    expected = np.zeros((len(words), patches - 1))
    for word, group in enumerate(groups):
        for token in group:
            for patch in range(1, patches):
                for head in range(heads):
                    where, step = (head, token, patch), 1e-5
                    slope = (score(where, step) - score(where, -step)) / (2 * step)
                    expected[word, patch - 1] += attention[where] * max(0.0, slope) / heads
    single = WordGradCam(directory, 0, "cpu", 1)
    (found,) = single.maps([(lambda: image, words)])
    np.testing.assert_allclose(found.reshape(2, -1), expected, rtol=2e-3, atol=1e-7)


def test_the_score_is_the_models_own(camera: WordGradCam) -> None:
    image, words = picture(0), WORDS[0]
    inputs = camera.processor(images=image, text=" ".join(words), return_tensors="pt")
    with torch.no_grad():
        own = camera.model(**inputs).itm_score[0, 1].item()
    assert camera.match([image], [words])[0] == pytest.approx(own, abs=1e-5)


def test_alone_in_a_batch_and_in_another_order_the_same(directory: Path, camera: WordGradCam) -> None:
    together = camera.maps(pairs([0, 1, 2, 3, 4]))
    turned = camera.maps(pairs([4, 3, 2, 1, 0]))[::-1]
    for index, one in enumerate(together):
        np.testing.assert_array_equal(turned[index], one)
        np.testing.assert_array_equal(camera.maps(pairs([index]))[0], one)
    other = WordGradCam(directory, 0, "cpu", 1)
    for one, alone in zip(together, other.maps(pairs([0, 1, 2, 3, 4])), strict=True):
        np.testing.assert_allclose(alone, one, rtol=1e-3, atol=1e-8)


def test_a_word_has_the_sum_of_its_tokens(camera: WordGradCam) -> None:
    maps = np.arange(24.0).reshape(6, 2, 2)
    found = _of_words(maps, [[1], [2, 3], []])
    np.testing.assert_array_equal(found[0], maps[1])
    np.testing.assert_array_equal(found[1], maps[2] + maps[3])
    assert np.isnan(found[2]).all()


def test_repeated_words_are_kept_apart_and_the_image_matters(camera: WordGradCam) -> None:
    words = WORDS[3]
    first, second = camera.maps([(lambda: picture(1), words), (lambda: picture(2), words)])
    assert not np.allclose(first[1], first[4])
    assert not np.allclose(first, second)


def test_any_size_and_mode_of_image(camera: WordGradCam) -> None:
    wide = camera.maps([(lambda: picture(1, (90, 30)).convert("L"), ("a", "dog"))])
    assert wide[0].shape == (2, 4, 4)


def test_words_beyond_the_window_have_no_map(camera: WordGradCam) -> None:
    words = tuple(["dog"] * 40)
    (maps,) = camera.maps([(lambda: picture(0), words)])
    seen = ~np.isnan(maps).any(axis=(1, 2))
    assert 0 < seen.sum() < 40
    assert not seen[int(seen.sum()) :].any()


def test_nothing_is_left_on_the_model(camera: WordGradCam) -> None:
    camera.maps(pairs([0]))

    def fail() -> Image.Image:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        camera.maps([(fail, ("a",))])
    assert not camera.attention._forward_hooks
    assert all(weight.grad is None for weight in camera.model.parameters())


@pytest.mark.parametrize("layer", [-1, 1, 7])
def test_a_layer_that_says_nothing_is_refused(directory: Path, layer: int) -> None:
    with pytest.raises(LscError, match=r"layer -?\d: choose 0 to 0"):
        WordGradCam(directory, layer, "cpu", 4)


def test_why_the_last_layer_is_refused(camera: WordGradCam, directory: Path) -> None:
    blind = WordGradCam(directory, 0, "cpu", 1)
    blind.attention = blind.model.text_encoder.encoder.layer[-1].crossattention.self
    assert not blind.maps(pairs([0]))[0].any()
