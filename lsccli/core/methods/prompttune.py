"""Semantic source coding (SSC): the words that carry the sentence first; SKD: the same in Bob's language."""

from collections.abc import Callable

import numpy as np

from lsccli.core.errors import LscError
from lsccli.core.methods import published
from lsccli.core.methods.base import Item, Ranking, method, ranking
from lsccli.core.methods.shuffle import Shuffled, shuffle_key
from lsccli.core.options import Settings, option
from lsccli.core.text.attention import compared, contribution, seen_words


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


def _heads_by_bob(item: Item) -> list[int]:
    given = _given(item)
    # sorted() is stable: of equals the earlier word first. Heads that Bob does not see come last.
    return sorted(_heads(item), key=lambda word: -given.get(word, float("-inf")))


def _heads_shuffled(item: Item) -> list[int]:
    seed = int(item.options["seed"])
    return sorted(_heads(item), key=lambda word: shuffle_key(seed, item.text, word))


def _given(item: Item) -> dict[int, float]:
    """The contribution of each word that Bob's text encoder sees."""
    attention = published.bob_attention(item)
    seen = list(seen_words(attention, item.words))
    return dict(zip(seen, compared(contribution(attention[np.ix_(seen, seen)])).tolist(), strict=True))


class OnlyHeads(Settings):
    """Whether anything follows the heads."""

    only_heads: bool = option(False, help="prompttune heads*: stop after the heads.")


class Heads(published.Rule, OnlyHeads):
    """The same, and whose rule."""


class DistilledHeads(Heads):
    """The same, and how Alice has learnt."""

    skd: str = option(
        "finetune",
        choices=("finetune", "context"),
        help="prompttune heads_skd: Alice has learnt from Bob by fine-tuning (the captioner skd), or hears "
        "pairs of captions (skd-context).",
        since="0.3.0",
    )


class HeadsByBob(published.Encoder, OnlyHeads):
    """The same, and how Bob's attention is read."""


class ShuffledHeads(Heads, Shuffled):
    """The same, and which shuffle."""


_FIRST: dict[str, Callable[[Item], list[int]]] = {
    "heads": _heads,
    "nouns": _tagged("NN"),
    "nounsverbs": _tagged("NN", "VB"),
    "heads_partBob": _heads_by_bob,
    "heads_random": _heads_shuffled,
    "heads_skd": _heads,
}


@method(
    "prompttune",
    summary="heads of the sentence, or its nouns, or nouns and verbs, before the rest (SSC); "
    "heads_skd: the heads of the distilled Alice's captions (SKD)",
    direction="chosen words first, each part in caption order (heads_partBob, _random: the heads in another)",
    importances=_FIRST,
    reads={
        "heads": ["heads"],
        "nouns": ["tags"],
        "nounsverbs": ["tags"],
        "heads_partBob": ["heads", "bob_attention"],
        "heads_random": ["heads"],
        "heads_skd": ["heads"],
    },
    instead=published.instead(heads="governors", bob_attention="bob_head"),
    options={
        "heads": Heads,
        "heads_partBob": HeadsByBob,
        "heads_random": ShuffledHeads,
        "heads_skd": DistilledHeads,
    },
    captioners={"heads_skd": "skd"},
    speakers={("skd", "context"): "skd-context"},
    twins={"heads_skd": "heads"},
    version={"heads_partBob": 2},
)
def prompttune(item: Item) -> Ranking:
    """The words that the importance chooses, then the others in caption order.

    - heads: words that govern another one in the sense of Universal Dependencies, in caption order;
    - nouns: Penn tags NN*; nounsverbs: NN* and VB*, auxiliaries included (modals, MD, are not);
    - heads_partBob: the heads by their contribution in Bob's text encoder, the highest first, which is their
      score; ties, to 9 digits, go to the earlier word;
    - heads_random: the heads sorted by the hash that the method random sorts by;
    - heads_skd: heads, of the captions of the distilled Alice (the captioner skd, or skd-context).

    With the option only_heads the others are not sent at all; with --rule scripts: `published.heads`.
    """
    importance = str(item.importance)
    only = bool(item.options.get("only_heads", False))
    if only and not importance.startswith("heads"):
        raise LscError(f"--only-heads goes with the importances heads*, not {importance}.")
    if published.by_scripts(item):
        seed = int(item.options.get("seed", 0))
        return published.heads(item, lambda word: shuffle_key(seed, item.text, word), only)
    first = _FIRST[importance](item)
    rest = [] if only else [word for word in range(len(item.words)) if word not in first]
    given = _given(item) if importance == "heads_partBob" else {}
    scores = [*(given.get(word) for word in first), *[None] * len(rest)]
    return ranking([*first, *rest], len(item.words), scores, stop=only)
