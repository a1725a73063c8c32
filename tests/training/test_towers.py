"""Labels, altered scenes, tokenizers, and a breath of every trainer of the language side."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from training import bank, captioner, clip, common, matcher, text_tower, vision, vocabulary  # noqa: E402
from training.language import caption, parse_truth  # noqa: E402
from training.truth import CLASSES, FIELDS, altered, labels  # noqa: E402
from training.world import Scene, Subject, sample_scene  # noqa: E402

BLINK = 1e-4  # minutes: one step


def test_labels_name_the_scene() -> None:
    scene = Scene("sea", (Subject("fish", "red", "big", "swimming", (0, 0, 9, 9)),), None, 0)
    row = dict(zip(FIELDS, labels([scene])[0].tolist(), strict=True))
    assert (row["place"], row["relation"], row["kind1"], row["colour2"]) == (3, 0, 0, 0)
    assert (row["kind0"], row["colour0"], row["size0"], row["action0"]) == (12, 1, 2, 6)


def test_altered_scenes_differ_in_what_is_said() -> None:
    rng = random.Random(1)
    for _ in range(500):
        scene = sample_scene(rng)
        facts = [parse_truth(caption(s, "alice", rng)) for s in (scene, altered(scene, rng))]
        said = [(f.place, [(s.kind, s.colour) for s in f.subjects]) for f in facts]
        assert said[0] != said[1]
        assert len(said[0][1]) == len(said[1][1])
    assert all(int(v) < n for v, n in zip(labels([altered(scene, rng)])[0], CLASSES, strict=True))


def test_patches_belong_to_the_boxes_that_cover_them() -> None:
    subjects = (
        Subject("dog", "red", None, None, (0, 0, 16, 16)),
        Subject("cat", "red", None, None, (8, 8, 32, 24)),
    )
    owner = bank.patch_owner(Scene("farm", subjects, None, 0)).reshape(8, 8)
    assert owner[0, 0] == owner[0, 1] == owner[1, 0] == 0
    assert (owner[1:3, 1:4] == 1).all()  # the cat reaches lower, so it stands in front
    assert (owner == -1).sum() == 64 - 3 - 6


def test_clip_tokenizer_writes_anything(work: Path) -> None:
    tokenizer = vocabulary.clip_tokenizer()
    text = "scarlet orb v\ufffd\ufffdlet sqee`mng \u00e9 7"
    ids = tokenizer(text).input_ids
    assert ids[0] == tokenizer.bos_token_id
    assert ids.count(tokenizer.eos_token_id) == 1  # an unknown token would be another
    assert tokenizer.decode(ids, skip_special_tokens=True).split()[:2] == ["scarlet", "orb"]
    assert len(tokenizer("x" * 200, truncation=True).input_ids) == vocabulary.CLIP_LENGTH


def test_bert_tokenizer_begins_and_ends_captions(work: Path) -> None:
    tokenizer = vocabulary.bert_tokenizer()
    assert tokenizer.pad_token_id == 0
    ids = tokenizer("a brown dog zqx").input_ids
    assert (ids[0], ids[-1]) == (tokenizer.cls_token_id, tokenizer.sep_token_id)
    assert tokenizer.unk_token_id not in ids


def test_nouns_are_told_their_looks(work: Path) -> None:
    text = "crimson orb beside a tan puppy racing across the lawn"
    encoded = vocabulary.clip_tokenizer()([text]).input_ids
    kinds, colours = text_tower.noun_targets([text], encoded)
    found = [(int(k), int(c)) for k, c in zip(kinds[0], colours[0], strict=True) if k >= 0]
    assert found == [(14, 1), (0, 7)]  # a ball, red; a dog, brown


def test_every_trainer_takes_a_step_and_resumes(work: Path) -> None:
    torch.set_num_threads(1)
    text_tower.train(BLINK, 8, 1)
    vision.train(BLINK, 8, 1, 1e-3)
    captioner.train("alice", BLINK, 4, 1e-3, True)
    captioner.train("bob", BLINK, 4, 1e-3, False)
    matcher.train(BLINK, 4, 1, 1e-3, True)
    clip.train(BLINK, 4, 1, 1e-3)
    for name in ("clip_text", "vision", "captioner", "bob_captioner", "matcher", "clip"):
        assert (work / f"{name}.pt").exists()
    saved = common.load_checkpoint(work / "clip_text.pt")
    assert saved is not None
    text_tower.train(saved["spent"] / 60 + 0.05, 8, 1)  # three seconds more, from the checkpoint
    saved = common.load_checkpoint(work / "clip_text.pt")
    assert saved is not None
    assert saved["step"] > 1
    tower, tokenizer = clip.text_encoder()
    assert tower(input_ids=torch.tensor([tokenizer("an orb").input_ids])).last_hidden_state.shape[-1] == 256


def test_bundle_parts_load_as_plain_models(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import (
        BlipForConditionalGeneration,
        BlipForImageTextRetrieval,
        BlipProcessor,
        CLIPModel,
        CLIPProcessor,
    )

    monkeypatch.setattr(common, "BUNDLE", tmp_path)
    captioner.export("alice", count=5)
    matcher.export(count=5)
    clip.export(count=5)
    picture = np.zeros((100, 80, 3), dtype=np.uint8)
    for folder, model_class, processor_class in (
        ("captioner", BlipForConditionalGeneration, BlipProcessor),
        ("matcher", BlipForImageTextRetrieval, BlipProcessor),
        ("clip", CLIPModel, CLIPProcessor),
    ):
        model = model_class.from_pretrained(tmp_path / folder, dtype=torch.float32, use_safetensors=True)
        inputs = processor_class.from_pretrained(tmp_path / folder)(
            images=picture, text=["a red ball"], return_tensors="pt"
        )
        assert tuple(inputs["pixel_values"].shape) == (1, 3, 64, 64)
        model(**inputs)
        assert sum(p.numel() for p in model.parameters()) < 5_000_000
