"""Numbers as reports tell them."""

from __future__ import annotations

from lsccli.core.report.stats import Estimate


def counted(count: int, noun: str) -> str:
    """`1 image`, `2 images`."""
    return f"{count} {noun}{'s' * (count != 1)}"


def estimate_text(
    value: Estimate | None,
    places: int,
    *,
    interval: bool = True,
    sign: str = "",
    none: str = "–",
    math: str = "",
) -> str:
    """A mean, and in brackets its interval where it has one.

    Args:
        sign: "+" also marks what is above zero.
        none: what stands for no value.
        math: what stands around each number, such as "$".
    """
    if value is None:
        return none
    mean, low, high = (
        f"{math}{number:{sign}.{places}f}{math}" for number in (value.mean, value.low, value.high)
    )
    return f"{mean} [{low}, {high}]" if interval and value.known else mean


def p_text(p: float) -> str:
    """A p value to three digits, `<.001` below them; without the zero before the point."""
    return "<.001" if p < 0.0005 else f"{p:.3f}".replace("0.", ".", 1)
