"""What a receiver is: Bob's model that turns words into an image; and the families of such models.

A family says which models it runs by what lies in their directory; a plug-in may add one for models that
those here do not run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from lsccli.core.errors import LscError, MissingModelError
from lsccli.core.models.roles import ReceiverRole
from lsccli.core.registry.base import Entry, Registry, at_work

Pixels = NDArray[np.uint8]  # (B, H, W, 3)
Maps = NDArray[np.float64]  # (n, 24, 24)


class NotFiniteError(RuntimeError):
    """Some images came out as NaN or infinity, as half precision can bring about.

    Attributes:
        failed: positions of the prompts without an image.
        images: (B, H, W, 3) uint8; zeros where an image failed.
    """

    def __init__(self, failed: tuple[int, ...], images: Pixels) -> None:
        super().__init__(
            f"{len(failed)} of {len(images)} images are not finite numbers; try --dtype float32 or bfloat16"
        )
        self.failed = failed
        self.images = images


class Receiver(Protocol):
    """Turns prompts into images; built as `(directory, role, device, dtype, batch_size)`."""

    def draw(self, prompts: Sequence[str], seed: int) -> Pixels:
        """One image per prompt: (B, H, W, 3) uint8 RGB, of the size that the profile's [receiver] names.

        An image depends on its prompt and the seed alone, not on its neighbours.

        Raises:
            NotFiniteError: where images hold NaN; it carries the others.
        """
        ...

    def window_overflow(self, prompt: str) -> int:
        """How many tokens at the end of the prompt Bob's text encoder does not see."""
        return 0

    def heat_maps(self, captions: Sequence[Sequence[str]], seed: int) -> list[Maps]:
        """Per caption the heat map of each of its n words, (n, 24, 24), for the whole caption as the prompt.

        Only asked for where the family's `check_maps` finds nothing amiss.
        """
        raise MissingModelError(f"A {type(self).__name__} has no heat maps.")


@dataclass(frozen=True, kw_only=True)
class ReceiverSpec(Entry):
    """One family of receivers, made by `make(directory, role, device, dtype, batch_size)`.

    Attributes:
        serves: whether it runs the model in a directory; loads nothing.
        check_maps: raises MissingModelError where the model in a directory gives no heat maps, and loads
            nothing; None where no model of the family gives any.
        check_settings: raises LscError where the model in a directory cannot be run as the role says; loads
            nothing.
    """

    make: Callable[..., Receiver]
    serves: Callable[[Path], bool]
    check_maps: Callable[[Path], None] | None = None
    check_settings: Callable[[Path, ReceiverRole], None] | None = None


RECEIVERS: Registry[ReceiverSpec] = Registry("receiver", "lsccli.core.receiver", "lsc plugins")

Make = TypeVar("Make", bound=Callable[..., Receiver])


def receiver(
    name: str,
    *,
    summary: str,
    serves: Callable[[Path], bool],
    check_maps: Callable[[Path], None] | None = None,
    check_settings: Callable[[Path, ReceiverRole], None] | None = None,
    source: str = "",
    version: int = 1,
) -> Callable[[Make], Make]:
    """Register a family of receivers: a class as `Receiver` has it; see `ReceiverSpec`."""

    def register(make: Make) -> Make:
        spec = ReceiverSpec(
            name=name,
            make=make,
            summary=summary,
            serves=serves,
            check_maps=check_maps,
            check_settings=check_settings,
            source=source,
            version=version,
        )
        RECEIVERS.add(spec)
        return make

    return register


def family_of(directory: Path) -> ReceiverSpec:
    """The family that runs the model in a directory, built-in ones first; LscError where none does."""
    families = RECEIVERS.all()
    for spec in families.values():
        with at_work(spec, f"The receiver {spec.name} failed"):
            serves = spec.serves(directory)
        if serves:
            return spec
    told = "; ".join(f"{spec.name}: {spec.summary}" for spec in families.values())
    raise LscError(f"Cannot load the model in {directory}: no receiver runs such a model ({told}).")


def check_heat_maps(directory: Path) -> None:
    """MissingModelError where the model in a directory gives no heat maps; loads nothing."""
    spec = family_of(directory)
    if spec.check_maps is None:
        raise MissingModelError(
            f"The receiver {spec.name} gives no heat maps; name another under [receiver]."
        )
    with at_work(spec, f"The receiver {spec.name} failed"):
        spec.check_maps(directory)
