"""Semantic channel coding: rules against brute force, examples worked by hand, and what enters the keys."""

import itertools
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from lsccli.core.channel.link import SCC_CLOSENESS
from lsccli.core.channel.settings import ChannelSettings, resolved
from lsccli.core.channel.vocabulary import shipped
from lsccli.core.errors import LscError, MissingModelError
from lsccli.core.models.models import Models, resolve_compute
from lsccli.core.models.profile import load_profile
from lsccli.core.models.roles import ParserRole, TextEncoderRole
from lsccli.core.scc import coder as coder_module
from lsccli.core.scc import thesaurus
from lsccli.core.scc.coder import SemanticCoder, Substitution, settings_of
from lsccli.core.scc.link import link_identity
from tests.core.scc.test_distance import levenshtein

BOB = shipped("storybook").words
FAR = {("big", "mammoth"), ("large", "mammoth"), ("floating", "swimming"), ("yellow", "amber")}


class Table:
    """Everything is alike, but for a few pairs."""

    def __init__(self, **close: float) -> None:
        self.close = close

    def learn(self, words: Iterable[str]) -> None:
        """Nothing to do."""

    def cosine(self, first: str, second: str) -> float:
        if {(first, second), (second, first)} & FAR:
            return 0.5
        return self.close.get(second, 0.95)


def coder(rule: str = "longer", words: Iterable[str] = BOB, **close: float) -> SemanticCoder:
    return SemanticCoder(rule, words, Table(**close), SCC_CLOSENESS)


def one(
    word: str, tag: str, rule: str = "longer", words: Iterable[str] = BOB, **close: float
) -> Substitution:
    return coder(rule, words, **close).encode([word], [(tag,)])[0]


@pytest.mark.parametrize(
    ("word", "tag", "sent"),
    [
        ("bike", "NN", "bicycle"),  # cycle is rare for a bicycle, and shorter
        ("car", "NN", "automobile"),
        ("dog", "NN", "puppy"),
        ("small", "JJ", "little"),  # tiny is shorter
        ("big", "JJ", "large"),  # mammoth is an elephant to Bob
        ("blue", "JJ", "azure"),  # longer than navy
        ("jumping", "VBG", "bouncing"),  # leaping is as long as jumping
        ("house", "NN", "cottage"),
        ("bus", "NN", "minibus"),
        ("chair", "NN", "armchair"),
        ("man", "NN", "gentleman"),  # longer than guy
        # Those that stay.
        ("large", "JJ", "large"),
        ("umbrella", "NN", "umbrella"),
        ("floating", "VBG", "floating"),  # drifting is as long, swimming another thing
        ("amber", "NN", "amber"),
        ("on", "IN", "on"),
        ("is", "VBZ", "is"),
        ("running", "NN", "running"),  # the verb would have something
    ],
)
def test_worked_by_hand(word: str, tag: str, sent: str) -> None:
    assert one(word, tag).sent == sent


def test_why_a_word_stays() -> None:
    assert one("on", "IN").reason == one("is", "VBZ").reason == "no content word"
    assert one("amber", "NN").reason == "none is close enough in meaning"
    assert one("large", "JJ").reason == "none is longer"
    assert one("cat", "NN").reason.startswith("Bob knows none of ")
    assert one("qwertz", "NN").reason == "WordNet offers none"
    assert coder().encode(["t-shirt"], [("NN", "HYPH", "NN")])[0].reason == "more than one token"


def test_the_candidates_are_told() -> None:
    found = one("big", "JJ")
    assert (found.tag, found.part, found.sent, found.reason) == ("JJ", "a", "large", "the longest")
    told = {candidate.word: (candidate.relation, candidate.verdict) for candidate in found.candidates}
    assert told == {
        "large": ("synonym", "sent"),
        "huge": ("similar", "large goes before it"),
        "mammoth": ("similar", "too far in meaning"),
    }
    assert found.unknown > 20


def test_forms_follow_the_tag() -> None:
    words = [*BOB, "puppies", "automobiles", "larger", "leaped", "leapt", "bounced", "bounces"]
    assert one("dogs", "NNS", words=words).sent == "puppies"
    assert one("dogs", "NNS").sent == "dogs"
    assert one("cars", "NNS", words=words).sent == "automobiles"
    assert one("bigger", "JJR", words=words).sent == "bigger"  # larger is as long
    assert one("jumped", "VBD", words=words).sent == "bounced"
    assert one("jumps", "VBZ", words=words).sent == "bounces"


def test_equally_long_ones_by_closeness_then_alphabet() -> None:
    assert one("red", "JJ").sent == "crimson"
    assert one("red", "JJ", scarlet=0.96).sent == "scarlet"


def test_capitals_stay() -> None:
    assert one("Dog", "NN").sent == "Puppy"
    assert one("DOG", "NN").sent == "PUPPY"


def test_articles_follow_the_word_that_is_sent() -> None:
    tags = [("DT",), ("JJ",), ("NN",)]

    def sent(text: str) -> str:
        return " ".join(word.sent for word in coder().encode(text.split(), tags))

    assert sent("a green ball") == "an emerald ball"
    assert sent("A green ball") == "An emerald ball"
    assert sent("a big ball") == "a large ball"
    # What was not replaced keeps its article, be it wrong.
    assert sent("a ivory ball") == "a ivory ball"
    assert sent("the green ball") == "the emerald ball"
    words = [word for word in BOB if word != "an"]
    assert coder(words=words).encode(["a", "green"], tags[:2])[0].sent == "a"
    assert coder().encode(["a", "car"], tags[:2])[0].reason != "article of automobile"  # car is tagged JJ
    assert coder().encode(["a", "car"], [("DT",), ("NN",)])[0].reason == "article of automobile"


