"""The conversion to UD governors on trees drawn by hand; no parser takes part.

A token is text/tag/label/ClearNLP governor/UD governor, tokens counted from 1, a root has governor 0.
The UD side follows https://universaldependencies.org/en/ (case, cop, conj, expl, fixed).
"""

import pytest

from lsccli.core.text.universal import universal_governors

TREES = {
    "object takes the adposition's place": (
        "a/DT/det/2/2 dog/NN/nsubj/4/4 is/VBZ/aux/4/4 running/VBG/ROOT/0/0 on/IN/prep/4/7 the/DT/det/7/7"
        " grass/NN/pobj/5/4"
    ),
    "two adpositions, both on the object": (
        "man/NN/nsubj/2/2 gets/VBZ/ROOT/0/0 out/IN/prep/2/6 of/IN/prep/3/6 a/DT/det/6/6 car/NN/pobj/4/2"
    ),
    "from behind": (
        "dog/NN/nsubj/2/2 jumps/VBZ/ROOT/0/0 from/IN/prep/2/5 behind/IN/pcomp/3/5 trees/NNS/pobj/4/2"
    ),
    "next to, an adverb of the verb": (
        "dog/NN/nsubj/2/2 sits/VBZ/ROOT/0/0 right/RB/advmod/4/7 next/RB/advmod/2/7 to/IN/prep/4/7"
        " a/DT/det/7/7"
        " ball/NN/pobj/5/2"
    ),
    "next to, its second word on the verb": (
        "dog/NN/nsubj/2/2 sits/VBZ/ROOT/0/0 next/RB/advmod/2/6 to/IN/prep/2/6 a/DT/det/6/6 ball/NN/pobj/4/2"
    ),
    "next to, as predicate": (
        "dog/NN/nsubj/2/6 is/VBZ/ROOT/0/6 next/JJ/acomp/2/6 to/IN/prep/3/6 a/DT/det/6/6 ball/NN/pobj/4/0"
    ),
    "in front of, word by word": (
        "a/DT/det/2/2 man/NN/ROOT/0/0 in/IN/prep/2/4 front/NN/pobj/3/2 of/IN/prep/4/7 a/DT/det/7/7"
        " house/NN/pobj/5/4"
    ),
    "on top of, with an adverb": (
        "cat/NN/ROOT/0/0 right/RB/advmod/3/4 on/IN/prep/1/4 top/NN/pobj/3/1 of/IN/prep/4/6 cars/NNS/pobj/5/4"
    ),
    "because of, the object on its first word": (
        "because/IN/prep/7/4 of/IN/pcomp/1/4 the/DT/det/4/4 rain/NN/pobj/1/7 ,/,/punct/7/7"
        " people/NNS/nsubj/7/7"
        " run/VBP/ROOT/0/0"
    ),
    "agent": (
        "dogs/NNS/nsubjpass/3/3 are/VBP/auxpass/3/3 chased/VBN/ROOT/0/0 by/IN/agent/3/6 a/DT/det/6/6"
        " cat/NN/pobj/4/3"
    ),
    "dative": (
        "he/PRP/nsubj/2/2 gives/VBZ/ROOT/0/0 bones/NNS/dobj/2/2 to/IN/dative/2/6 a/DT/det/6/6 dog/NN/pobj/4/2"
    ),
    "dative without adposition": (
        "he/PRP/nsubj/2/2 gives/VBZ/ROOT/0/0 the/DT/det/4/4 dog/NN/dative/2/2 bones/NNS/dobj/2/2"
    ),
    "a clause as object": (
        "boys/NNS/nsubj/2/2 run/VBP/ROOT/0/0 without/IN/prep/2/4 looking/VBG/pcomp/3/2 at/IN/prep/4/6"
        " it/PRP/pobj/5/4"
    ),
    "coordinated objects": (
        "dog/NN/ROOT/0/0 on/IN/prep/1/3 grass/NN/pobj/2/1 and/CC/cc/3/5 sand/NN/conj/3/3"
    ),
    "coordinated phrases": (
        "dog/NN/ROOT/0/0 on/IN/prep/1/3 grass/NN/pobj/2/1 and/CC/cc/2/6 in/IN/conj/2/6 water/NN/pobj/5/3"
    ),
    "coordinated adpositions": (
        "people/NNS/ROOT/0/0 in/IN/prep/1/6 and/CC/cc/2/6 around/IN/conj/2/6 the/DT/det/6/6 house/NN/pobj/4/1"
    ),
    "stranded adposition": (
        "the/DT/det/2/2 ball/NN/ROOT/0/0 the/DT/det/4/4 dog/NN/nsubj/5/5 plays/VBZ/relcl/2/2 with/IN/prep/5/5"
    ),
    "particle": "boys/NNS/nsubj/2/2 pick/VBP/ROOT/0/0 up/RP/prt/2/2 balls/NNS/dobj/2/2",
    "a phrase that is the whole caption": "in/IN/ROOT/0/3 the/DT/det/3/3 park/NN/pobj/1/0",
    "including": "pets/NNS/ROOT/0/0 including/VBG/prep/1/3 cats/NNS/pobj/2/1",
    "according to": (
        "he/PRP/nsubj/2/2 runs/VBZ/ROOT/0/0 according/VBG/prep/2/5 to/IN/prep/3/5 plan/NN/pobj/4/2"
    ),
    "adjective as predicate": "the/DT/det/2/2 dog/NN/nsubj/3/4 is/VBZ/ROOT/0/4 brown/JJ/acomp/3/0",
    "noun as predicate": "Max/NNP/nsubj/2/4 's/VBZ/ROOT/0/4 a/DT/det/4/4 dog/NN/attr/2/0 ././punct/2/4",
    "phrase as predicate": (
        "girls/NNS/nsubj/3/6 will/MD/aux/3/6 be/VB/ROOT/0/6 in/IN/prep/3/6 the/DT/det/6/6 park/NN/pobj/4/0"
        " at/IN/prep/3/8 night/NN/pobj/7/6"
    ),
    "adverb as predicate": (
        "the/DT/det/2/2 man/NN/nsubj/3/5 is/VBZ/ROOT/0/5 not/RB/neg/3/5 outside/RB/advmod/3/0"
    ),
    "copula in a relative clause": (
        "a/DT/det/2/2 dog/NN/nsubj/6/6 that/WDT/nsubj/4/5 is/VBZ/relcl/2/5 brown/JJ/acomp/4/2"
        " runs/VBZ/ROOT/0/0"
    ),
    "two copulas": (
        "sky/NN/nsubj/2/3 is/VBZ/ROOT/0/3 blue/JJ/acomp/2/0 and/CC/cc/2/7 grass/NN/nsubj/6/7 is/VBZ/conj/2/7"
        " green/JJ/acomp/6/3"
    ),
    "turned round": (
        "on/IN/prep/4/3 the/DT/det/3/3 left/NN/pobj/1/0 is/VBZ/ROOT/0/3 a/DT/det/7/7 tall/JJ/amod/7/7"
        " man/NN/attr/4/3"
    ),
    "here is": "here/RB/advmod/2/0 is/VBZ/ROOT/0/1 a/DT/det/4/4 dog/NN/nsubj/2/1",
    "there is": (
        "there/EX/expl/2/2 is/VBZ/ROOT/0/0 a/DT/det/4/4 dog/NN/attr/2/2 in/IN/prep/2/7 the/DT/det/7/7"
        " park/NN/pobj/5/2"
    ),
    "auxiliaries are no copulas": (
        "cars/NNS/nsubjpass/4/4 are/VBP/aux/4/4 being/VBG/auxpass/4/4 washed/VBN/ROOT/0/0"
        " outside/RB/advmod/4/4"
    ),
    "conjuncts in a chain": (
        "cat/NN/nsubj/2/3 is/VBZ/ROOT/0/3 black/JJ/acomp/2/0 ,/,/punct/3/3 small/JJ/conj/3/3 and/CC/cc/5/7"
        " fast/JJ/conj/5/3"
    ),
    "both ... and": (
        "both/CC/preconj/2/2 dogs/NNS/nsubj/5/5 and/CC/cc/2/4 cats/NNS/conj/2/2 run/VBP/ROOT/0/0"
    ),
    "as well as": (
        "a/DT/det/2/2 car/NN/ROOT/0/0 as/RB/advmod/5/7 well/RB/advmod/5/7 as/IN/cc/2/7 a/DT/det/7/7"
        " bus/NN/conj/2/2"
    ),
    "possessor": (
        "a/DT/det/2/2 man/NN/poss/4/4 's/POS/case/2/2 hat/NN/nsubj/5/6 is/VBZ/ROOT/0/6 on/IN/advmod/5/0"
    ),
}  # fmt: skip


