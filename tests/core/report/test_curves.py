from pathlib import Path

import numpy as np
import pytest
import sqlmodel

from lsccli.core.errors import LscError
from lsccli.core.report.curves import load_curves
from lsccli.core.report.selection import Selection
from lsccli.core.store.tables import Image


def select(**options) -> Selection:
    return Selection(**{"metric": "stlpips-alex", "profile": "storybook", **options})


def by_image(curve_set, curve, ids):
    """Rows of a curve in the order of `ids`."""
    places = [list(curve_set.images).index(number) for number in ids]
    return curve.scores[places], curve.bits[places]


@pytest.fixture
def two_images(maker):
    """`order` on two captions, of two words and of one."""
    first, second = maker.image("a"), maker.image("b")
    maker.send(first, "red dog")
    maker.score(first, {"": 0.9, "red": 0.5, "red dog": 0.3})
    maker.send(second, "sea")
    maker.score(second, {"": 0.7, "sea": 0.1})
    return first, second


def test_scores_and_bits_are_carried_forward_to_the_longest_caption(store, two_images):
    found = load_curves(store, select())
    (curve,) = found.curves
    assert (found.longest, found.better, found.nothing, list(found.missing)) == (2, "lower", None, [])
    scores, bits = by_image(found, curve, two_images)
    np.testing.assert_allclose(scores, [[0.9, 0.5, 0.3], [0.7, 0.1, 0.1]])
    # red: 3 letters; dog: a space and 3 letters; sea: 3 letters.
    np.testing.assert_array_equal(bits, [[0, 24, 56], [0, 24, 24]])
    assert sorted(curve.words) == [1, 2]
    assert (curve.method, curve.importance, curve.captioner, curve.label) == ("order", None, "blip", "order")
    assert curve.settings["receiver"]["steps"] == 4
    assert curve.settings["metric"] == {"metric": "stlpips-alex", "size": 64}


def test_images_come_in_the_order_of_their_keys_not_of_their_making(store, maker):
    names = ["a", "b", "c", "d", "e"]
    ids = {}
    for name in names:
        ids[name] = maker.image(name)
        maker.send(ids[name], "sea")
        maker.score(ids[name], {"": 0.7, "sea": 0.1})
    with store.read() as session:
        keys = {image.id: image.key for image in session.exec(sqlmodel.select(Image))}
    ordered = sorted(ids.values(), key=keys.__getitem__)
    assert ordered != sorted(ordered)
    assert list(load_curves(store, select()).images) == ordered
    assert list(load_curves(store, select(image_ids=(ids["b"],))).images) == [ids["b"]]


def test_of_an_edited_caption_the_newest_text_counts(store, maker):
    image = maker.image("a")
    maker.send(image, "red dog")
    maker.score(image, {"": 0.9, "red": 0.5, "red dog": 0.3})
    maker.send(image, "sea", edition=2)
    maker.score(image, {"sea": 0.1})
    np.testing.assert_allclose(load_curves(store, select()).curves[0].scores, [[0.9, 0.1]])


def test_seeds_trials_and_captions_are_averaged_within_the_image(store, maker):
    first, second = maker.image("a"), maker.image("b")
    # Image a: two ranking seeds and two trials of one of them; image b once.
    maker.send(first, "red dog", seed=0)
    maker.send(first, "red dog", seed=1, sent=[1, 0])
    maker.send(first, "red dog", seed=1, trial=1, sent=[1, 0])
    maker.score(first, {"": 0.9, "red": 0.6, "dog": 0.3, "red dog": 0.2, "dog red": 0.5})
    maker.send(second, "sea")
    maker.score(second, {"": 0.8, "sea": 0.4})
    found = load_curves(store, select())
    (curve,) = found.curves
    scores, _ = by_image(found, curve, [first, second])
    np.testing.assert_allclose(scores, [[0.9, (0.6 + 0.3 + 0.3) / 3, (0.2 + 0.5 + 0.5) / 3], [0.8, 0.4, 0.4]])
    assert sorted(curve.replicates) == [1, 3]


def test_receiver_seeds_are_averaged_within_the_image(store, maker, two_images):
    first, second = two_images
    maker.score(first, {"": 0.7, "red": 0.3, "red dog": 0.1}, seed=101)
    # Image b has the empty prompt only at the second seed: that seed is not used for it.
    maker.score(second, {"": 0.2}, seed=101)
    found = load_curves(store, select())
    (curve,) = found.curves
    scores, bits = by_image(found, curve, two_images)
    np.testing.assert_allclose(scores, [[0.8, 0.4, 0.2], [0.7, 0.1, 0.1]])
    np.testing.assert_array_equal(bits, [[0, 24, 56], [0, 24, 24]])
    assert found.left_out == 0


def test_the_data_set_s_first_caption_counts_unless_all_are_asked_for(store, maker):
    image = maker.image("a")
    maker.send(image, "red dog", captioner="dataset", position=0)
    maker.send(image, "hound", captioner="dataset", position=1)
    maker.score(image, {"": 0.8, "red": 0.5, "red dog": 0.3, "hound": 0.1})
    (first,) = load_curves(store, select()).curves
    np.testing.assert_allclose(first.scores, [[0.8, 0.5, 0.3]])
    (both,) = load_curves(store, select(captions="all")).curves
    np.testing.assert_allclose(both.scores, [[0.8, 0.3, 0.2]])
    assert both.words[0] == 1.5


