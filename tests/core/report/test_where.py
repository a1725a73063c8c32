"""Reports narrowed down to settings."""

from __future__ import annotations

import pytest

from lsccli.core.errors import LscError, UnobtainableError
from lsccli.core.report.curves import load_curves
from lsccli.core.report.where import Condition, conditions, narrowed
from tests.core.report.stores import ask

SETTINGS = {
    "captioner": {1: {"captioner": "blip", "dtype": "float32"}},
    "method": {
        2: {"method": "allBob", "options": {"penalty": 0.0}, "search": {"receiver": {"steps": 4}}},
        3: {"method": "allBob", "options": {"penalty": 0.25}, "search": {"receiver": {"steps": 4}}},
        4: {"method": "mine", "plugin": "sha256:0123456789abcdef"},
    },
    "channel": {
        5: {"channel": "bsc", "ber": 0.1, "decoder": "vocabulary"},
        6: {"channel": "bsc", "ber": 0.2, "crc": "crc6", "source_code": "ascii8"},
        7: {"channel": "pigeon", "wind": "North"},
    },
    "receiver": {8: {"steps": 4, "dtype": "float16"}, 9: {"steps": 50, "dtype": "float16"}},
    "metric": {10: {"metric": "ssim", "size": 64}},
}


def kept(*where: str) -> set[int]:
    return set().union(*narrowed(SETTINGS, conditions(where)).values())


EVERY = {number for of in SETTINGS.values() for number in of}


@pytest.mark.parametrize(
    ("where", "gone"),
    [
        (("steps=50",), {8}),  # the receiver's, and not those that a search was drawn with
        (("receiver.steps=4.0",), {9}),
        (("framing=ideal",), set()),  # which settings leave out
        (("search.receiver.steps=4",), {4}),
        (("penalty=0.25",), {2, 4}),
        (("method.penalty=0",), {3, 4}),
        (("method.options.penalty=0",), {3, 4}),
        (("METHOD=ALLBOB",), {4}),
        (("plugin=sha256:012345",), {2, 3}),
        (("plugin=01234567",), {2, 3}),
        (("ber=0.1",), {6, 7}),
        (("ber=0.1", "ber=0.2"), {7}),
        (("ber=0.1", "steps=4"), {6, 7, 9}),
        (("crc=none",), {6}),
        (("--source-code=ascii8",), {5, 7}),
        (("vocabulary=storybook",), {6, 7}),
        (("wind=north",), {5, 6}),
        (("captioner.dtype=float32",), set()),
    ],
)
def test_what_is_kept(where: tuple[str, ...], gone: set[int]) -> None:
    assert EVERY - kept(*where) == gone


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("steps", "write KEY=VALUE"),
        ("=4", "write KEY=VALUE"),
        ("stps=4", "no curve has a setting 'stps'. Did you mean steps"),
        ("dtype=float16", "dtype is a setting of captioner and receiver; write captioner.dtype or"),
    ],
)
def test_what_cannot_be_meant_is_one_line(where: str, line: str) -> None:
    with pytest.raises(LscError, match=line):
        kept(where)


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("steps=5", "No curve has --where steps=5; there is 4, 50."),
        ("ber=many", "there is 0.1, 0.2."),
        ("method=allBop", "did you mean allBob. there is allBob, mine"),
        ("plugin=01", "there is sha256:01234567"),
    ],
)
def test_a_value_that_nothing_has_names_those_that_there_are(where: str, line: str) -> None:
    with pytest.raises(UnobtainableError, match=line):
        kept(where)


def test_an_option_that_no_curve_has_is_no_unknown_name() -> None:
    asked = Condition("channel.ebn0_db", ("4",), "--ebn0-db 4", known=True)
    with pytest.raises(UnobtainableError, match="No curve has --ebn0-db 4"):
        narrowed(SETTINGS, [asked])


def test_a_report_on_one_channel(store, maker, two_images) -> None:
    for image, words in zip(two_images, ("red dog", "sea"), strict=True):
        for ber in (0.1, 0.2):
            maker.send(image, words, channel={"channel": "bsc", "ber": ber, "decoder": "raw", "seed": 0})
    found = load_curves(store, ask(where=["ber=0.2"]))
    assert [curve.settings["channel"]["ber"] for curve in found.curves] == [0.2]


def test_another_edition_of_a_metric_is_no_score_by_this_one(store, maker, two_images) -> None:
    maker.score(two_images[0], {"": 0.5, "red": 0.4, "red dog": 0.3}, metric="psnr")
    old = maker.config("metric", metric="psnr", size=64, plugin="sha256:older", version=1)
    with maker.store.write() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO score (key, image_id, generation_id, config_id, value) "
            f"SELECT randomblob(32), image_id, generation_id, {old}, 9 FROM score"
        )
    (curve,) = load_curves(store, ask(metric="psnr")).curves
    assert curve.scores[0, 0] == 0.5
    shown = load_curves(store, ask(metric="psnr", where=["metric.plugin=sha256:older"])).curves
    assert {curve.settings["metric"]["plugin"] for curve in shown} == {"sha256:older"}
