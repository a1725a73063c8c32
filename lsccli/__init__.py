"""lsc: language-oriented semantic communication, from an image through words back to an image.

What plug-ins need is here by name: `from lsccli import Item, method, ranking`; see `lsccli.api`.
"""

from importlib import import_module
from typing import Any

__version__ = "0.2.0"


def __getattr__(name: str) -> Any:
    # Loaded when something of it is used, so that `import lsccli` takes no time.
    api = import_module("lsccli.api")
    if name in api.NAMES:
        return getattr(api, name)
    raise AttributeError(f"module 'lsccli' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *import_module("lsccli.api").NAMES])
