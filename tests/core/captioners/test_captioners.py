from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from lsccli.core.captioners.base import CAPTIONERS, DEFAULT, GIVEN, BlipBeams, clean
from lsccli.core.captioners.blip import BlipCaptioner
from lsccli.core.captioners.clip import ClipCaptioner
from lsccli.core.captioners.skd import DistilledCaptioner
from lsccli.core.errors import LscError, MissingModelError
from lsccli.core.models.profile import Profile, load_profile


@pytest.fixture(scope="module")
def profile(tiny_profile: Path) -> Profile:
    return load_profile(str(tiny_profile))


@pytest.fixture(scope="module")
def images() -> list[Image.Image]:
    rng = np.random.default_rng(0)
    coarse = [Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)) for _ in range(6)]
    return [image.resize((40 + 3 * i, 50)) for i, image in enumerate(coarse)]


def test_captioners_are_registered() -> None:
    known = CAPTIONERS.all()
    assert set(known) >= {"blip", "clip", "skd", "dataset"}
    assert CAPTIONERS.find("BLIP").make is BlipCaptioner
    assert CAPTIONERS.find("clip").roles == ("bob_captioner",)
    assert known[DEFAULT].roles == ("captioner",)
    assert [name for name, spec in known.items() if spec.given] == [GIVEN]


def test_the_distilled_captioner_is_any_blip_that_the_profile_names(
    tiny_profile: Path, images: list[Image.Image], tmp_path: Path
) -> None:
    # Alice distilled into Bob's very captioner says what that one says.
    path = tmp_path / "skd.toml"
    bob = tiny_profile.parent / "bob_captioner"
    path.write_text(
        f'extends = "{tiny_profile}"\nname = "skd"\n'
        f'[distilled_captioner]\nmodel = "{bob}"\nbeams = 3\nmax_new_tokens = 6\n'
    )
    profile = load_profile(str(path))
    found = DistilledCaptioner(profile, "cpu", "float32", 2).caption(images[:2])
    role = profile.need("bob_captioner")
    beams = BlipBeams(bob, role.beams, role.max_new_tokens, "cpu", "float32")
    assert found == [candidates[0] for candidates in beams.search(images[:2])]
    assert found != BlipCaptioner(profile, "cpu", "float32", 2).caption(images[:2])


@pytest.mark.parametrize("name", ["paper", "turbo"])
def test_where_no_distilled_captioner_was_published_one_line_says_how_to_make_one(name: str) -> None:
    spec = CAPTIONERS.find("skd")
    with pytest.raises(MissingModelError, match=r"docs/methods\.md says how to make your own") as caught:
        spec.make(load_profile(name), "cpu", "float32", 1)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("cls", [BlipCaptioner, ClipCaptioner])
def test_a_caption_does_not_depend_on_the_batch(
    cls: Any, profile: Profile, images: list[Image.Image]
) -> None:
    captioner = cls(profile, "cpu", "float32", 4)
    captions = captioner.caption(images)
    assert len(captions) == len(images)
    assert len(set(captions)) > 1
    assert [captioner.caption([image])[0] for image in images] == captions
    assert captioner.caption(images[::-1])[::-1] == captions
    assert cls(profile, "cpu", "float32", 1).caption(images) == captions
    assert captioner.caption([]) == []


def test_blip_says_what_plain_transformers_says(profile: Profile, images: list[Image.Image]) -> None:
    from transformers import BlipForConditionalGeneration, BlipProcessor

    directory = profile.need("captioner").model.find().directory
    model = BlipForConditionalGeneration.from_pretrained(directory)
    processor = BlipProcessor.from_pretrained(directory)
    tokens = model.generate(**processor(images[0], return_tensors="pt"), num_beams=3, max_new_tokens=6)
    expected = processor.decode(tokens[0], skip_special_tokens=True).removeprefix("[DEC]")
    assert BlipCaptioner(profile, "cpu", "float32", 2).caption(images[:1]) == [clean(expected)]


