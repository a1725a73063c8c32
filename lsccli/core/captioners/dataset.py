"""People's own captions, as a data set brings them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsccli.core.captioners.base import GIVEN, captioner
from lsccli.core.errors import LscError
from lsccli.core.models.profile import Profile

if TYPE_CHECKING:
    from PIL.Image import Image


@captioner(GIVEN, summary="people's own captions, read with the images", given=True, source="the data set")
class DatasetCaptioner:
    """No model: the captions are registered together with the images."""

    def __init__(self, profile: Profile, device: str, dtype: str, batch_size: int) -> None:
        pass

    def caption(self, images: Sequence[Image]) -> list[str]:
        """Never captions: LscError says where such captions come from."""
        raise LscError(
            f"The captioner dataset writes no captions: {len(images)} images have none in their data set. "
            "Add a captions.txt, or choose another --captioner."
        )
