"""Alice looks at her image: words that she sees in it come first."""

import numpy as np

from lsccli.core.methods.base import Item, Ranking, method, ranking
from lsccli.core.text.attention import compared, warn_unseen


@method(
    "Alice",
    summary="Grad-CAM of image-text matching: how much of the image speaks for each word",
    direction="highest Grad-CAM mass first",
    reads=["alice_maps"],
    version=2,
)
def alice(item: Item) -> Ranking:
    """Highest mass m_w = Σ_p G[w, p] first, G the word's Grad-CAM over the patches p of the image.

    Ties, to 9 digits, go to the earlier word. Words beyond the matcher's window come last, in order, without
    a score.
    """
    count = len(item.words)
    maps = np.asarray(item.facts["alice_maps"], dtype=np.float64)
    if maps.ndim != 3 or len(maps) != count:
        raise ValueError(f"maps of shape {maps.shape} for {count} words")
    mass = compared(maps.sum(axis=(1, 2)))
    seen = warn_unseen([word for word in range(count) if not np.isnan(mass[word])], item.words)
    order = sorted(seen, key=lambda word: -mass[word])
    unseen = [word for word in range(count) if word not in seen]
    return ranking([*order, *unseen], count, [*(float(mass[word]) for word in order), *[None] * len(unseen)])
