"""Labels of curves that differ in semantic channel coding."""

from typing import Any

from lsccli.core.channel.vocabulary import shipped
from lsccli.core.report.labels import Labelled, labelled, tell_apart

READS = {"version": 1, "tables": "sha256:" + "a" * 64, "parser": {"model": "en", "installed": "en-3.8"}}
PLAIN = {"channel": "ideal", "source_code": "ascii8"}


def labels(*channels: dict[str, Any]) -> list[str]:
    return tell_apart([curve("order", channel=channel) for channel in channels])


def curve(method: str, importance: str | None = None, **settings: dict[str, Any]) -> Labelled:
    return Labelled(method, importance, "blip", method == "allBob", "", {"method": {}, **settings})


def coded(rule: str, **more: Any) -> dict[str, Any]:
    return {**PLAIN, "scc": rule, "scc_closeness": 0.91, "scc_reads": READS, **more}


def test_beside_a_curve_without_it_the_rule_says_enough() -> None:
    assert labels(PLAIN, coded("longer")) == ["order", "order [scc=longer]"]
    assert labels(PLAIN, coded("longer"), coded("distance")) == [
        "order",
        "order [scc=longer]",
        "order [scc=distance]",
    ]


def test_two_curves_with_it_are_told_apart_by_what_they_read() -> None:
    assert labels(coded("longer"), coded("longer", scc_closeness=0.8)) == [
        "order [scc_closeness=0.91]",
        "order [scc_closeness=0.8]",
    ]
    other = {**READS, "tables": "sha256:" + "b" * 64}
    assert labels(PLAIN, coded("longer"), coded("longer", scc_reads=other)) == [
        "order",
        "order [scc=longer, tables=aaaaaaaa]",
        "order [scc=longer, tables=bbbbbbbb]",
    ]


def test_a_vocabulary_of_the_package_goes_by_its_name() -> None:
    known = {"decoder": "vocabulary"}
    own = {**known, "vocabulary": "sha256:" + "5e" * 32}
    english = {**known, "vocabulary": shipped("english").digest}
    assert labels(known, english, own) == [
        "order",
        "order [vocabulary=english]",
        "order [vocabulary=5e5e5e5e]",
    ]


def test_curves_come_by_method_then_by_importance_as_registered() -> None:
    given = [curve("unknown"), curve("partBob", "least"), curve("allBob"), curve("partBob", "most")]
    named = labelled([*given, curve("order")])
    assert [one.label for one in named] == ["order", "partBob:most", "partBob:least", "allBob", "unknown"]
    assert [one.printed for one in named if one.simulates_bob] == ["allBob (simulates Bob)"]


def test_only_a_difference_between_curves_of_one_name_tells_a_method_s_options() -> None:
    stopped, whole = ({"options": {"only_heads": on}} for on in (True, False))
    curves = [Labelled("prompttune", "heads", "blip", False, "", {"method": own}) for own in (stopped, whole)]
    assert tell_apart(curves) == ["prompttune:heads [only_heads=True]", "prompttune:heads [only_heads=False]"]
    assert tell_apart([curves[0], curve("order")]) == ["prompttune:heads", "order"]
