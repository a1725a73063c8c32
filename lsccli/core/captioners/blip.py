"""Alice's captioner: BLIP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsccli.core.captioners.base import DEFAULT, BlipBeams, captioner
from lsccli.core.models.loading import in_batches
from lsccli.core.models.profile import Profile

if TYPE_CHECKING:
    from PIL.Image import Image

BLIP_2022 = (
    'J. Li et al., "BLIP: Bootstrapping Language-Image Pre-training for Unified Vision-Language '
    'Understanding and Generation", ICML 2022 (arXiv 2201.12086)'
)


@captioner(DEFAULT, summary="Alice's captioner: BLIP, beam search", roles=("captioner",), source=BLIP_2022)
class BlipCaptioner:
    """The best caption of a beam search by the model of a role of the profile."""

    role = "captioner"

    def __init__(self, profile: Profile, device: str, dtype: str, batch_size: int) -> None:
        role = profile.need(self.role)
        directory = role.model.find().directory
        self._beams = BlipBeams(directory, role.beams, role.max_new_tokens, device, dtype)
        self._batch_size = batch_size

    def caption(self, images: Sequence[Image]) -> list[str]:
        """One caption per image (any size, any mode)."""
        return in_batches(self._caption, images, self._batch_size)

    def _caption(self, images: list[Image]) -> list[str]:
        return [candidates[0] for candidates in self._beams.search(images)]
