"""The comparison as a LaTeX table."""

from __future__ import annotations

from lsccli.core.report.energy import spent_texts
from lsccli.core.report.escape import latex, latex_comment
from lsccli.core.report.formats.base import Files, report_format
from lsccli.core.report.summary import Report, Summary
from lsccli.core.report.tables import notes
from lsccli.core.report.wording import estimate_text, p_text


@report_format("latex", summary="the comparison as a tabular in the manner of booktabs: table.tex")
def table(report: Report) -> Files:
    """table.tex, best AUC first."""
    curves = report.set
    head = [
        "Method",
        "Captions",
        f"AUC ({report.by})",
        *([r"$\Delta$AUC", "$p$ (Holm)", ""] if report.baseline is not None else []),
        *(f"AUC ({axis})" for axis in _others(report)),
        "Full caption",
        "Words",
        "Bits",
        *(["Symbols", "Perfect", "Excess (dB)"] if report.noisy else []),
    ]
    lines = [
        latex_comment(
            f"{curves.metric}, {curves.better} is better; {len(curves.images)} images; profile "
            f"{curves.profile}; brackets: 95 % intervals over images (Student's); p: changes of signs, Holm"
        ),
        rf"\begin{{tabular}}{{ll{'r' * (len(head) - 2)}}}",
        r"\toprule",
        " & ".join(head) + r" \\",
        r"\midrule",
        *(" & ".join(_row(report, summary)) + r" \\" for summary in report.ranked),
        r"\bottomrule",
        r"\end{tabular}",
        *(
            rf"\par\smallskip{{\footnotesize {latex(note)}\par}}"
            for note in [
                *notes(report, compare=True),
                *(f"Note: {note}" for note in curves.notes),
                *report.unpaired,
            ]
        ),
    ]
    return {"table.tex": "\n".join([*lines, ""])}


def _row(report: Report, summary: Summary) -> list[str]:
    gap = summary.difference
    auc = gap.auc if gap is not None else None
    change = [
        estimate_text(auc, 3, sign="+", none="--" if summary.is_baseline else "unpaired", math="$"),
        f"${p_text(gap.adjusted)}$" if gap is not None else "--",
        (gap.verdict or "unclear") if gap is not None else "",
    ]
    return [
        latex(summary.curve.printed),
        latex(summary.curve.captioner),
        estimate_text(summary.auc, 3, math="$"),
        *(change if report.baseline is not None else []),
        *(f"${summary.areas[axis].mean:.3f}$" for axis in _others(report)),
        estimate_text(summary.full, 3, math="$"),
        f"{summary.words:.1f}",
        f"{summary.bits[-1]:.0f}",
        *(spent_texts(summary.spent, none="--", math="$") if report.noisy else []),
    ]


def _others(report: Report) -> list[str]:
    """The axes beside the one that curves are judged over."""
    return [axis for axis in report.set.ends if axis != report.by]
