"""Reports as CSV hold the numbers of the JSON."""

import csv
import io
import json

from lsccli.core.metrics.stop import Stop
from lsccli.core.report.document import reach_document, report_document
from lsccli.core.report.formats.csv_files import csv_text, curves_csv, reach_csv
from lsccli.core.report.reach import build_reach
from lsccli.core.report.summary import build_report
from tests.core.report.stores import ask


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_points_and_curves(store, filled):
    made = build_report(store, ask())
    curves = report_document(made)["curves"]
    files = curves_csv(made)
    points = rows_of(files["curves.csv"])
    assert [float(row["mean"]) for row in points] == [p["mean"] for c in curves for p in c["points"]]
    assert [row["label"] for row in points[:: len(curves[0]["points"])]] == [c["label"] for c in curves]
    rows = rows_of(files["summary.csv"])
    assert [row["label"] for row in rows] == [curve["label"] for curve in curves]
    assert [float(row["full"]) for row in rows] == [curve["points"][-1]["mean"] for curve in curves]
    assert float(rows[1]["difference"]) == curves[1]["difference"]["auc"]["mean"]
    assert float(rows[1]["difference_high"]) == curves[1]["difference"]["auc"]["high"]
    assert (rows[0]["difference"], rows[0]["baseline"], rows[1]["baseline"]) == ("", "", "order")
    assert json.loads(rows[2]["settings"]) == curves[2]["settings"]


def test_words_and_bits_to_a_score(store, two_images):
    for goal, empty in ((0.3, False), (0.05, True)):
        made = build_reach(store, ask(), Stop("stlpips-alex", goal))
        (row,) = rows_of(reach_csv(made)["reach.csv"])
        (one,) = reach_document(made)["methods"]
        assert (float(row["stop_at"]), int(row["reached"])) == (goal, one["reached"])
        assert [row[f"words{end}"] == "" for end in ("", "_low", "_high")] == [empty] * 3
        assert empty or float(row["bits_high"]) == one["bits"]["high"]
        assert float(row["restricted_low"]) == one["restricted"]["low"]


def test_what_needs_quotes_is_quoted():
    text = csv_text(["a", "b"], [{"a": 'x,"y"', "c": 1}, {"b": None}])
    assert text == 'a,b\n"x,""y""",\n,\n'
