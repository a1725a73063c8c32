"""order, random and prompttune: hand-made captions, golden orders, and every ranking a permutation."""

from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsccli.core.errors import LscError
from lsccli.core.methods.base import METHODS, Item
from lsccli.core.methods.shuffle import shuffle_key

CAPTION = "a brown dog is running on the grass"
TAGS = (("DT",), ("JJ",), ("NN",), ("VBZ",), ("VBG",), ("IN",), ("DT",), ("NN",))


def item(text=CAPTION, importance=None, facts=None, **options):
    return Item(text, tuple(text.split()), importance, facts or {}, options)


def rank(name, *arguments, **options):
    return METHODS.find(name).make(item(*arguments, **options))


def test_order_is_caption_order():
    assert rank("order").order == tuple(range(8))
    assert rank("order", "").order == ()


@pytest.mark.parametrize(
    ("text", "seed", "golden"),
    [
        (CAPTION, 0, (2, 3, 7, 6, 0, 1, 5, 4)),
        (CAPTION, 1, (2, 1, 6, 7, 4, 5, 0, 3)),
        ('a café 🎉 "x"', 0, (0, 2, 1, 3)),
    ],
)
def test_random_is_the_same_on_every_machine(text, seed, golden):
    assert rank("random", text, seed=seed).order == golden


def test_random_sorts_by_the_bytes_it_documents():
    # printf '[0,"a brown dog is running on the grass",0]' | sha256sum
    digest = "c68b017cac2856265e55d71274bd71052fe8dcbb18907bf084937ffae5256a0f"
    assert shuffle_key(0, CAPTION, 0).hex() == digest
    assert shuffle_key(3, "café 🎉", 1) == sha256(rb'[3,"caf\u00e9 \ud83c\udf89",1]').digest()


def test_random_is_fair():
    # Each of 3 words is first in about a third of 3000 captions; 5 standard deviations are 0.043.
    firsts = [rank("random", f"{number} b c", seed=0).order[0] for number in range(3000)]
    for word in range(3):
        assert firsts.count(word) / 3000 == pytest.approx(1 / 3, abs=0.043)


@pytest.mark.parametrize(
    ("importance", "expected"),
    [
        ("heads", "dog running grass a brown is on the"),
        ("nouns", "dog grass a brown is running on the"),
        ("nounsverbs", "dog is running grass a brown on the"),
    ],
)
def test_prompttune(importance, expected):
    facts = {"heads": (2, 4, 7), "tags": TAGS}
    order = rank("prompttune", CAPTION, importance, facts, only_heads=False).order
    assert [CAPTION.split()[word] for word in order] == expected.split()


def test_prompttune_looks_at_every_tag_of_a_word_and_at_no_modal():
    facts = {"heads": (), "tags": (("DT",), ("NN", "POS"), ("NNS",), ("MD",), ("VB",))}
    text = "the man's dogs can run"
    assert rank("prompttune", text, "nouns", facts, only_heads=False).order == (1, 2, 0, 3, 4)
    assert rank("prompttune", text, "nounsverbs", facts, only_heads=False).order == (1, 2, 4, 0, 3)


def test_only_heads_stops_after_them_and_goes_with_heads_alone():
    facts = {"heads": (2, 4, 7), "tags": TAGS}
    assert rank("prompttune", CAPTION, "heads", facts, only_heads=True).order == (2, 4, 7)
    with pytest.raises(LscError, match="only-heads"):
        rank("prompttune", CAPTION, "nouns", facts, only_heads=True)


def seen_by_bob(*given):
    """Attention in which word i gives given[i] to one more word, the last, and nothing else passes."""
    attention = np.zeros((len(given) + 1, len(given) + 1))
    attention[:-1, -1] = given
    return attention


def test_heads_by_bobs_contribution():
    # heads: dog .2, running .9, grass (the last word, to which all give) 3.2
    facts = {"heads": (2, 4, 7), "bob_attention": seen_by_bob(0.5, 0.5, 0.2, 0.5, 0.9, 0.3, 0.3)}
    found = rank("prompttune", CAPTION, "heads_partBob", facts, only_heads=False)
    assert found.order == (7, 4, 2, 0, 1, 3, 5, 6)
    assert found.scores == pytest.approx((3.2, 0.9, 0.2, *[None] * 5))
    assert rank("prompttune", CAPTION, "heads_partBob", facts, only_heads=True).order == (7, 4, 2)


