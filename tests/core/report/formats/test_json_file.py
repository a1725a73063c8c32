"""Reports as JSON files."""

import json

from lsccli.core.metrics.stop import Stop
from lsccli.core.report.document import reach_document, report_document
from lsccli.core.report.formats.json_file import curves_json, reach_json
from lsccli.core.report.reach import build_reach
from lsccli.core.report.summary import build_report
from tests.core.report.stores import ask


def test_a_file_holds_what_is_printed(store, filled):
    made = build_report(store, ask())
    (text,) = curves_json(made).values()
    assert json.loads(text) == report_document(made)
    assert text.endswith("}\n")
    reach = build_reach(store, ask(), Stop("stlpips-alex", 0.5))
    assert json.loads(reach_json(reach)["reach.json"]) == reach_document(reach)
