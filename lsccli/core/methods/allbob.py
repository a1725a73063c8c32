"""Alice simulates Bob: a greedy search that tries every word that could come next."""

import math
from collections.abc import Generator

from lsccli.core.methods.base import Item, Ranking, method, ranking
from lsccli.core.options import Settings, option


class Search(Settings):
    """What a search heeds: a price on long words, and the order that Bob restores."""

    penalty: float = option(0.0, ge=0, help="allBob: score per character that a word must earn.")
    # To a search both ways of restoring the order are one; it follows the channel's --reorder.
    reorder: str = option("none", choices=("none", "free"), flag="", help="Whether Bob restores the order.")


@method(
    "allBob",
    summary="draws the words sent plus each unsent word and scores the images",
    direction="lowest score + penalty × its characters first",
    cost="n(n+1)/2",
    options=Search,
    simulates_bob=True,
    clip_tx=True,
)
def all_bob(item: Item) -> Generator[list[str], list[float], Ranking]:
    """Greedy search: each round sends the word w with the lowest s(sent + w) + penalty · |w|.

    Yields the prompts of a round, one per unsent word in caption order, and is sent their scores s in that
    order; lower is better, so the caller negates a metric where higher is better. |w| counts characters.
    Ties go to the earlier word. A prompt has its words in sending order or, where Bob puts them back
    (option reorder), in caption order. The last word makes a round of one, so that its score is known too.
    The ranking holds the scores without the penalty.

    Raises:
        ValueError: where a round gets another number of scores than prompts, or one that is no number.
    """
    penalty = float(item.options["penalty"])
    put_back = item.options["reorder"] != "none"
    sent: list[int] = []
    scores: list[float] = []
    unsent = list(range(len(item.words)))
    while unsent:
        tried = [sorted([*sent, word]) if put_back else [*sent, word] for word in unsent]
        answers = yield [" ".join(item.words[word] for word in order) for order in tried]
        if len(answers) != len(unsent) or any(math.isnan(answer) for answer in answers):
            raise ValueError(f"{len(unsent)} prompts got the scores {list(answers)}")
        totals = [
            score + penalty * len(item.words[word]) for score, word in zip(answers, unsent, strict=True)
        ]
        # index() finds the first of equals, which is the earlier word.
        best = totals.index(min(totals))
        scores.append(answers[best])
        sent.append(unsent.pop(best))
    return ranking(sent, len(item.words), scores)
