"""Words that Alice and Bob see in the same place come first."""

import numpy as np
from numpy.typing import NDArray

from lsccli.core.methods.base import Item, Ranking, method, ranking
from lsccli.core.registry.base import NAM_2024
from lsccli.core.text.attention import compared, warn_unseen

SIDE = 24
Maps = NDArray[np.float64]


def on_grid(maps: Maps, side: int = SIDE) -> Maps:
    """Maps (n, H, W) on a grid of (n, side, side), bilinear, each scaled to [0, 1]; a constant one is 0."""
    from PIL import Image

    scaled: Maps = np.zeros((len(maps), side, side))
    for index, one in enumerate(maps):
        if one.shape != (side, side):
            picture = Image.fromarray(one.astype(np.float32))
            one = np.asarray(picture.resize((side, side), Image.Resampling.BILINEAR), dtype=np.float64)
        spread = one.max() - one.min()
        # Differences as small as rounding are none; scaled up they would look like a pattern.
        if spread > 1e-6 * max(abs(one.max()), abs(one.min())):
            scaled[index] = (one - one.min()) / spread
    return scaled


@method(
    "bothcrossatt",
    summary="Alice's Grad-CAM map of each word against Bob's cross-attention heat map of it",
    direction="smallest mean difference of the maps first",
    cost="1",
    source=f'{NAM_2024}; heat maps: R. Tang et al., "What the DAAM", ACL 2023 (arXiv 2210.04885)',
    reads=["alice_maps", "bob_maps"],
    version=2,
)
def both_cross_att(item: Item) -> Ranking:
    """Smallest d_w = mean over the 24×24 grid of |a_w − b_w| first, which is the score.

    a_w is Alice's Grad-CAM map of the word, b_w Bob's heat map (the full caption in order, drawn with the
    receiver's seed), each scaled to [0, 1]. Ties, to 9 digits, go to the earlier word. Words beyond the
    window of either model come last, in order, without a score.
    """
    count = len(item.words)
    alice, bob = (np.asarray(item.facts[name], dtype=np.float64) for name in ("alice_maps", "bob_maps"))
    if alice.ndim != 3 or bob.ndim != 3 or len(alice) != count or len(bob) != count:
        raise ValueError(f"maps of shapes {alice.shape} and {bob.shape} for {count} words")
    sighted = [word for word in range(count) if not np.isnan([alice[word].sum(), bob[word].sum()]).any()]
    seen = warn_unseen(sighted, item.words)
    hers, his = on_grid(alice[list(seen)]), on_grid(bob[list(seen)])
    apart = compared(np.abs(hers - his).mean(axis=(1, 2)), hers, his)
    # A stable sort leaves the earlier of equals first.
    best = [int(index) for index in np.argsort(apart, kind="stable")]
    unseen = [word for word in range(count) if word not in seen]
    order = [*(seen[index] for index in best), *unseen]
    return ranking(order, count, [*(float(apart[index]) for index in best), *[None] * len(unseen)])
