"""What the store lacks, and the command that makes it."""

from dataclasses import replace

from lsccli.core.report.curves import load_curves
from tests.core.report.stores import ask


def test_where_all_curves_are_kept_an_image_incomplete_in_one_is_left_out(store, maker, two_images):
    first, second = two_images
    maker.send(first, "red dog", method="partBob", importance="most", sent=[1, 0])
    maker.score(first, {"dog": 0.4, "dog red": 0.2})
    maker.send(second, "sea bird", captioner="clip", method="allBob", sent=[1, 0])
    maker.score(first, {"bird": 0.4})  # of another image: of no use to b
    maker.send(first, "cat", captioner="clip", method="allBob")
    maker.score(first, {"cat": 0.3})
    found = load_curves(store, ask(strict=True))
    assert [curve.label for curve in found.curves] == ["order", "partBob:most", "allBob"]
    assert [curve.simulates_bob for curve in found.curves] == [False, False, True]
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
    narrowed = load_curves(store, ask(methods=("ORDER",)))
    assert len(narrowed.images) == 2


def test_the_command_for_what_was_not_sent_has_the_options_of_its_channel(store, maker, two_images):
    noisy = {"channel": "bsc", "ber": 0.1, "reorder": "free", "decoder": "vocabulary", "seed": 0}
    coded = {"reorder": "none", "scc": "longer", "scc_closeness": 0.91, "scc_reads": {"version": 1}}
    odd = {"channel": "pigeon"}
    for method, channel in (("order", noisy), ("partBob", coded), ("allBob", odd)):
        maker.send(two_images[0], "red dog", method=method, channel=channel)
    commands = {gap.command for gap in load_curves(store, ask()).missing if gap.what == "transmission"}
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
    found = load_curves(store, ask())
    assert [curve.label for curve in found.curves] == ["order"]
    assert len(found.images) == 2
    assert {(gap.method, gap.what, gap.count) for gap in found.missing} == {
        ("allBob", "transmission", 1),
        ("allBob", "generation", 2),
    }


def test_what_is_missing_altogether_is_one_line_with_a_command(store, maker):
    image = maker.image("a")
    assert "lsc transmit --method order" in load_curves(store, ask()).nothing
    assert "--method partBob" in load_curves(store, ask(methods=("partbob:MOST",))).nothing
    maker.send(image, "sea")
    assert load_curves(store, ask()).nothing == (
        "No image is complete yet: 2 steps are not drawn by the receiver of storybook. "
        "Make them with: lsc generate"
    )
    maker.draw("")
    maker.draw("sea")
    assert load_curves(store, ask()).nothing == (
        "No image is complete yet: 2 steps are not scored by stlpips-alex. "
        "Make them with: lsc score --metric stlpips-alex"
    )


def test_curves_without_a_common_image_say_so(store, maker, two_images):
    other = maker.image("c")
    maker.send(other, "sky", method="allBob")
    maker.score(other, {"": 0.7, "sky": 0.1})
    found = load_curves(store, ask(strict=True))
    assert not found.curves
    assert "No image is complete in all 2 curves (complete images:" in found.nothing
    assert "order 2" in found.nothing


def test_images_that_no_method_sent_are_counted(store, maker, two_images):
    maker.image("c")
    found = load_curves(store, ask())
    assert (found.unsent, found.left_out, len(found.images)) == (1, 0, 2)


def test_a_curve_that_lacks_images_is_left_out_and_named(store, maker, two_images):
    first, second = two_images
    maker.send(first, "red dog", method="partBob", importance="most", sent=[1, 0])
    maker.score(first, {"dog": 0.4, "dog red": 0.2})
    maker.send(second, "sea", channel={"channel": "bsc", "ber": 0.1})
    found = load_curves(store, ask())
    # The noisy channel garbled nothing here, so its prompts were all drawn: only the other image lacks.
    assert [curve.label for curve in found.curves] == ["order"]
    assert len(found.images) == 2
    named = {one.label: one for one in found.incomplete}
    assert {(one.images, one.of) for one in found.incomplete} == {(1, 2)}
    score = "lsc score --metric stlpips-alex"
    send = "lsc transmit --method partBob --importance most --captioner blip"
    assert named["partBob:most [channel=ideal]"].command == f"{send} && {score}"
    noisy = next(one for label, one in named.items() if "bsc" in label)
    assert noisy.command == (
        f"lsc transmit --method order --captioner blip --channel bsc --ber 0.1 --limit 1 && {score} --limit 1"
    )
    assert str(noisy).startswith("order [")