def test_clip_picks_the_candidate_closest_to_the_image(
    profile: Profile, images: list[Image.Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import CLIPModel, CLIPProcessor

    captioner = ClipCaptioner(profile, "cpu", "float32", 2)
    texts = [["a red ball", "a brown dog", "green"], ["two birds", "an old man", "a brown dog"]]
    monkeypatch.setattr(captioner._beams, "search", lambda images, candidates: texts)
    directory = profile.need("bob_captioner").clip.find().directory
    clip, processor = CLIPModel.from_pretrained(directory), CLIPProcessor.from_pretrained(directory)
    expected = []
    for image, own in zip(images[:2], texts, strict=True):
        inputs = processor(text=own, images=image, padding=True, return_tensors="pt")
        with torch.no_grad():
            logits = clip(**inputs).logits_per_image[0]
        cosines = captioner.similarity([image], [own])[0]
        np.testing.assert_allclose(cosines, logits / clip.logit_scale.exp().item(), atol=1e-5)
        expected.append(own[int(logits.argmax())])
    assert captioner.caption(images[:2]) == expected
    assert expected != [own[0] for own in texts]


def test_clip_breaks_ties_by_the_order_of_the_beams(
    profile: Profile, images: list[Image.Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    captioner = ClipCaptioner(profile, "cpu", "float32", 1)
    # The tokenizer lower-cases, so the three are one text to CLIP.
    monkeypatch.setattr(captioner._beams, "search", lambda images, candidates: [["Dog", "dog", "DOG"]])
    assert captioner.caption(images[:1]) == ["Dog"]


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "1"])
def test_images_of_any_mode(profile: Profile, images: list[Image.Image], mode: str) -> None:
    captioner = BlipCaptioner(profile, "cpu", "float32", 1)
    other = images[0].convert(mode)
    assert captioner.caption([other]) == captioner.caption([other.convert("RGB")])


def test_captions_are_one_line_with_single_spaces() -> None:
    assert clean("  a  dog\n runs ") == "a dog runs"


def test_data_set_captions_are_not_made(profile: Profile, images: list[Image.Image]) -> None:
    spec = CAPTIONERS.find("dataset")
    assert spec.roles == ()
    with pytest.raises(LscError, match=r"captions\.txt"):
        spec.make(profile, "cpu", "float32", 1).caption(images)


def other_captioner(profile: Profile, tmp_path: Path, change: Any) -> Profile:
    """The profile with a changed copy of the captioner."""
    copied = Path(shutil.copytree(profile.need("captioner").model.find().directory, tmp_path / "captioner"))
    change(copied)
    path = tmp_path / "other.toml"
    path.write_text('[captioner]\nmodel = "captioner"\n', encoding="utf-8")
    return load_profile(str(path))


def test_pickled_weights_are_refused(profile: Profile, tmp_path: Path) -> None:
    def pickle(directory: Path) -> None:
        weights = directory / "model.safetensors"
        torch.save(load_file(weights), directory / "pytorch_model.bin")
        # Another safetensors file, so that the refusal comes from the loader and not from the search.
        weights.rename(directory / "other.safetensors")

    with pytest.raises(LscError, match="Cannot load the model"):
        BlipCaptioner(other_captioner(profile, tmp_path, pickle), "cpu", "float32", 1)


def test_missing_weights_are_never_made_up(profile: Profile, tmp_path: Path) -> None:
    def cut(directory: Path) -> None:
        weights = directory / "model.safetensors"
        tensors = load_file(weights)
        del tensors["vision_model.embeddings.class_embedding"]
        save_file(tensors, weights, metadata={"format": "pt"})

    with pytest.raises(LscError, match=r"lacks 1 weights, such as vision_model.embeddings.class_embedding"):
        BlipCaptioner(other_captioner(profile, tmp_path, cut), "cpu", "float32", 1)


def test_damaged_weights_are_one_clear_line(profile: Profile, tmp_path: Path) -> None:
    def damage(directory: Path) -> None:
        (directory / "model.safetensors").write_bytes(b"\0" * 100)

    with pytest.raises(LscError, match="Cannot load the model") as caught:
        BlipCaptioner(other_captioner(profile, tmp_path, damage), "cpu", "float32", 1)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("name", ["blip", "clip"])
def test_captions_without_a_network_and_without_a_word(
    name: str, tiny_profile: Path, images: list[Image.Image], capfd: pytest.CaptureFixture[str]
) -> None:
    spec = CAPTIONERS.find(name)
    spec.make(load_profile(str(tiny_profile)), "cpu", "float32", 2).caption(images[:1])
    assert capfd.readouterr() == ("", "")


def test_what_the_scripts_keep_of_clip_interrogator_is_the_best_beam_up_to_a_comma(
    profile: Profile, images: list[Image.Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    from lsccli.core.captioners.interrogator import InterrogatorCaptioner

    spec = CAPTIONERS.find("interrogator")
    made = spec.make(profile, "cpu", "float32", 2)
    role = profile.need("bob_captioner")
    beams = BlipBeams(role.model.find().directory, role.beams, role.max_new_tokens, "cpu", "float32")
    expected = [texts[0].split(",")[0].strip() for texts in beams.search(images, role.beams)]
    assert made.caption(images) == expected
    assert isinstance(made, InterrogatorCaptioner)
    monkeypatch.setattr(
        BlipBeams, "search", lambda self, images: [[" a dog , oil on canvas, red"]] * len(images)
    )
    assert made.caption(images[:1]) == ["a dog"]
