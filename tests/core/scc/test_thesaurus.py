"""The table of synonyms, against WordNet 3.0 as looked up by hand."""

from importlib import resources

import pytest

from lsccli.core.scc import thesaurus
from lsccli.core.scc.thesaurus import alternatives, knows

DATA = resources.files("lsccli").joinpath("core", "scc", "data")


def relations(lemma: str, part: str) -> dict[str, str]:
    return {other.lemma: other.relation for other in alternatives(lemma, part)}


# From `wn`: bicycle, bike, wheel, cycle share a synset; car#1 = automobile; a puppy is a kind of dog#1;
# big#1 = large#1 and is similar to huge; crimson and scarlet are adjectives of the synset of red#1; azure and
# navy (nouns) are kinds of blue (noun); flower#2 = blossom#1; jump#1 = leap#1; bounce is a way to jump.
@pytest.mark.parametrize(
    ("lemma", "part", "other", "relation"),
    [
        ("bike", "n", "bicycle", "synonym"),
        ("car", "n", "automobile", "synonym"),
        ("car", "n", "sedan", "narrower"),
        ("sedan", "n", "car", "broader"),
        ("dog", "n", "puppy", "narrower"),
        ("puppy", "n", "dog", "broader"),
        ("big", "a", "large", "synonym"),
        ("big", "a", "huge", "similar"),
        ("huge", "a", "big", "similar"),
        ("red", "a", "scarlet", "synonym"),
        ("blue", "a", "azure", "narrower noun"),
        ("golden", "a", "yellow", "broader noun"),
        ("flower", "n", "blossom", "synonym"),
        ("jump", "v", "leap", "synonym"),
        ("jump", "v", "bounce", "narrower"),
        ("sea", "n", "ocean", "synonym"),
        ("quickly", "r", "rapidly", "synonym"),
    ],
)
def test_relations(lemma: str, part: str, other: str, relation: str) -> None:
    assert relations(lemma, part)[other] == relation


def test_rare_senses_are_left_out() -> None:
    # cat#3 is a spiteful woman, dog#4 a cad, both never tagged; man#7 = gentleman is one use in 400.
    assert "woman" not in relations("cat", "n")
    assert not {"cad", "blackguard", "hound"} & set(relations("dog", "n"))
    # wheel#... is a bicycle in a rare sense of wheel, so it does not stand for one.
    assert "wheel" not in relations("bicycle", "n")


def test_single_words_no_names_and_not_itself() -> None:
    for lemma, part in (("dog", "n"), ("city", "n"), ("run", "v"), ("big", "a")):
        others = relations(lemma, part)
        assert lemma not in others
        assert others
        assert all(other.isalpha() and other.islower() for other in others)
    assert "dalmatian" in relations("dog", "n")
    assert not {"paris", "london"} & set(relations("city", "n"))


def test_what_it_does_not_know() -> None:
    assert not knows("the", "n")
    assert not knows("puppy", "v")
    assert alternatives("puppy", "v") == []
    assert alternatives("qwertz", "n") == []


def test_the_table_is_small_and_has_its_licence() -> None:
    sizes = [len(DATA.joinpath(name).read_bytes()) for name in ("synonyms.txt", "forms.txt")]
    assert sum(sizes) < 1_500_000
    licence = DATA.joinpath("WORDNET-LICENSE.txt").read_text()
    assert "WordNet 3.0 Copyright 2006 by Princeton University" in licence
    assert "the same appear on ALL copies" in " ".join(licence.split())


def test_the_digest_is_that_of_both_files(monkeypatch: pytest.MonkeyPatch) -> None:
    told = thesaurus.digest()
    assert told.startswith("sha256:")
    read = thesaurus._read
    for changed in ("synonyms.txt", "forms.txt"):
        monkeypatch.setattr(
            thesaurus, "_read", lambda name, changed=changed: read(name) + b"x" * (name == changed)
        )
        assert thesaurus.digest.__wrapped__() != told
