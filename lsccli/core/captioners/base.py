"""What a captioner is and what is known of it, and the beam search that captioners share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from lsccli.core.data.images import to_rgb
from lsccli.core.errors import LscError
from lsccli.core.models.loading import load_model, load_processor
from lsccli.core.models.roles import ROLES
from lsccli.core.registry.base import Entry, Registry

if TYPE_CHECKING:
    from PIL.Image import Image

# Whose captions are meant where nobody says: Alice's.
DEFAULT = "blip"
# People's own, which come with the images.
GIVEN = "dataset"


class Captioner(Protocol):
    """A way to turn images into words; built as `(profile, device, dtype, batch_size)`."""

    def caption(self, images: Sequence[Image]) -> list[str]:
        """One caption per image (any size, any mode)."""
        ...


class Listener(Protocol):
    """A captioner that starts from what others say of the images."""

    def caption(self, images: Sequence[Image], heard: Mapping[str, Sequence[str]]) -> list[str]:
        """One caption per image; `heard` has those of each captioner that it reads, by name."""
        ...


@dataclass(frozen=True, kw_only=True)
class CaptionerSpec(Entry):
    """One captioner, made by `make(profile, device, dtype, batch_size)`.

    Attributes:
        roles: the roles of the profile that it reads; none where it needs no model.
        reads: the captioners whose captions of an image it starts from; their roles are among its own.
        given: whether its captions come with the images, so that it writes none.
    """

    make: Callable[..., Captioner | Listener]
    roles: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    given: bool = False


def _check(spec: CaptionerSpec) -> None:
    known = ROLES.all()
    for name in spec.roles:
        if name not in known:
            raise LscError(f"Captioner {spec.name} reads role {name!r}; there are {', '.join(known)}.")
    for name in spec.reads:
        if CAPTIONERS.find(name).given:
            raise LscError(f"Captioner {spec.name} reads {name}, whose captions change with the data set.")
        missing = [role for role in CAPTIONERS.find(name).roles if role not in spec.roles]
        if missing:
            raise LscError(f"Captioner {spec.name} reads {name}, and so the role {missing[0]}: declare it.")


CAPTIONERS: Registry[CaptionerSpec] = Registry("captioner", "lsccli.core.captioners", "lsc models", _check)

Make = TypeVar("Make", bound=Callable[..., Captioner | Listener])


def captioner(
    name: str,
    *,
    summary: str,
    roles: Iterable[str] = (),
    reads: Iterable[str] = (),
    given: bool = False,
    source: str = "",
    version: int = 1,
) -> Callable[[Make], Make]:
    """Register a captioner: a `Captioner`, or with `reads` a `Listener`; see `CaptionerSpec`."""

    def register(make: Make) -> Make:
        spec = CaptionerSpec(
            name=name,
            make=make,
            summary=summary,
            roles=tuple(roles),
            reads=tuple(reads),
            given=given,
            source=source,
            version=version,
        )
        CAPTIONERS.add(spec)
        return make

    return register


class BlipBeams:
    """Beam search of the `BlipForConditionalGeneration` in `directory`."""

    def __init__(self, directory: Path, beams: int, max_new_tokens: int, device: str, dtype: str) -> None:
        from transformers import BlipForConditionalGeneration, BlipProcessor

        self.processor: Any = load_processor(BlipProcessor, directory)
        self.model: Any = load_model(BlipForConditionalGeneration, directory, device=device, dtype=dtype)
        self.beams = beams
        self.max_new_tokens = max_new_tokens

    def search(self, images: Sequence[Image], candidates: int = 1) -> list[list[str]]:
        """The best `candidates` captions of each image, best first, in one batch."""
        import torch

        pixels = self.processor.image_processor(
            images=[to_rgb(image) for image in images], return_tensors="pt"
        )
        with torch.inference_mode():
            tokens = self.model.generate(
                pixel_values=pixels["pixel_values"].to(self.model.device, self.model.dtype),
                num_beams=self.beams,
                num_return_sequences=candidates,
                max_new_tokens=self.max_new_tokens,
                do_sample=False,
            )
        # The first token opens the decoder; not every tokenizer knows it as special.
        texts = self.processor.tokenizer.batch_decode(tokens[:, 1:], skip_special_tokens=True)
        cleaned = [clean(text) for text in texts]
        return [cleaned[start : start + candidates] for start in range(0, len(cleaned), candidates)]


def clean(text: str) -> str:
    """The text on one line, with single spaces."""
    return " ".join(text.split())