def test_a_ranking_that_stops_early_is_carried_forward_over_the_whole_caption(store, maker):
    image = maker.image("a")
    maker.send(image, "a red dog runs", sent=[2])
    maker.score(image, {"": 0.8, "dog": 0.5})
    found = load_curves(store, select())
    assert found.longest == 4
    np.testing.assert_allclose(found.curves[0].scores, [[0.8, 0.5, 0.5, 0.5, 0.5]])
    assert found.curves[0].words[0] == 1


def test_an_image_that_is_incomplete_in_one_curve_is_left_out_of_all(store, maker, two_images):
    first, second = two_images
    maker.send(first, "red dog", method="partBob", importance="most", sent=[1, 0])
    maker.score(first, {"dog": 0.4, "dog red": 0.2})
    maker.send(second, "sea bird", captioner="clip", method="allBob", sent=[1, 0])
    maker.score(first, {"bird": 0.4})  # of another image: of no use to b
    maker.send(first, "cat", captioner="clip", method="allBob")
    maker.score(first, {"cat": 0.3})
    found = load_curves(store, select())
    assert [curve.label for curve in found.curves] == ["order", "partBob:most", "allBob"]
    assert [curve.oracle for curve in found.curves] == [False, False, True]
    assert list(found.images) == [first]
    assert found.left_out == 1
    gaps = {(gap.method, gap.what): gap for gap in found.missing}
    assert set(gaps) == {("partBob", "transmission"), ("allBob", "generation"), ("allBob", "score")}
    assert gaps["partBob", "transmission"].images == 1
    assert gaps["partBob", "transmission"].command == (
        "lsc transmit --method partBob --importance most --captioner blip"
    )
    # Of "", "bird", "bird sea" only the last was never drawn; "bird" was, but not scored for b.
    assert (gaps["allBob", "generation"].count, gaps["allBob", "generation"].command) == (1, "lsc generate")
    assert gaps["allBob", "score"].count == 1
    assert gaps["allBob", "score"].command == "lsc score --metric stlpips-alex"
    narrowed = load_curves(store, select(methods=("ORDER",)))
    assert len(narrowed.images) == 2


def test_the_command_for_what_was_not_sent_has_the_options_of_its_channel(store, maker, two_images):
    noisy = {"channel": "bsc", "ber": 0.1, "reorder": "free", "decoder": "vocabulary", "seed": 0}
    coded = {"reorder": "none", "scc": "longer", "scc_closeness": 0.91, "scc_reads": {"version": 1}}
    odd = {"channel": "pigeon"}
    for method, channel in (("order", noisy), ("partBob", coded), ("allBob", odd)):
        maker.send(two_images[0], "red dog", method=method, channel=channel)
    commands = {gap.command for gap in load_curves(store, select()).missing if gap.what == "transmission"}
    assert commands == {
        "lsc transmit --method order --captioner blip --channel bsc --reorder free --ber 0.1 "
        "--decoder vocabulary --vocabulary storybook",
        "lsc transmit --method partBob --captioner blip --scc longer --vocabulary storybook",
        "lsc transmit --method allBob --captioner blip",
    }


def test_a_method_without_a_complete_image_is_told_and_does_not_empty_the_comparison(
    store, maker, two_images
):
    maker.send(two_images[0], "red dog", method="allBob", sent=[1, 0])
    found = load_curves(store, select())
    assert [curve.label for curve in found.curves] == ["order"]
    assert len(found.images) == 2
    assert {(gap.method, gap.what, gap.count) for gap in found.missing} == {
        ("allBob", "transmission", 1),
        ("allBob", "generation", 2),
    }


def test_receivers_and_metrics_with_other_settings_make_separate_curves(store, maker, two_images):
    first, second = two_images
    for image, values in (
        (first, {"": 0.5, "red": 0.4, "red dog": 0.2}),
        (second, {"": 0.5, "sea": 0.2}),
    ):
        maker.score(image, values, steps=8)
    found = load_curves(store, select())
    assert [curve.label for curve in found.curves] == ["order [steps=4]", "order [steps=8]"]
    maker.score(first, {"": 0.3, "red": 0.2, "red dog": 0.1}, size=128)
    labels = [curve.label for curve in load_curves(store, select()).curves]
    assert "order [steps=4, size=128]" in labels


def test_channels_make_separate_curves(store, maker, two_images):
    for image, words in zip(two_images, ("red dog", "sea"), strict=True):
        maker.send(image, words, channel={"reorder": "coded"})
    labels = [curve.label for curve in load_curves(store, select()).curves]
    assert sorted(labels) == ["order", "order [reorder=coded]"]


