"""Where Alice sees each word in her image, and Bob in his."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lsccli.core.facts.base import CaptionView, fact

if TYPE_CHECKING:
    from lsccli.core.models.models import Models


@fact(
    "alice_maps",
    summary="Grad-CAM map of each word on the patches of the image, (n, H, W)",
    roles=("matcher",),
    of_image=True,
    kept=True,
)
def alice_maps(models: Models, views: Sequence[CaptionView]) -> list[Any]:
    """Per caption (n, H, W)."""
    return list(models.matcher.maps([(view.open_image, view.words) for view in views]))


def _check_receiver(models: Models) -> None:
    from lsccli.core.receiver.base import check_heat_maps

    check_heat_maps(models.profile.need("receiver").model.find().directory)


@fact(
    "bob_maps",
    summary="heat map of each word in Bob's image for the whole caption, (n, 24, 24)",
    roles=("receiver",),
    kept=True,
    check=_check_receiver,
)
def bob_maps(models: Models, views: Sequence[CaptionView]) -> list[Any]:
    """Per caption (n, 24, 24)."""
    seed = models.profile.need("receiver").seed
    return list(models.receiver.heat_maps([view.words for view in views], seed))
