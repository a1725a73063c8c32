"""`--rule scripts`: what the scripts published with the paper compute, where that is not what the paper says.

Tokens of Bob's text encoder are indexed as if they were words, which they are as long as each word is one
token. Where a script would stop with an error, a warning says so, and what is left is done without the cause.

Source: https://github.com/NamHyelin/Language-oriented-Semantic-Communiation (2023), read, not copied.
"""

import warnings
from collections.abc import Callable, Sequence

import numpy as np
from pydantic import model_validator

from lsccli.core.methods.base import Item, Ranking, ranking
from lsccli.core.options import Settings, option
from lsccli.core.text.attention import Matrix, combination, compared, contribution

# The scripts keep the attention of each caption in the corner of a square of zeros of this side.
SQUARE = 50
DESIGN, SCRIPTS = "design", "scripts"
CORRECTED = "causal-corrected"


class Rule(Settings):
    """Whose rule."""

    rule: str = option(
        DESIGN,
        choices=(DESIGN, SCRIPTS),
        help="partBob, bothAtt, prompttune heads*: as defined here, or as the published scripts compute.",
        since="0.3.0",
    )


class Encoder(Rule):
    """Whose rule, and how Bob's attention is read."""

    attention: str = option(
        "bidirectional",
        choices=("bidirectional", CORRECTED),
        help="Bob's: as if each token could see all, or each column over the number of tokens that see it.",
        since="0.3.0",
    )

    @model_validator(mode="after")
    def _scripts_correct_nothing(self) -> "Encoder":
        if self.rule == SCRIPTS and self.attention == CORRECTED:
            raise ValueError(f"--rule {SCRIPTS} reads attention as it is; leave --attention {CORRECTED} out")
        return self


def instead(**by_scripts: str) -> dict[tuple[str, str], dict[str, str]]:
    """Which facts take the place of others, by the scripts' rule and where attention is corrected."""
    return {
        ("rule", SCRIPTS): by_scripts,
        ("attention", CORRECTED): {"bob_attention": "bob_attention_corrected"},
    }


def by_scripts(item: Item) -> bool:
    """Whether the published scripts' rule was asked for."""
    return bool(item.options.get("rule", DESIGN) == SCRIPTS)


def bob_attention(item: Item) -> Matrix:
    """A of Bob's text encoder, (n, n), as it is or corrected for what can be seen."""
    corrected = item.options.get("attention") == CORRECTED
    return np.asarray(item.facts["bob_attention_corrected" if corrected else "bob_attention"], np.float64)


def part_bob(item: Item) -> Ranking:
    """First by `flipped`, then by A[i, l] + A[l, i], l being the word sent that stands last in the caption.

    A is head 2's (`bob_head`). The importances most and both take the highest, of equals the last; least
    takes the lowest, of equals the first. (`both` halves the one trial that there is, and rounds down.)
    """
    attention = np.asarray(item.facts["bob_head"], dtype=np.float64)
    count = min(len(item.words), len(attention))
    given = flipped(attention, count)
    together = compared(attention + attention.T)
    order: list[int] = [int(np.argmax(given))] if count else []
    scores: list[float | None] = [float(given[word]) for word in order]
    stops = count < len(item.words)
    while len(order) < count:
        row = together[max(order)]
        best = _extreme(row, [token for token in range(len(row)) if token not in order], item.importance)
        if best >= count:  # a token that is no word's place
            stops = True
            best = _extreme(row, [word for word in range(count) if word not in order], item.importance)
        order.append(best)
        scores.append(float(row[best]))
    if stops:
        _warn(item, f"{len(attention)} tokens for {len(item.words)} words")
    unseen = range(count, len(item.words))
    return ranking([*order, *unseen], len(item.words), [*scores, *[None] * len(unseen)])


def _extreme(row: Matrix, places: Sequence[int], importance: str | None) -> int:
    if importance == "least":
        return min(places, key=lambda place: row[place])
    return max(reversed(places), key=lambda place: row[place])


def flipped(attention: Matrix, count: int) -> Matrix:
    """The contributions of the first `count` tokens, to 9 digits, in reverse: the last stands first."""
    given: Matrix = compared(contribution(attention)[:count])[::-1]
    return given


