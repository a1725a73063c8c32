"""What the models were not made for is told: loops of a captioner, unknown words, other pictures."""

from pathlib import Path

import pytest

from lsccli.core.captioners.base import GIVEN
from lsccli.core.channel.vocabulary import shipped
from lsccli.core.data.caption_files import read_captions
from lsccli.core.models.domain import about_captions, about_pictures, repeated, unknown_words
from lsccli.core.models.profile import load_profile
from lsccli.core.text.words import split_words

EXAMPLES = Path(__file__).parents[3] / "examples" / "storybook"
ON_PHOTOGRAPHS = """\
big brown cat jumping big brown big brown big brown big brown cat jumping in the big brown big brown
big big big big big big big big big big big big big big big big big big big big big big big big big
a big white cat is dancing on the big big big big big big
a large tan parasol and a large large tan armchair near a large tan parasol on the dark avenue
large chestnut bicycle and large large large large chestnut bicycle on the large chestnut
large large large large large scarlet hound in the barnyard
a man and a dog and a dog and a dog and a dog
red Ball, red ball, RED ball
the the the
""".splitlines()
ORDINARY = """\
a man in a red shirt and a woman in a blue dress are sitting on a bench in the park
a dog and a cat and a bird on a lawn in front of a house
the small red ball near the small red car and the small red bus

dog
a very very old house
two people, two bicycles
""".splitlines()


def words(text: str) -> list[str]:
    return [word.text for word in split_words(text)]


@pytest.mark.parametrize("text", ON_PHOTOGRAPHS)
def test_what_is_said_over_and_over(text: str) -> None:
    assert repeated(words(text))


@pytest.mark.parametrize("text", ORDINARY)
def test_and_what_is_not(text: str) -> None:
    assert repeated(words(text)) is None


def test_what_it_was_and_how_often() -> None:
    assert repeated(["big"] * 30) == ("big", 30)
    assert repeated(words("a dog and a dog and a dog and a man")) == ("a dog and", 3)
    assert repeated(words("red ball red ball red ball red ball")) == ("red ball", 4)


def test_captions_of_the_scenes_are_ordinary_and_known() -> None:
    domain = load_profile("storybook").domain
    captions = [words(text) for _, texts in read_captions(EXAMPLES / "captions.txt").named for text in texts]
    assert len(captions) > 100
    for people in (True, False):
        assert about_captions(domain, "x", captions, by_people=people) == []


def test_words_that_are_not_known() -> None:
    known = frozenset(shipped("storybook").words)
    assert unknown_words(words("A young skier jumps off a snowy cliff"), known) == [
        "young", "skier", "jumps", "off", "snowy", "cliff",
    ]  # fmt: skip
    assert unknown_words(words("A brown dog runs on the grass"), known) == []  # one is no matter


def test_the_lines() -> None:
    domain, paper = load_profile("storybook").domain, load_profile("paper").domain
    assert paper is None
    astray = [["big"] * 30, ["a", "cat"]]
    (line,) = about_captions(paper, "blip", astray, by_people=False)
    assert line.startswith("1 of 2 captions by blip with the same over and over, such as 'big' 30 times")
    assert about_captions(paper, GIVEN, astray, by_people=True) == []
    (line,) = about_captions(domain, GIVEN, [["a", "skier"]], by_people=True)
    assert line.startswith(
        "1 of 1 caption by dataset with words that these models do not know, such as 'skier'"
    )
    assert (
        about_pictures(paper, [0.5])
        == about_pictures(domain, [0.05, 0.22])
        == about_pictures(domain, [])
        == []
    )
    (line,) = about_pictures(domain, [0.1, 0.32, 0.0])
    assert line.startswith("2 of 3 images unlike drawn scenes, which is what these models were made for")
