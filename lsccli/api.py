"""What `import lsccli` offers to plug-ins and scripts; each name is imported when it is first used.

A decorator for each kind of thing that can be added (`KINDS`), and what one needs to write it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_CORE = "lsccli.core."

# The decorator of each kind, and its module, which also has the kind's registry.
KINDS = {
    "method": "methods.base",
    "captioner": "captioners.base",
    "metric": "metrics.base",
    "fact": "facts.base",
    "receiver": "receiver.base",
    "role": "models.roles",
    "channel_model": "channel.models.base",
    "channel_code": "channel.codes.base",
    "source_code": "channel.source.base",
    "decoder": "channel.decoders.base",
    "report_format": "report.formats.base",
}
NAMES = {
    **KINDS,
    "Item": "methods.base",
    "Ranking": "methods.base",
    "ranking": "methods.base",
    "CaptionView": "facts.base",
    "Captioner": "captioners.base",
    "Metric": "metrics.base",
    "check_pixels": "metrics.base",
    "Receiver": "receiver.base",
    "NotFiniteError": "receiver.base",
    "ChannelModel": "channel.models.base",
    "Received": "channel.received",
    "SourceCode": "channel.source.base",
    "Decoder": "channel.decoders.base",
    "ModelRef": "models.reference",
    "setting": "models.roles",
    "Profile": "models.profile",
    "load_profile": "models.profile",
    "Models": "models.models",
    "load_model": "models.loading",
    "load_processor": "models.loading",
    "in_batches": "models.loading",
    "to_rgb": "data.images",
    "Settings": "options",
    "option": "options",
    "LscError": "errors",
    "MissingModelError": "errors",
    "Entry": "registry.base",
    "Registry": "registry.base",
}


def __getattr__(name: str) -> Any:
    if name in NAMES:
        return getattr(import_module(_CORE + NAMES[name]), name)
    raise AttributeError(f"module 'lsccli.api' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *NAMES])


def load_kinds() -> None:
    """Import every kind, so that its registry is known."""
    for module in KINDS.values():
        import_module(_CORE + module)
