"""Inflection there and back, against forms written down by hand."""

import pytest

from lsccli.core.scc.inflect import forms, lemmas

FORMS = [
    ("dog", "NNS", "dogs"),
    ("puppy", "NNS", "puppies"),
    ("boy", "NNS", "boys"),
    ("box", "NNS", "boxes"),
    ("church", "NNS", "churches"),
    ("potato", "NNS", "potatoes"),
    ("zoo", "NNS", "zoos"),
    ("man", "NNS", "men"),
    ("woman", "NNS", "women"),
    ("human", "NNS", "humans"),
    ("child", "NNS", "children"),
    ("goose", "NNS", "geese"),
    ("mouse", "NNS", "mice"),
    ("calf", "NNS", "calves"),
    ("leaf", "NNS", "leaves"),
    ("sheep", "NNS", "sheep"),
    ("run", "VBG", "running"),
    ("swim", "VBG", "swimming"),
    ("race", "VBG", "racing"),
    ("bathe", "VBG", "bathing"),
    ("lie", "VBG", "lying"),
    ("see", "VBG", "seeing"),
    ("hover", "VBG", "hovering"),
    ("nap", "VBG", "napping"),
    ("jump", "VBD", "jumped"),
    ("stop", "VBD", "stopped"),
    ("carry", "VBD", "carried"),
    ("play", "VBD", "played"),
    ("dance", "VBN", "danced"),
    ("run", "VBD", "ran"),
    ("run", "VBN", "run"),
    ("come", "VBN", "come"),
    ("swim", "VBD", "swam"),
    ("swim", "VBN", "swum"),
    ("begin", "VBD", "began"),
    ("begin", "VBN", "begun"),
    ("drive", "VBD", "drove"),
    ("drive", "VBN", "driven"),
    ("fly", "VBN", "flown"),
    ("keep", "VBN", "kept"),
    ("put", "VBD", "put"),
    ("beat", "VBD", "beat"),
    ("beat", "VBN", "beaten"),
    ("fly", "VBZ", "flies"),
    ("dash", "VBZ", "dashes"),
    ("go", "VBZ", "goes"),
    ("sleep", "VBZ", "sleeps"),
    ("big", "JJR", "bigger"),
    ("large", "JJR", "larger"),
    ("tiny", "JJS", "tiniest"),
    ("good", "JJS", "best"),
    ("small", "JJS", "smallest"),
    ("fast", "RBR", "faster"),
]


@pytest.mark.parametrize(("lemma", "tag", "form"), FORMS)
def test_there_and_back(lemma: str, tag: str, form: str) -> None:
    assert forms(lemma, tag)[0] == form
    assert lemma in lemmas(form, tag)


def test_the_most_likely_lemma_comes_first() -> None:
    assert lemmas("racing", "VBG")[0] == "race"
    assert lemmas("bathing", "VBG")[0] == "bathe"
    assert lemmas("hopping", "VBG")[0] == "hop"


def test_second_forms() -> None:
    assert forms("leap", "VBD") == ["leapt", "leaped"]
    assert forms("mow", "VBN") == ["mown", "mowed"]
    assert forms("get", "VBN") == ["gotten", "got"]
    assert set(forms("bus", "NNS")) == {"buses", "busses"}
    assert forms("fish", "NNS") == ["fish", "fishes"]
    # No "mans", "runned", "goodest" beside the irregular one.
    assert forms("man", "NNS") == ["men"]
    assert forms("run", "VBD") == ["ran"]
    assert forms("good", "JJR") == ["better"]


def test_plain_forms_and_none() -> None:
    assert forms("dog", "NN") == lemmas("dog", "NN") == ["dog"]
    assert forms("beautiful", "JJR") == []  # more beautiful: two words
    with pytest.raises(ValueError, match="'DT'"):
        forms("the", "DT")
    with pytest.raises(ValueError, match="'IN'"):
        lemmas("on", "IN")
