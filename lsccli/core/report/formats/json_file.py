"""A report as it is printed with `--json`, indented."""

from __future__ import annotations

from collections.abc import Mapping

from lsccli.core.report.document import reach_document, report_document
from lsccli.core.report.escape import json_text
from lsccli.core.report.formats.base import Files, report_format
from lsccli.core.report.reach import ReachReport
from lsccli.core.report.summary import Report


def reach_json(report: ReachReport) -> Files:
    """reach.json."""
    return {"reach.json": _indented(reach_document(report))}


@report_format("json", summary="the whole report: curves.json, or reach.json", reach=reach_json)
def curves_json(report: Report) -> Files:
    """curves.json."""
    return {"curves.json": _indented(report_document(report))}


def _indented(document: Mapping[str, object]) -> str:
    return json_text(document, indent=2) + "\n"
