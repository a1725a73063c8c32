"""How `--explain` of `lsc rank` and `lsc transmit` prints: by colour, and in words for whoever sees none."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

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


def print_explanation(console: Console, explanation: Explanation) -> None:
    """The caption with each word's place in the order, then a line per word in sending order."""
    from rich.table import Table
    from rich.text import Text

    places = {index: place for place, index in enumerate(explanation.order)}
    line = Text()
    for index, word in enumerate(explanation.words):
        line.append(word, _colour(places.get(index), len(explanation.order)))
        line.append(f"({places[index] + 1}) " if index in places else "(–) ", "dim")
    console.print(f"{explanation.method}, caption by {explanation.captioner}, seed {explanation.seed}:")
    console.print(line)
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
            Text(explanation.words[index], colour),
            str(index + 1),
            "" if score is None else f"{score:.4g}",
            Text("█" * length, colour),
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


def print_substitutions(console: Console, replaced: Replaced) -> None:
    """The words as sent, then a line per word of the caption, and below it each candidate."""
    from rich.table import Table
    from rich.text import Text

    console.print(
        f"caption by {replaced.captioner}, --scc {replaced.rule}, closeness from {replaced.closeness:g}:"
    )
    line = Text()
    for word in replaced.words:
        line.append(f"{word.sent} ", "bold green" if word.sent != word.word else "")
    console.print(line)
    far = replaced.rule == "distance"
    table = Table(box=None, pad_edge=False)
    for title in ("word", "part of speech", "candidate", "by", "closeness"):
        table.add_column(title, justify="right" if title == "closeness" else "left")
    table.add_column("distance" if far else "letters", justify="right")
    table.add_column("sent", overflow="fold")
    for word in replaced.words:
        size = (word.distance if far else len(word.word)) if word.part else None
        told = Text(word.sent, "bold green") if word.sent != word.word else Text(word.word)
        told.append(f" ({word.reason})", "dim")
        table.add_row(
            Text(word.word, "bold" if word.part else "dim"),
            Text(" ".join((_PARTS.get(word.part, ""), word.tag)).strip(), "cyan" if word.part else "dim"),
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
                *("", "", Text(one.word, colour), one.relation, f"{one.closeness:.3f}", str(size)),
                Text(one.verdict, colour),
            )
    console.print(table)


def _colour(place: int | None, count: int) -> str:
    if place is None:
        return "dim"
    return _COLOURS[place * len(_COLOURS) // max(count, 1)]
