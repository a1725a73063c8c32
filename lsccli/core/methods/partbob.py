"""Bob's own text encoder says which words matter to him, and which belong together."""

import numpy as np

from lsccli.core.methods import published
from lsccli.core.methods.base import Item, Ranking, method, ranking
from lsccli.core.text.attention import combination, compared, contribution, seen_words


@method(
    "partBob",
    summary="attention in Bob's text encoder",
    direction="highest contribution first, then by combination with the last word sent",
    importances=["most", "least", "both"],
    reads=["bob_attention"],
    instead=published.instead(bob_attention="bob_head"),
    options=published.Encoder,
    clip_tx=True,
    version=2,
)
def part_bob(item: Item) -> Ranking:
    """First the word of highest contribution, then the unsent one by its combination with the last one sent.

    The importance says which: the highest (most), the lowest (least), or highest and lowest in turn (both,
    the highest first). Ties, to 9 digits, go to the earlier word. The scores are the first word's
    contribution and the others' combinations. Words beyond the encoder's window come last, in order, without
    a score. With --rule scripts: `published.part_bob`.
    """
    if published.by_scripts(item):
        return published.part_bob(item)
    count = len(item.words)
    attention = published.bob_attention(item)
    if attention.shape != (count, count):
        raise ValueError(f"attention of shape {attention.shape} for {count} words")
    if item.importance not in ("most", "least", "both"):
        raise ValueError(f"partBob has no importance {item.importance!r}")
    seen = list(seen_words(attention, item.words))
    order: list[int] = []
    scores: list[float | None] = []
    if seen:
        # Words the encoder does not see must not turn the sums into NaN.
        given = compared(contribution(attention[np.ix_(seen, seen)]))
        order.append(seen[int(np.argmax(given))])
        scores.append(float(np.max(given)))
    together = compared(combination(attention))
    while len(order) < len(seen):
        unsent = [word for word in seen if word not in order]
        candidates = together[order[-1], unsent]
        highest = item.importance == "most" or (item.importance == "both" and len(order) % 2 == 1)
        # argmax and argmin return the first of equals, which is the earlier word.
        best = int(np.argmax(candidates) if highest else np.argmin(candidates))
        order.append(unsent[best])
        scores.append(float(candidates[best]))
    unseen = [word for word in range(count) if word not in seen]
    return ranking([*order, *unseen], count, [*scores, *[None] * len(unseen)])