def both_att(item: Item) -> Ranking:
    """Smallest c_i(D) first, with D = S_Alice − S_Bob signed; or that first, then the smallest C[i, l](D).

    S is the soft-max over a square of 50 × 50 in whose corner the attention between tokens stands, with zeros
    elsewhere; l is the last word sent. Of equals, to 9 digits, the earlier word.
    """
    count = len(item.words)
    alice, bob = (np.asarray(item.facts[name], dtype=np.float64) for name in ("alice_tokens", "bob_tokens"))
    side = max(SQUARE, count, len(alice), len(bob))
    if side > SQUARE or min(len(alice), len(bob)) < count:
        _warn(item, f"{len(alice)} and {len(bob)} tokens for {count} words")
    hers, his = _in_square(alice, side), _in_square(bob, side)
    first = compared(contribution(hers - his)[:count], contribution(hers), contribution(his))
    pairs = compared(combination(hers - his), hers, his)
    unsent = [int(word) for word in np.argsort(first, kind="stable")]
    if item.importance == "contribute":
        return ranking(unsent, count, [float(first[word]) for word in unsent])
    order, scores = unsent[:1], [float(first[word]) for word in unsent[:1]]
    while len(order) < count:
        left = [word for word in range(count) if word not in order]
        best = min(left, key=lambda word: pairs[word, order[-1]])
        scores.append(float(pairs[best, order[-1]]))
        order.append(best)
    return ranking(order, count, scores)


def _in_square(attention: Matrix, side: int) -> Matrix:
    whole = np.zeros((side, side))
    whole[: len(attention), : len(attention)] = attention
    weights = np.exp(whole - whole.max())
    shares: Matrix = weights / weights.sum()
    return shares


def heads(item: Item, shuffle: Callable[[int], bytes], only: bool) -> Ranking:
    """Governors as the dependencies name them, each a word by spelling; then the words spelled otherwise.

    The first governor always counts; of the others those that are spelled like a word, and not like the one
    before. A word like the one before it in the caption is not sent. heads_partBob orders the governors by
    `flipped`, heads_random shuffles them, and the rest as well.
    """
    words = [word.replace("#", "") for word in item.words]
    kept = [place for place, word in enumerate(words) if place == 0 or word != words[place - 1]]
    spelled = {words[place] for place in kept}
    governors: list[str] = []
    for number, governor in enumerate(item.facts["governors"]):
        if number == 0 or (governor != governors[-1] and governor in spelled):
            governors.append(governor)
    first, lost = _places(governors, words, kept)
    rest, _ = _places([words[place] for place in kept if words[place] not in governors], words, kept)
    scores: dict[int, float] = {}
    if item.importance == "heads_partBob":
        attention = np.asarray(item.facts["bob_head"], dtype=np.float64)
        given = flipped(attention, min(len(words), len(attention)))
        # By spelling: a word that the caption has twice counts by the better place, of equals the later.
        best = sorted(range(len(given)), key=lambda place: (-given[place], -place))
        ranks = {words[place]: rank for rank, place in reversed(list(enumerate(best)))}
        first.sort(key=lambda place: ranks.get(words[place], len(best)))
        scores = {place: float(given[best[ranks[words[place]]]]) for place in first if words[place] in ranks}
    elif item.importance == "heads_random":
        first.sort(key=shuffle)
        rest.sort(key=shuffle)
    left = [place for place in kept if place not in first and place not in rest]
    if lost or not governors or (left and not only):
        _warn(item, "a governor is no word of the caption, there is none, or a word comes more than once")
    order = first if only else [*first, *rest, *left]
    return ranking(order, len(words), [scores.get(place) for place in order], stop=len(order) < len(words))


def _places(spellings: Sequence[str], words: Sequence[str], kept: Sequence[int]) -> tuple[list[int], bool]:
    """For each spelling the first place that is left, and whether one had none."""
    found: list[int] = []
    for spelling in spellings:
        found += [at for at in kept if words[at] == spelling and at not in found][:1]
    return found, len(found) < len(spellings)


def _warn(item: Item, why: str) -> None:
    warnings.warn(
        f"--rule scripts: the published scripts stop, or send a word twice, at {item.text!a} ({why}); "
        "what is left is ordered without that.",
        stacklevel=3,
    )
