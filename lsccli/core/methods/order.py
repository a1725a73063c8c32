"""The words as they stand: what every other order has to beat."""

from lsccli.core.methods.base import Item, Ranking, method, ranking


@method(
    "order",
    summary="the words as they stand in the caption, the plain baseline",
    direction="first word first",
)
def order(item: Item) -> Ranking:
    """Caption order."""
    return ranking(range(len(item.words)), len(item.words))
