"""What the store lacks, and the command that makes it."""

from lsccli.core.report.curves import load_curves
from tests.core.report.stores import ask


def test_an_image_that_is_incomplete_in_one_curve_is_left_out_of_all(store, maker, two_images):
    first, second = two_images
    maker.send(first, "red dog", method="partBob", importance="most", sent=[1, 0])
    maker.score(first, {"dog": 0.4, "dog red": 0.2})
    maker.send(second, "sea bird", captioner="clip", method="allBob", sent=[1, 0])
    maker.score(first, {"bird": 0.4})  # of another image: of no use to b
    maker.send(first, "cat", captioner="clip", method="allBob")
    maker.score(first, {"cat": 0.3})
    found = load_curves(store, ask())
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
    found = load_curves(store, ask())
    assert not found.curves
    assert "No image is complete in all 2 curves (complete images:" in found.nothing
    assert "order 2" in found.nothing


def test_images_that_no_method_sent_are_counted(store, maker, two_images):
    maker.image("c")
    found = load_curves(store, ask())
    assert (found.unsent, found.left_out, len(found.images)) == (1, 0, 2)
