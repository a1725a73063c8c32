"""How `lsc rank --explain` prints a ranking: by colour, and by number for whoever sees none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from lsccli.core.explain import Explanation

# From the words sent first to those sent last.
_COLOURS = ("bold red", "bold yellow", "bold green", "bold cyan", "blue")
_BAR = 24


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


def _colour(place: int | None, count: int) -> str:
    if place is None:
        return "dim"
    return _COLOURS[place * len(_COLOURS) // max(count, 1)]