def test_a_receiver_that_completes_a_few_images_by_chance_does_not_shrink_the_comparison(store, maker):
    images = [maker.image(name) for name in "abcde"]
    for image in images:
        maker.send(image, "sea")
        maker.score(image, {"": 0.7, "sea": 0.1})
    # Another method was tried with eight steps on one image, and shares its prompts with `order`.
    maker.score(images[0], {"": 0.7, "sea": 0.1}, steps=8)
    found = load_curves(store, select())
    assert [curve.label for curve in found.curves] == ["order"]
    assert len(found.images) == 5


def test_only_receivers_of_the_profile_in_force_count(store, maker, two_images):
    maker.score(two_images[0], {"": 0.2, "red": 0.1, "red dog": 0.0}, profile="paper", steps=50)
    assert len(load_curves(store, select()).curves) == 1
    paper = load_curves(store, select(profile="paper"))
    assert list(paper.images) == [two_images[0]]
    settings = paper.curves[0].settings["receiver"]
    assert settings["steps"] == 50
    assert not load_curves(store, select(profile="mine")).curves
    # A receiver that was first used under another profile counts when it is the very same.
    mine = load_curves(store, select(profile="mine", receiver=lambda: settings))
    np.testing.assert_array_equal(mine.curves[0].scores, paper.curves[0].scores)


def test_data_selects_by_folder_below_it_and_by_file(store, maker):
    places = [("/data", "x/a.png"), ("/data", "x/b.png"), ("/data", "xy/c.png"), ("/data/x", "d.png")]
    ids = {}
    for name, (root, path) in zip("abcd", places, strict=True):
        ids[name] = maker.image(name, root, path)
        maker.send(ids[name], "sea")
        maker.score(ids[name], {"": 0.7, "sea": 0.1})

    def names(data: str, **options) -> str:
        found = load_curves(store, select(data=Path(data), **options)).images
        return "".join(sorted(name for name, number in ids.items() if number in found))

    assert names("/data") == "abcd"
    assert names("/data/x") == "abd"
    assert names("/data/xy/") == "c"
    assert names("/data/x/b.png") == "b"
    assert names("/data", limit=3) == "abc"
    with pytest.raises(LscError, match=r"No images from /elsewhere in .* yet"):
        names("/elsewhere")


def test_an_empty_store_says_where_to_start(store):
    with pytest.raises(LscError, match=r"yet\. Start with: lsc caption DATA"):
        load_curves(store, select())


def test_what_is_missing_altogether_is_one_line_with_a_command(store, maker):
    image = maker.image("a")
    assert "lsc transmit --method order" in load_curves(store, select()).nothing
    assert "--method partBob" in load_curves(store, select(methods=("partbob:MOST",))).nothing
    maker.send(image, "sea")
    assert load_curves(store, select()).nothing == (
        "No image is complete yet: 2 steps are not drawn by the receiver of storybook. "
        "Make them with: lsc generate"
    )
    maker.draw("")
    maker.draw("sea")
    assert load_curves(store, select()).nothing == (
        "No image is complete yet: 2 steps are not scored by stlpips-alex. "
        "Make them with: lsc score --metric stlpips-alex"
    )


def test_curves_without_a_common_image_say_so(store, maker, two_images):
    other = maker.image("c")
    maker.send(other, "sky", method="allBob")
    maker.score(other, {"": 0.7, "sky": 0.1})
    found = load_curves(store, select())
    assert not found.curves
    assert "No image is complete in all 2 curves (complete images:" in found.nothing
    assert "order 2" in found.nothing


def test_images_that_no_method_sent_are_counted(store, maker, two_images):
    maker.image("c")
    found = load_curves(store, select())
    assert (found.unsent, found.left_out, len(found.images)) == (1, 0, 2)


def test_a_search_s_other_candidates_do_not_disturb(store, maker, two_images):
    maker.score(two_images[0], {"dog": 0.1, "dog red": 0.2, "never sent": 0.0})
    np.testing.assert_allclose(
        by_image(found := load_curves(store, select()), found.curves[0], two_images)[0],
        [[0.9, 0.5, 0.3], [0.7, 0.1, 0.1]],
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"methods": ("partBbo",)}, "Did you mean partBob"),
        ({"methods": ("partBob:never",)}, "choose one of most, least"),
        ({"methods": ("order:most",)}, "takes no --importance"),
        ({"metric": "nothing"}, "Unknown metric"),
        ({"captioner": "nobody"}, "Unknown captioner"),
        ({"captions": "some"}, "choose first or all"),
        ({"limit": 0}, "at least 1"),
    ],
)
def test_wrong_names_are_one_clear_line(store, two_images, options, message):
    with pytest.raises(LscError, match=message):
        load_curves(store, select(**options))


def test_importance_and_captioner_select(store, maker, two_images):
    for importance in ("most", "least"):
        maker.send(two_images[0], "red dog", method="partBob", importance=importance)
    maker.send(two_images[0], "red dog", captioner="clip")

    def labels(**options):
        return [(c.label, c.captioner) for c in load_curves(store, select(**options)).curves]

    assert labels(methods=("partBob",)) == [("partBob:most", "blip"), ("partBob:least", "blip")]
    assert labels(methods=("partBob:LEAST",)) == [("partBob:least", "blip")]
    assert labels(captioner="CLIP") == [("order", "clip")]
