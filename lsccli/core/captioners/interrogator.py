"""Bob's captioner as the published scripts have it: what clip-interrogator says, up to its first comma."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsccli.core.captioners.base import BlipBeams, captioner
from lsccli.core.models.loading import in_batches
from lsccli.core.models.profile import Profile
from lsccli.core.registry.base import NAM_2024

if TYPE_CHECKING:
    from PIL.Image import Image


@captioner(
    "interrogator",
    summary="the best beam of Bob's BLIP up to a comma: what the published scripts keep of clip-interrogator",
    roles=("bob_captioner",),
    source=f"the scripts of {NAM_2024}; https://github.com/pharmapsychotic/clip-interrogator",
)
class InterrogatorCaptioner:
    """The best of `beams` candidates of BLIP, cut before its first comma.

    clip-interrogator says "CAPTION, flavour, flavour, …": a BLIP caption, and words that CLIP chooses from
    lists. The scripts keep what stands before the first comma, which is the caption. CLIP has no say in it,
    but where the caption begins with a medium ("a painting of …"), to which one of four candidates appends
    an artist without a comma. That is left out here.
    """

    def __init__(self, profile: Profile, device: str, dtype: str, batch_size: int) -> None:
        role = profile.need("bob_captioner")
        self._beams = BlipBeams(role.model.find().directory, role.beams, role.max_new_tokens, device, dtype)
        self._batch_size = batch_size

    def caption(self, images: Sequence[Image]) -> list[str]:
        """One caption per image (any size, any mode)."""
        return in_batches(self._caption, images, self._batch_size)

    def _caption(self, images: list[Image]) -> list[str]:
        return [up_to_comma(texts[0]) for texts in self._beams.search(images)]


def up_to_comma(text: str) -> str:
    """What stands before the first comma, without white space around it."""
    return text.split(",")[0].strip()