def test_the_stray_image_of_another_curve_makes_none_incomplete(store, maker, two_images):
    stray = maker.image("c")
    maker.send(stray, "sky", method="allBob")
    maker.score(stray, {"": 0.7, "sky": 0.1})
    found = load_curves(store, ask())
    assert [curve.label for curve in found.curves] == ["order"]
    assert set(found.images) == set(two_images)
    assert [(one.label, one.images) for one in found.incomplete] == [("allBob", 0)]


def test_images_that_no_curve_has_whole_make_none_incomplete(store, maker, two_images):
    for number, words in zip(two_images, ("red dog", "sea"), strict=True):
        maker.send(number, words, method="allBob")
    broken = maker.image("broken")
    for method in ("order", "allBob"):
        maker.send(broken, "sky", method=method)
    found = load_curves(store, ask())
    assert [curve.label for curve in found.curves] == ["order", "allBob"]
    assert (len(found.images), found.left_out, found.incomplete) == (2, 1, [])


def test_of_curves_with_as_many_images_those_count_that_most_have(store, maker):
    images = [maker.image(name) for name in "abc"]
    for image in images:
        maker.score(image, {"": 0.7, "sea": 0.1})
    for method, own in (("order", (0, 1)), ("partBob", (1, 2)), ("allBob", (1, 2))):
        for place in own:
            maker.send(images[place], "sea", method=method)
    found = load_curves(store, ask())
    assert [curve.method for curve in found.curves] == ["partBob", "allBob"]
    assert [(one.method, one.images, one.of) for one in found.incomplete] == [("order", 1, 2)]
    assert len(load_curves(store, ask(strict=True)).images) == 1


def test_another_profile_with_complete_results_is_named(store, maker, two_images):
    told = load_curves(store, ask(profile="paper")).nothing
    assert told == (
        "No image is complete with the models of paper. Complete here with those of storybook: 2 images: "
        "lsc --models storybook report --metric stlpips-alex Or make it with these: "
        "lsc score --metric stlpips-alex"
    )
    mine = {"": 0.7, "red": 0.1, "red dog": 0.3}
    maker.score(two_images[0], mine, profile="mine", steps=9, metric="psnr")
    told = load_curves(store, ask(profile="paper")).nothing
    assert "with those of mine: 1 image; name the file of that profile with --models." in told


def test_what_other_models_made_is_not_advised_to_be_drawn(store, maker):
    maker.send(maker.image("a"), "sea")
    request = replace(ask(), in_force=lambda captioner, method, channel: False)
    assert load_curves(store, request).nothing == (
        "Nothing was sent with the models of storybook yet. Start with: lsc run DATA"
    )


def test_a_method_sent_with_another_importance_is_named(store, maker, two_images):
    maker.send(two_images[0], "red dog", method="partBob", importance="least")
    told = load_curves(store, ask(methods=("partBob",))).nothing
    assert told.startswith("Nothing was sent by partBob:most yet (but by partBob:least). Start with: ")
    assert "lsc transmit --method partBob:most " in told


def test_commands_are_advised_as_they_are_to_be_typed(store, maker, two_images):
    maker.send(two_images[0], "red dog", method="allBob", sent=[1, 0])
    request = replace(ask(), advise=lambda text: text.replace("lsc ", "lsc --db x "))
    found = load_curves(store, request)
    for gap in (*found.missing, *found.incomplete):
        assert gap.command.startswith("lsc --db x ")
    assert " && lsc --db x score" in found.incomplete[0].command
