"""What a format of reports is: a function from a report to the contents of files.

@report_format("markdown", summary="the comparison as a table of Markdown")
def markdown(report: Report) -> Files:
    return {"table.md": …}
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path

from lsccli.core.errors import OF_DISK, LscError, UnobtainableError, of_system
from lsccli.core.registry.base import Entry, Registry, told_in_one_line
from lsccli.core.report.reach import ReachReport
from lsccli.core.report.summary import Report
from lsccli.core.store.files import whole_file

# Name of a file -> its content; text is written as UTF-8.
Files = Mapping[str, bytes | str]
Curves = Callable[[Report], Files]


@dataclass(frozen=True, kw_only=True)
class FormatSpec(Entry):
    """One format: `make(report)` gives the files of a report of curves.

    Attributes:
        reach: gives those of a report of `--stop-at`; None where the format has none.
    """

    reach: Callable[[ReachReport], Files] | None = None


FORMATS: Registry[FormatSpec] = Registry("report format", "lsccli.core.report.formats", "lsc plugins")


def report_format(
    name: str,
    *,
    summary: str,
    reach: Callable[[ReachReport], Files] | None = None,
    source: str = "",
    version: int = 1,
) -> Callable[[Curves], Curves]:
    """Register a function from a report of curves to files; see `FormatSpec`."""

    def register(make: Curves) -> Curves:
        FORMATS.add(
            FormatSpec(name=name, make=make, summary=summary, reach=reach, source=source, version=version)
        )
        return make

    return register


def find_formats(names: Sequence[str], *, stop_at: bool) -> list[FormatSpec]:
    """The formats of these names, or all; LscError for one that is unknown, or has no `--stop-at` report."""
    able = [spec for spec in FORMATS.all().values() if spec.reach is not None or not stop_at]
    if not names:
        return able
    wanted = {spec.name: spec for spec in map(FORMATS.find, names)}
    for name in wanted:
        if name not in [spec.name for spec in able]:
            others = ", ".join(spec.name for spec in able)
            raise LscError(f"--format {name} has no report of --stop-at; choose {others}.")
    return list(wanted.values())


def write_report(report: Report | ReachReport, folder: Path, formats: Sequence[FormatSpec]) -> list[Path]:
    """Write a report in these formats, all files or none, and each whole; the paths written.

    Raises:
        LscError: where there is no curve, two formats write one file, or the folder cannot be written.
    """
    if report.set.nothing is not None:
        raise UnobtainableError(report.set.nothing)
    files: dict[str, bytes | str] = {}
    for spec in formats:  # all of them before the first is written
        with told_in_one_line(spec.origin.place) if spec.origin.outside else nullcontext():
            made = _files(spec, report)
        for name in made:
            if name in files:
                raise LscError(f"Two formats write {name}, {spec.name} is one; choose with --format.")
        files.update(made)
    try:
        _write(folder, files)
    except OSError as error:
        if error.errno in OF_DISK:
            raise
        raise of_system(f"Cannot write the report to {folder}", error) from error
    return [folder / name for name in files]


def _write(folder: Path, files: Mapping[str, bytes | str]) -> None:
    """All of them or none: each takes its place once the last one is complete."""
    with ExitStack() as stack:
        for name, content in files.items():
            stream = stack.enter_context(whole_file(folder / name))
            stream.write(content.encode() if isinstance(content, str) else content)
            stream.flush()
            os.fsync(stream.fileno())  # now, for a full disk may say so here


def _files(spec: FormatSpec, report: Report | ReachReport) -> Files:
    if isinstance(report, ReachReport):
        return spec.reach(report) if spec.reach is not None else {}
    made: Files = spec.make(report)
    return made
