"""Labels of curves that differ in semantic channel coding."""

from typing import Any

from lsccli.core.channel.vocabulary import shipped
from lsccli.core.report.labels import tell_apart

READS = {"version": 1, "tables": "sha256:" + "a" * 64, "parser": {"model": "en", "installed": "en-3.8"}}
PLAIN = {"channel": "ideal", "source_code": "ascii8"}


def labels(*channels: dict[str, Any]) -> list[str]:
    return tell_apart([("order", None, "blip", {"method": {}, "channel": channel}) for channel in channels])


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