def read(tree):
    """Texts, tags, labels and the two lists of governors (a root governs itself)."""
    rows = [token.rsplit("/", 4) for token in tree.split()]
    texts, tags, labels = ([row[column] for row in rows] for column in range(3))
    given, wanted = (
        [int(row[column]) - 1 if row[column] != "0" else index for index, row in enumerate(rows)]
        for column in (3, 4)
    )
    return texts, tags, labels, given, wanted


@pytest.mark.parametrize("name", TREES)
def test_governors(name):
    texts, tags, labels, given, wanted = read(TREES[name])
    before = (list(texts), list(given), list(labels), list(tags))
    assert universal_governors(texts, given, labels, tags) == wanted
    assert (texts, given, labels, tags) == before  # the caller's lists are left alone


@pytest.mark.parametrize("name", TREES)
def test_the_hand_made_trees_are_trees(name):
    _, _, _, given, wanted = read(TREES[name])
    for governors in (given, wanted):
        assert sum(token == governor for token, governor in enumerate(governors)) == 1
        for token in range(len(governors)):
            for _ in governors:
                token = governors[token]
            assert governors[token] == token


def test_several_sentences_have_several_roots():
    texts, tags = ["dogs", "run", "cats", "sleep"], ["NNS", "VBP", "NNS", "VBP"]
    governors = [1, 1, 3, 3]
    assert universal_governors(texts, governors, ["nsubj", "ROOT"] * 2, tags) == governors


