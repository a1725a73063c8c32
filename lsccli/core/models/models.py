"""The models of the profile in force, each loaded at its first use; the identity of each without loading it.

`Compute` says where and how exactly they run. Its `auto` values are resolved here, once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from importlib import metadata
from typing import TYPE_CHECKING, Any

from lsccli.core.errors import LscError
from lsccli.core.models.loading import DTYPES
from lsccli.core.models.profile import Profile
from lsccli.core.registry import base as registry
from lsccli.core.store.keys import identity, identity_of, runtime

if TYPE_CHECKING:
    from lsccli.core.channel.settings import ChannelSettings
    from lsccli.core.metrics.base import Metric
    from lsccli.core.receiver.diffusion import DiffusionReceiver
    from lsccli.core.scc.closeness import WordStates
    from lsccli.core.scc.coder import SemanticCoder
    from lsccli.core.text.attention import WordAttention
    from lsccli.core.text.gradcam import WordGradCam
    from lsccli.core.text.parse import Parser

# Pixels of one batch on a processor: sixteen scenes of 64×64, or one photograph of 512×512 at a time.
_BATCH_PIXELS_CPU = 16 * 64 * 64
_BATCH_PIXELS_GPU = 8 * 512 * 512
# A matcher's gradients need memory of their own.
_MATCHES = 8


@dataclass(frozen=True)
class Compute:
    """Where and how models run. Only the number format can change a result."""

    dtype: str = identity("float32")
    device: str = runtime("cpu")
    batch_size: int | None = runtime(None)


def resolve_compute(device: str, dtype: str, batch_size: str) -> Compute:
    """What `--device`, `--dtype`, `--batch-size` mean on this machine; LscError where one cannot be had."""
    if dtype not in ("auto", *DTYPES):
        raise LscError(f"--dtype {dtype!r}: choose auto, {', '.join(DTYPES)}.")
    if batch_size != "auto" and (not batch_size.isdecimal() or int(batch_size) < 1):
        raise LscError(f"--batch-size {batch_size!r}: give a number from 1, or auto.")
    device = _resolve_device(device)
    if dtype == "auto":
        dtype = "float16" if device.startswith("cuda") else "float32"
    return Compute(dtype=dtype, device=device, batch_size=None if batch_size == "auto" else int(batch_size))


def _resolve_device(device: str) -> str:
    kind, _, number = device.partition(":")
    if kind not in ("auto", "cpu", "cuda", "mps") or (number and (kind != "cuda" or not number.isdecimal())):
        raise LscError(f"--device {device!r}: choose auto, cpu, cuda, cuda:N or mps.")
    if device == "cpu":
        return device
    import torch

    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    mps = torch.backends.mps.is_available()
    if device == "auto":
        return "cuda" if gpus else "mps" if mps else "cpu"
    if kind == "cuda" and int(number or 0) >= gpus:
        raise LscError(
            f"--device {device}: this machine has {gpus or 'no'} CUDA device(s); use --device auto."
        )
    if kind == "mps" and not mps:
        raise LscError("--device mps: this machine has no Apple GPU; use --device auto.")
    return device


@dataclass
class Models:
    """The models of a profile on a device."""

    profile: Profile
    compute: Compute
    _loaded: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def batch_size(self) -> int:
        """Images per batch: as asked for, or what suits the receiver's image size and the device."""
        if self.compute.batch_size is not None:
            return self.compute.batch_size
        role = self.profile.receiver
        pixels = role.width * role.height if role else 64 * 64
        budget = _BATCH_PIXELS_CPU if self.compute.device == "cpu" else _BATCH_PIXELS_GPU
        return max(1, min(32, budget // pixels))

    # -- identities: what names a model's results in keys -------------------------------------------

    def captioner_identity(self, name: str) -> dict[str, Any]:
        """Identity settings of a captioner: its name and version, and all of its roles."""
        spec = registry.find_captioner(name)
        roles = {role: self.profile.identity(role) for role in spec.roles}
        dtype = identity_of(self.compute) if roles else {}
        return {"captioner": spec.name, "version": spec.version, "roles": roles, **dtype}

    def receiver_identity(self) -> dict[str, Any]:
        """Identity settings of the receiver, but for the seed, which each generation keeps itself."""
        facts = self.profile.identity("receiver")
        facts.pop("seed")
        return {**facts, **identity_of(self.compute)}

    def metric_identity(self, name: str) -> dict[str, Any]:
        """Identity settings of a metric: its name and version, its weights, the size it sees in pixels."""
        spec = registry.find_metric(name)
        weights: dict[str, str] = getattr(spec.load, "identity", dict)()
        return {
            "metric": spec.name,
            "version": spec.version,
            **weights,
            "size": self.profile.need("metric").size,
        }

    def role_identity(self, role: str) -> dict[str, Any]:
        """Identity settings of one role as a fact reads it."""
        facts = self.profile.identity(role)
        if role == "parser":
            facts["installed"] = self.parser.version
        if role == "receiver":  # the others are read in float32, whatever --dtype says
            facts |= identity_of(self.compute)
        return facts

    # -- models -------------------------------------------------------------------------------------

    def captioner(self, name: str) -> Any:
        """The captioner of this name, loaded: `caption(images) -> list[str]`."""
        spec = registry.find_captioner(name)
        return self._once(f"captioner {spec.name}", lambda: spec.load(*self._how()))  # type: ignore[misc]

    def metric(self, name: str) -> Metric:
        """The metric of this name, loaded."""
        spec = registry.find_metric(name)
        loaded: Metric = self._once(f"metric {spec.name}", lambda: spec.load(self.compute.device))
        return loaded

    @cached_property
    def receiver(self) -> DiffusionReceiver:
        """Bob's text-to-image pipeline."""
        from lsccli.core.receiver.diffusion import DiffusionReceiver

        role = self.profile.need("receiver")
        return DiffusionReceiver(
            role.model.find().directory, role, self.compute.device, self.compute.dtype, self.batch_size
        )

    @cached_property
    def parser(self) -> Parser:
        """The parser that finds heads and tags."""
        from lsccli.core.text.parse import Parser

        return Parser(self.profile.need("parser").model)

    @cached_property
    def bob_attention(self) -> WordAttention:
        """Attention between words in Bob's text encoder."""
        from lsccli.core.text.attention import WordAttention
        from lsccli.core.text.encoder import load_text_encoder

        return WordAttention(*load_text_encoder(self.profile, self.compute.device))

    @cached_property
    def alice_attention(self) -> WordAttention:
        """Attention between words in Alice's language model."""
        from lsccli.core.text.attention import WordAttention
        from lsccli.core.text.encoder import load_language_model

        return WordAttention(*load_language_model(self.profile, self.compute.device))

    @cached_property
    def word_states(self) -> WordStates:
        """How close words are in Bob's text encoder."""
        from lsccli.core.scc.closeness import WordStates

        # The same model as that of the attention: loaded once.
        return WordStates(self.bob_attention.model, self.bob_attention.tokenizer)

    def semantic_coder(self, channel: ChannelSettings) -> SemanticCoder:
        """What replaces words before they are sent over a channel with SCC."""
        from lsccli.core.channel.vocabulary import known_words
        from lsccli.core.scc.coder import SemanticCoder

        rule, least = channel.scc, channel.scc_closeness
        if rule is None or least is None:
            raise ValueError("this channel has no SCC")
        known = known_words(channel)
        return self._once(  # type: ignore[no-any-return]
            f"scc {rule} {least} {known.digest}",
            lambda: SemanticCoder(rule, known.words, self.word_states, least),
        )

    @cached_property
    def matcher(self) -> WordGradCam:
        """Grad-CAM maps of words in Alice's image."""
        from lsccli.core.text.gradcam import WordGradCam

        role = self.profile.need("matcher")
        size = min(self.batch_size, _MATCHES)
        return WordGradCam(role.model.find().directory, role.layer, self.compute.device, size)

    def _how(self) -> tuple[Profile, str, str, int]:
        return self.profile, self.compute.device, self.compute.dtype, self.batch_size

    def _once(self, name: str, load: Any) -> Any:
        if name not in self._loaded:
            self._loaded[name] = load()
        return self._loaded[name]


def versions() -> dict[str, str]:
    """Versions of what results may depend on, for the record of a run."""
    packages = (
        "lsccli",
        "torch",
        "diffusers",
        "transformers",
        "lpips",
        "spacy",
        "numpy",
        "pillow",
        "sqlmodel",
    )
    return {package: metadata.version(package) for package in packages}
