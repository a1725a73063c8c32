"""The distilled Alice: her captioner after it has learnt how Bob's speaks (SKD)."""

from __future__ import annotations

from lsccli.core.captioners.base import captioner
from lsccli.core.captioners.blip import BLIP_2022, BlipCaptioner
from lsccli.core.registry.base import NAM_2024


@captioner(
    "skd",
    summary="the distilled Alice: her BLIP, taught Bob's words by captions of his captioner (SKD)",
    roles=("distilled_captioner",),
    source=f"{BLIP_2022}; the idea: {NAM_2024}",
)
class DistilledCaptioner(BlipCaptioner):
    """The same beam search as Alice's, by the model that has heard Bob."""

    role = "distilled_captioner"