@pytest.mark.parametrize(
    ("governors", "labels"),
    [([0, 5], ["ROOT", "det"]), ([0], ["ROOT", "det"]), ([1, 0], ["det", "det"])],
)
def test_what_is_no_tree_is_refused(governors, labels):
    with pytest.raises(ValueError, match="governors"):
        universal_governors(["a", "dog"], governors, labels, ["DT", "NN"])


SECOND = {
    "a participle with a subject": (
        "people/NNS/nsubj/2/0 walking/VBG/ROOT/0/1 down/IN/prep/2/6 a/DT/det/6/6 busy/JJ/amod/6/6"
        " street/NN/pobj/3/2 ./././2/2"
    ),
    "of a passive": "cars/NNS/nsubjpass/2/0 parked/VBN/ROOT/0/1 outside/RB/advmod/2/2",
    "with an auxiliary it is a clause": "dogs/NNS/nsubj/3/3 are/VBP/aux/3/3 running/VBG/ROOT/0/0",
    "a finite verb is no participle": "dogs/NNS/nsubj/2/2 run/VBP/ROOT/0/0 fast/RB/advmod/2/2",
    "nor one below another root": (
        "he/PRP/nsubj/2/2 sees/VBZ/ROOT/0/0 dogs/NNS/nsubj/4/4 running/VBG/ccomp/2/2"
    ),
    "an inside with an article": (
        "the/DT/det/2/2 inside/NN/ROOT/0/0 of/IN/prep/2/5 a/DT/det/5/5 box/NN/pobj/3/2"
    ),
    "one without": "he/PRP/nsubj/2/2 sits/VBZ/ROOT/0/0 inside/IN/prep/2/5 of/IN/prep/3/5 boxes/NNS/pobj/4/2",
}  # fmt: skip


@pytest.mark.parametrize("name", SECOND)
def test_the_second_edition_reads_more_as_noun_phrases(name):
    texts, tags, labels, given, wanted = read(SECOND[name])
    assert universal_governors(texts, given, labels, tags, 2) == wanted


def test_the_first_edition_stays_as_it_was():
    texts, tags, labels, given, wanted = read(SECOND["a participle with a subject"])
    assert universal_governors(texts, given, labels, tags) == [1, 1, 5, 5, 5, 1, 1] != wanted
    texts, tags, labels, given, wanted = read(SECOND["an inside with an article"])
    assert universal_governors(texts, given, labels, tags) == [4, 4, 4, 4, 4] != wanted
