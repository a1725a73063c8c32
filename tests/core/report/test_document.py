"""Reports as JSON values."""

import json
from dataclasses import replace

import pytest

from lsccli.core.metrics.stop import Stop
from lsccli.core.report.axes import Budget
from lsccli.core.report.document import reach_document, report_document
from lsccli.core.report.reach import build_reach
from lsccli.core.report.summary import build_report
from tests.core.report.stores import ask


def test_a_report_is_what_was_agreed_on(store, duel):
    facts = report_document(build_report(store, replace(ask(), budget=Budget("words"))))
    assert (facts["metric"], facts["better"], facts["images"]) == ("stlpips-alex", "lower", 12)
    order, part, search = facts["curves"]
    assert [curve["method"] for curve in facts["curves"]] == ["order", "partBob", "allBob"]
    assert (part["importance"], part["captioner"], part["images"]) == ("most", "blip", 12)
    assert (order["simulates_bob"], search["simulates_bob"], search["oracle"]) == (False, True, True)
    # (0.9 / 2 + 0.5 + 0.3 / 2) / 2, and with (0.4 + 0.3) / 2 after the first word
    assert order["auc"] == pytest.approx(0.55)
    assert part["auc"] == pytest.approx((0.45 + 0.35 + 0.15) / 2)
    assert [point["words"] for point in part["points"]] == [0, 1, 2]
    assert [point["mean"] for point in part["points"]] == pytest.approx([0.9, 0.35, 0.3])
    # "dog0" has 4 letters, "dog10" and "dog11" have 5.
    assert part["points"][1]["bits"] == pytest.approx(8 * (10 * 4 + 2 * 5) / 12)
    assert all(point["low"] <= point["mean"] + 1e-12 for point in part["points"])
    assert all(point["mean"] <= point["high"] + 1e-12 for point in part["points"])
    assert part["points"][1]["low"] < 0.35 < part["points"][1]["high"]
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts


def test_nothing_makes_a_document_too(store, maker):
    maker.image("a")
    facts = report_document(build_report(store, ask()))
    assert facts["curves"] == []
    assert "lsc transmit" in facts["nothing"]


def test_a_method_that_never_gets_there_has_no_words_and_bits(store, two_images):
    document = reach_document(build_reach(store, ask(), Stop("stlpips-alex", 0.05)))
    assert (document["stop_at"], document["images"], document["longest"]) == (0.05, 2, 2)
    (one,) = document["methods"]
    assert (one["method"], one["reached"], one["words"], one["bits"]) == ("order", 0, None, None)
    assert one["never"] == {"mean": 1.0, "low": pytest.approx(2 / (2 + 1.959964**2)), "high": 1.0}
    assert json.loads(json.dumps(document, allow_nan=False)) == document