def test_heads_that_give_alike_stay_in_caption_order():
    facts = {"heads": (2, 4, 7), "bob_attention": np.zeros((8, 8))}
    assert rank("prompttune", CAPTION, "heads_partBob", facts, only_heads=True).order == (2, 4, 7)


def test_heads_that_bob_does_not_see_are_the_last_heads():
    attention = np.full((8, 8), np.nan)
    attention[:5, :5] = seen_by_bob(0.0, 0.0, 0.1, 0.0)
    facts = {"heads": (2, 4, 7), "bob_attention": attention}
    with pytest.warns(UserWarning, match="only 5 of a caption's 8"):
        found = rank("prompttune", CAPTION, "heads_partBob", facts, only_heads=False)
    assert found.order == (2, 4, 7, 0, 1, 3, 5, 6)
    assert found.scores == pytest.approx((0.1, 0.1, *[None] * 6))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_shuffled_heads_follow_the_method_random(seed):
    shuffled = rank("random", CAPTION, seed=seed).order
    found = rank("prompttune", CAPTION, "heads_random", {"heads": (2, 4, 7)}, only_heads=False, seed=seed)
    assert found.order[:3] == tuple(word for word in shuffled if word in (2, 4, 7))
    assert found.order[3:] == (0, 1, 3, 5, 6)


def test_each_importance_reads_and_heeds_its_own():
    spec = METHODS.find("prompttune")
    assert spec.reads_of("heads") == ("heads",)
    assert spec.reads_of("nouns") == ("tags",)
    assert spec.reads_of("heads_partBob") == ("heads", "bob_attention")
    assert sorted(one.name for one in spec.options_of("heads_random")) == ["only_heads", "rule", "seed"]
    assert spec.options_of("nouns") == ()
    assert [one.name for one in METHODS.find("allBob").options_of(None)] == ["penalty", "reorder"]


def test_skd_is_heads_on_the_captions_of_the_distilled_alice():
    spec = METHODS.find("prompttune")
    assert {name: spec.captioner_of(name) for name in ("heads", "nouns", "heads_skd")} == {
        "heads": "blip",
        "nouns": "blip",
        "heads_skd": "skd",
    }
    assert spec.reads_of("heads_skd") == ("heads",)
    facts = {"heads": (2, 4, 7)}
    ordered = rank("prompttune", CAPTION, "heads_skd", facts, only_heads=False).order
    assert ordered == rank("prompttune", CAPTION, "heads", facts, only_heads=False).order
    assert rank("prompttune", CAPTION, "heads_skd", facts, only_heads=True).order == (2, 4, 7)
    assert METHODS.find("partBob_clipTX").captioner_of("most") == "clip"


def test_heads_are_the_default():
    assert METHODS.find("PromptTune").find_importance(None) == "heads"
    assert METHODS.find("prompttune").find_importance("NounsVerbs") == "nounsverbs"


@given(st.data())
def test_every_ranking_is_a_permutation(data):
    words = data.draw(st.lists(st.sampled_from(["a", "dog", "runs", "🎉"]), max_size=9))
    text, count = " ".join(words), len(words)
    places = st.integers(0, count - 1) if count else st.nothing()
    tags = st.sampled_from([("NN",), ("VBZ",), ("DT",), ("NN", "POS")])
    facts = {
        "heads": tuple(sorted(data.draw(st.sets(places)))),
        "tags": tuple(data.draw(st.lists(tags, min_size=count, max_size=count))),
        "bob_attention": np.random.default_rng(0).random((count, count)),
    }
    rankings = [rank("order", text), rank("random", text, seed=data.draw(st.integers()))]
    rankings += [
        rank("prompttune", text, importance, facts, only_heads=False, seed=0)
        for importance in METHODS.find("prompttune").importances
    ]
    for found in rankings:
        assert sorted(found.order) == list(range(count))
        assert len(found.scores) == count
