"""Words on whose weight Alice's and Bob's language models agree come first."""

import numpy as np

from lsccli.core.methods import published
from lsccli.core.methods.base import Item, Ranking, method, ranking
from lsccli.core.text.attention import Matrix, combination, compared, contribution, seen_words


def soft_max(attention: Matrix) -> Matrix:
    """S[i, j] = exp A[i, j] / Σ_{k, l} exp A[k, l]: over all entries of A, (n, n), not row by row."""
    weights = np.exp(attention - attention.max(initial=0.0))
    shares: Matrix = weights / weights.sum()
    return shares


@method(
    "bothAtt",
    summary="attention in Alice's language model against that in Bob's text encoder",
    direction="smallest difference of contribution first, or then of combination with the last word sent",
    importances=["contribute", "combination"],
    reads=["alice_attention", "bob_attention"],
    instead=published.instead(alice_attention="alice_tokens", bob_attention="bob_tokens"),
    options=published.Encoder,
    version=2,
)
def both_att(item: Item) -> Ranking:
    """Smallest disagreement first; both matrices A are soft-maxed over all their entries to S.

    - contribute: |c_i(S_Alice) − c_i(S_Bob)|, with c the contribution.
    - combination: the first word by contribute, then the unsent word w with the smallest
      |C_{l,w}(S_Alice) − C_{l,w}(S_Bob)|, with C the combination and l the last word sent.

    Ties, to 9 digits, go to the earlier word. The scores are these differences. Words that one of the models
    does not see come last, in order, without a score; the soft-max is over the words that both see. With
    --rule scripts: `published.both_att`.
    """
    if published.by_scripts(item):
        return published.both_att(item)
    count = len(item.words)
    alice = np.asarray(item.facts["alice_attention"], dtype=np.float64)
    bob = published.bob_attention(item)
    if alice.shape != (count, count) or bob.shape != (count, count):
        raise ValueError(f"attention of shapes {alice.shape} and {bob.shape} for {count} words")
    if item.importance not in ("contribute", "combination"):
        raise ValueError(f"bothAtt has no importance {item.importance!r}")
    seen = sorted(set(seen_words(alice, item.words)) & set(seen_words(bob, item.words)))
    alice, bob = (soft_max(matrix[np.ix_(seen, seen)]) for matrix in (alice, bob))
    given, taken = contribution(alice), contribution(bob)
    apart = compared(np.abs(given - taken), given, taken)
    if item.importance == "contribute":
        # A stable sort leaves the earlier of equals first.
        order = [int(index) for index in np.argsort(apart, kind="stable")]
        scores: list[float | None] = [float(apart[index]) for index in order]
    else:
        order, scores = _chain(apart, compared(np.abs(combination(alice) - combination(bob)), alice, bob))
    unseen = [word for word in range(count) if word not in seen]
    return ranking([*(seen[index] for index in order), *unseen], count, [*scores, *[None] * len(unseen)])


def _chain(first: Matrix, pairs: Matrix) -> tuple[list[int], list[float | None]]:
    """The smallest of `first`, (n,); then always the unsent index closest in `pairs`, (n, n), to the last."""
    order: list[int] = []
    scores: list[float | None] = []
    unsent = list(range(len(first)))
    while unsent:
        candidates = pairs[order[-1], unsent] if order else first[unsent]
        best = int(np.argmin(candidates))  # the first of equals
        scores.append(float(candidates[best]))
        order.append(unsent.pop(best))
    return order, scores
