"""Semantic source coding: the words that carry the sentence first (SSC)."""

from collections.abc import Callable

from lsccli.core.errors import LscError
from lsccli.core.methods.base import Item, Ranking, ranking
from lsccli.core.registry import method


def _tagged(*prefixes: str) -> Callable[[Item], list[int]]:
    def chosen(item: Item) -> list[int]:
        # "man's" has two tags, NN and POS; one that fits is enough.
        tags = item.facts["tags"]
        return [
            word for word in range(len(item.words)) if any(tag.startswith(prefixes) for tag in tags[word])
        ]

    return chosen


def _heads(item: Item) -> list[int]:
    return sorted(item.facts["heads"])


_FIRST: dict[str, Callable[[Item], list[int]]] = {
    "heads": _heads,
    "nouns": _tagged("NN"),
    "nounsverbs": _tagged("NN", "VB"),
}


@method(
    "prompttune",
    summary="heads of the sentence, or its nouns, or nouns and verbs, before the rest (SSC)",
    direction="chosen words first, each part in caption order",
    importances=_FIRST,
    reads=["heads", "tags"],
    options=["only_heads"],
)
def prompttune(item: Item) -> Ranking:
    """The words that the importance chooses, then the others, both in caption order.

    - heads: words that govern another one in the sense of Universal Dependencies;
    - nouns: Penn tags NN*; nounsverbs: NN* and VB*, auxiliaries included (modals, MD, are not).

    With the option only_heads the others are not sent at all.
    """
    importance = str(item.importance)
    only = bool(item.options["only_heads"])
    if only and not importance.startswith("heads"):
        raise LscError(f"--only-heads goes with the importance heads, not {importance}.")
    first = _FIRST[importance](item)
    rest = [] if only else [word for word in range(len(item.words)) if word not in first]
    return ranking([*first, *rest], len(item.words))
