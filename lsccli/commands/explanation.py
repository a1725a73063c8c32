"""How `--explain` of `lsc rank` and `lsc transmit` prints: by colour, and in words for whoever sees none."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lsccli.commands.terminal import styled

if TYPE_CHECKING:
    from lsccli.commands.terminal import Terminal
    from lsccli.core.run.explain import Explanation, Replaced

# From the words sent first to those sent last.
_COLOURS = ("bold red", "bold yellow", "bold green", "bold cyan", "blue")
_BAR = 24
_PARTS = {"n": "noun", "v": "verb", "a": "adjective", "r": "adverb"}


def as_json(explanation: Explanation) -> dict[str, Any]:
    """One ranking, its words in sending order."""
    return {
        "method": explanation.method,
        "captioner": explanation.captioner,
        "seed": explanation.seed,
        "words": list(explanation.words),
        "sent": [
            {"place": place, "word": explanation.words[index], "index": index, "score": score}
            for place, (index, score) in enumerate(
                zip(explanation.order, explanation.scores, strict=True), start=1
            )
        ],
    }


def print_explanation(console: Terminal, explanation: Explanation) -> None:
    """The caption with each word's place in the order, then a line per word in sending order."""
    from rich.table import Table

    places = {index: place for place, index in enumerate(explanation.order)}
    parts = []
    for index, word in enumerate(explanation.words):
        parts.append((word, _colour(places.get(index), len(explanation.order))))
        parts.append((f"({places[index] + 1}) " if index in places else "(–) ", "dim"))
    console.print(f"{explanation.method}, caption by {explanation.captioner}, seed {explanation.seed}:")
    console.print(styled(*parts))
    table = Table(box=None, pad_edge=False)
    table.add_column("", justify="right")
    table.add_column("word", overflow="fold")
    table.add_column("in caption", justify="right")
    table.add_column("score", justify="right")
    table.add_column("")
    most = max((abs(score) for score in explanation.scores if score is not None), default=0.0)
    for place, (index, score) in enumerate(zip(explanation.order, explanation.scores, strict=True)):
        length = round(_BAR * abs(score) / most) if score is not None and most > 0 else 0
        colour = _colour(place, len(explanation.order))
        table.add_row(
            str(place + 1),
            styled((explanation.words[index], colour)),
            str(index + 1),
            "" if score is None else f"{score:.4g}",
            styled(("█" * length, colour)),
        )
    console.print(table)
    if len(places) < len(explanation.words):
        console.print("(–) is not sent.")


def substitutions_as_json(replaced: Replaced) -> dict[str, Any]:
    """What SCC made of a caption, its words in caption order."""
    return {
        "captioner": replaced.captioner,
        "caption": replaced.caption,
        "sent": " ".join(word.sent for word in replaced.words),
        "scc": replaced.rule,
        "scc_closeness": replaced.closeness,
        "words": [asdict(word) for word in replaced.words],
    }


def print_substitutions(console: Terminal, replaced: Replaced) -> None:
    """The words as sent, then a line per word of the caption, and below it each candidate."""
    from rich.table import Table

    console.print(
        f"caption by {replaced.captioner}, --scc {replaced.rule}, closeness from {replaced.closeness:g}:"
    )
    words = ((f"{word.sent} ", "bold green" if word.sent != word.word else "") for word in replaced.words)
    console.print(styled(*words))
    far = replaced.rule == "distance"
    table = Table(box=None, pad_edge=False)
    for title in ("word", "part of speech", "candidate", "by", "closeness"):
        table.add_column(title, justify="right" if title == "closeness" else "left")
    table.add_column("distance" if far else "letters", justify="right")
    table.add_column("sent", overflow="fold")
    for word in replaced.words:
        size = (word.distance if far else len(word.word)) if word.part else None
        told = styled(
            (word.sent, "bold green" if word.sent != word.word else ""), (f" ({word.reason})", "dim")
        )
        table.add_row(
            styled((word.word, "bold" if word.part else "dim")),
            styled((" ".join((_PARTS.get(word.part, ""), word.tag)).strip(), "cyan" if word.part else "dim")),
            *("", "", ""),
            "" if size is None else str(size),
            told,
        )
        for one in word.candidates:
            colour = (
                "green" if one.verdict == "sent" else "red" if one.verdict.startswith("too") else "yellow"
            )
            size = one.distance if far else len(one.word)
            table.add_row(
                *("", "", styled((one.word, colour)), one.relation, f"{one.closeness:.3f}", str(size)),
                styled((one.verdict, colour)),
            )
    console.print(table)


def _colour(place: int | None, count: int) -> str:
    if place is None:
        return "dim"
    return _COLOURS[place * len(_COLOURS) // max(count, 1)]