@pytest.mark.parametrize(
    ("words", "vowel"),
    [
        (("apple", "hour", "uncle", "umbrella", "uninteresting", "honest", "onerous"), True),
        (("horse", "unicorn", "user", "one", "European", "usual", "ewe"), False),
    ],
)
def test_sounds(words: tuple[str, ...], vowel: bool) -> None:
    assert [word for word in words if coder_module._vowel(word) is not vowel] == []


def offers(word: str, tag: str) -> set[str]:
    """Candidates by another way: of one lemma, each form that Bob knows."""
    found = one(word, tag)
    return {candidate.word for candidate in found.candidates if candidate.closeness >= SCC_CLOSENESS}


def distance(word: str) -> int:
    return min(levenshtein(word, other) for other in BOB if other != word)


def test_both_rules_by_brute_force() -> None:
    checked = changed = 0
    for word, tag in itertools.product(BOB, ("NN", "VBG", "JJ")):
        fit = offers(word, tag)
        assert fit <= set(BOB)
        longest = max((len(other) for other in fit), default=0)
        sent = one(word, tag)
        if longest > len(word):
            assert sent.sent in fit
            assert len(sent.sent) == longest
        else:
            assert sent.sent == word
        far = one(word, tag, "distance")
        ordered = sorted(fit, key=lambda other: (-distance(other), -len(other), other))
        expected = ordered[0] if fit and distance(ordered[0]) > distance(word) else word
        assert far.sent == expected
        if far.candidates:
            assert far.distance == distance(word)
            assert {one.word: one.distance for one in far.candidates} == {
                one.word: distance(one.word) for one in far.candidates
            }
        checked += bool(fit)
        changed += (sent.sent != word) + (far.sent != word)
    assert checked > 60
    assert changed > 60


def test_rules_are_named() -> None:
    with pytest.raises(ValueError, match="'shorter'"):
        coder("shorter")


def test_settings() -> None:
    assert resolved().facts() == resolved(scc="none").facts() == ChannelSettings().facts()
    given = resolved(scc="longer")
    assert given.facts()["scc_closeness"] == SCC_CLOSENESS
    assert ChannelSettings.of(given.facts()) == given
    assert resolved(scc="distance", scc_closeness=0.0).scc_closeness == 0
    for wrong, told in (
        ({"scc": "shorter"}, "--scc 'shorter': choose none, longer, distance"),
        ({"scc_closeness": 0.5}, "--scc-closeness goes with --scc"),
        ({"scc": "longer", "scc_closeness": 1.5}, "--scc-closeness 1.5: give a number from -1 to 1"),
    ):
        with pytest.raises(LscError, match=told):
            resolved(**wrong)
    # Which words Bob knows matters to SCC even where he reads characters.
    assert resolved(scc="longer").uses_vocabulary


@pytest.fixture
def models(tiny_profile: Path) -> Models:
    return Models(load_profile(str(tiny_profile)), resolve_compute("cpu", "auto", "auto"))


def test_a_link_is_known_by_all_that_scc_reads(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = resolved(channel="bsc", ber=0.1)
    assert link_identity(models, plain) == plain.identity()
    given = resolved(scc="longer")
    base = link_identity(models, given)
    assert settings_of(dict(base.settings)) == given
    reads = base.settings["scc_reads"]
    assert set(reads) == {"version", "tables", "text_encoder", "parser"}
    assert reads["text_encoder"]["model"].startswith("sha256:")
    assert reads["parser"]["installed"].startswith("en_core_web_sm")
    others = [
        link_identity(models, resolved(scc="distance")),
        link_identity(models, resolved(scc="longer", scc_closeness=0.9)),
        link_identity(models, given.knowing(shipped("english").digest, None)),
    ]
    roles = models.profile.roles
    encoder = TextEncoderRole(model=models.profile.bob_captioner.clip, subfolder="", tokenizer="")
    other = replace(models.profile, roles={**roles, "text_encoder": encoder})
    others.append(link_identity(Models(other, models.compute), given))
    monkeypatch.setattr(thesaurus, "digest", lambda: "sha256:other")
    others.append(link_identity(models, given))
    for number, found in enumerate(others):
        assert found.named not in (base.named, *(one.named for one in others[:number]))


def test_models_that_cannot_serve_it(models: Models) -> None:
    given = resolved(scc="longer")
    roles = models.profile.roles
    for role in ("text_encoder", "parser"):
        left = {name: settings for name, settings in roles.items() if name != role}
        poor = Models(replace(models.profile, roles=left), models.compute)
        with pytest.raises(MissingModelError, match=f"names no {role}"):
            link_identity(poor, given)
    elsewhere = replace(models.profile, roles={**roles, "parser": ParserRole(model="no_such_parser")})
    with pytest.raises(MissingModelError, match="no_such_parser"):
        link_identity(Models(elsewhere, models.compute), given)
