"""What methods read of a caption, and which models it comes from.

A method names its facts in `reads`; each fact is computed once per batch of captions and handed over. The
identity of every role behind a fact is in the key of every ranking that reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsccli.core.errors import LscError
from lsccli.core.models.roles import ROLES
from lsccli.core.registry.base import Entry, Registry
from lsccli.core.store.artifacts import FACT_NAME

if TYPE_CHECKING:
    from PIL.Image import Image

    from lsccli.core.models.models import Models


@dataclass(frozen=True)
class CaptionView:
    """A caption as facts see it: the text as written, its words, and what opens the image it is of."""

    text: str
    words: tuple[str, ...]
    open_image: Callable[[], Image]


@dataclass(frozen=True, kw_only=True)
class FactSpec(Entry):
    """One fact: `make(models, views)` gives its value for each of a batch of captions.

    Attributes:
        roles: the roles of the profile that it reads.
        of_image: whether it looks at the image.
        kept: whether its values, float arrays, are kept beside the store, as costly ones are.
        check: raises MissingModelError where a model that is here cannot give the fact; loads nothing.
    """

    roles: tuple[str, ...] = ()
    of_image: bool = False
    kept: bool = False
    check: Callable[[Models], None] | None = None


def _check(spec: FactSpec) -> None:
    known = ROLES.all()
    for name in spec.roles:
        if name not in known:
            raise LscError(f"Fact {spec.name} reads role {name!r}; there are {', '.join(known)}.")
    if spec.kept and not FACT_NAME.fullmatch(spec.name):
        raise LscError(f"Fact {spec.name!r} is kept in a folder of its name: use letters, digits, - and _.")


FACTS: Registry[FactSpec] = Registry("fact", "lsccli.core.facts", "lsc plugins", _check)

FactFunction = Callable[["Models", Sequence[CaptionView]], list[Any]]


def fact(
    name: str,
    *,
    summary: str,
    roles: Iterable[str] = (),
    of_image: bool = False,
    kept: bool = False,
    check: Callable[[Models], None] | None = None,
    source: str = "",
    version: int = 1,
) -> Callable[[FactFunction], FactFunction]:
    """Register a function `compute(models, views) -> list`, one value for each caption; see `FactSpec`."""

    def register(compute: FactFunction) -> FactFunction:
        spec = FactSpec(
            name=name,
            make=compute,
            summary=summary,
            roles=tuple(roles),
            of_image=of_image,
            kept=kept,
            check=check,
            source=source,
            version=version,
        )
        FACTS.add(spec)
        return compute

    return register
