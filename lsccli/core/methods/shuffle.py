"""The words shuffled, the same on every machine: the baseline without any knowledge."""

import json
from hashlib import sha256

from lsccli.core.methods.base import Item, Ranking, method, ranking
from lsccli.core.options import Settings, option


def shuffle_key(seed: int, caption: str, position: int) -> bytes:
    """What `random` sorts by: the SHA-256 of the ASCII bytes of the JSON array [seed, caption, position].

    Without white space, other characters escaped (\\uXXXX, pairs of surrogates beyond U+FFFF), as
    `json.dumps` writes it; for example `[0,"a caf\\u00e9",1]`.
    """
    text = json.dumps([seed, caption, position], ensure_ascii=True, separators=(",", ":"))
    return sha256(text.encode("ascii")).digest()


class Shuffled(Settings):
    """Which shuffle."""

    seed: int = option(
        0, ge=0, flag="--seeds", counts=True, help="random, heads_random: average so many shuffles."
    )


@method(
    "random",
    summary="the words shuffled by a hash of seed, caption and position",
    direction="lowest hash first",
    options=Shuffled,
)
def shuffle(item: Item) -> Ranking:
    """Positions sorted by `shuffle_key`."""
    seed = int(item.options["seed"])
    positions = range(len(item.words))
    return ranking(sorted(positions, key=lambda at: shuffle_key(seed, item.text, at)), len(item.words))
