"""Alice simulates Bob, and tries every order of a short caption."""

import math
from collections.abc import Generator
from itertools import permutations

from lsccli.core.methods.base import Item, Ranking, method, ranking
from lsccli.core.options import Settings, option

# Six words have 1956 prompts, seven 13,699.
MOST_WORDS = 6


class Reordered(Settings):
    """What the search heeds: the order that Bob restores."""

    reorder: str = option("none", choices=("none", "free"), flag="", help="Whether Bob restores the order.")


def prefixes(words: int) -> int:
    """Σ_{k=1}^{n} n! / (n − k)!: how many sequences of one or more of n words there are."""
    return sum(math.perm(words, size) for size in range(1, words + 1))


@method(
    "exhaustive",
    summary=f"draws every order of captions of up to {MOST_WORDS} words, and runs only where it is named",
    direction="the order with the best area under its curve of scores over words",
    cost="Σ n!/(n-k)!",
    source="this package",
    options=Reordered,
    simulates_bob=True,
    tries=prefixes,
    most_words=MOST_WORDS,
    by_name_only=True,
)
def exhaustive(item: Item) -> Generator[list[str], list[float], Ranking]:
    """Of all orders of the n words the one with the least area Σ_{k=1}^{n−1} s_k + s_n / 2.

    s_k is the score of the first k words, lower is better. The area is that of the caption's own curve by
    trapezoids over 0 to n words, without step 0, which all orders share. Round k yields each prompt of k
    words once, in the order of positions: all sequences or, where Bob puts the words back (option reorder),
    all subsets. Ties, to 9 digits of the area, go to the order that is first by positions. The ranking holds
    the scores s_k.

    Raises:
        ValueError: for more words than six, and where a round gets another number of scores than prompts, or
            one that is no number.
    """
    count, put_back = len(item.words), item.options["reorder"] != "none"
    if count > MOST_WORDS:
        raise ValueError(f"{count} words; every order is tried of at most {MOST_WORDS}")
    scores: dict[tuple[int, ...], float] = {}
    for size in range(1, count + 1):
        tried = list(dict.fromkeys(_prompt(order, put_back) for order in permutations(range(count), size)))
        answers = yield [" ".join(item.words[word] for word in order) for order in tried]
        if len(answers) != len(tried) or any(math.isnan(answer) for answer in answers):
            raise ValueError(f"{len(tried)} prompts got {len(answers)} scores: {list(answers)}")
        scores.update(zip(tried, answers, strict=True))

    def steps(order: tuple[int, ...]) -> list[float]:
        return [scores[_prompt(order[:size], put_back)] for size in range(1, count + 1)]

    def area(order: tuple[int, ...]) -> float:
        curve = steps(order)
        return round(math.fsum(curve) - curve[-1] / 2, 9) if curve else 0.0

    # min() keeps the first of equals, and permutations come by positions.
    best = min(permutations(range(count)), key=area)
    return ranking(best, count, steps(best))


def _prompt(order: tuple[int, ...], put_back: bool) -> tuple[int, ...]:
    """The words as Bob reads them once these have been sent."""
    return tuple(sorted(order)) if put_back else order
