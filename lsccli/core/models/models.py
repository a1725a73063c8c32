"""The models of the profile in force, each loaded at its first use; the identity of each without loading it.

`Compute` says where and how exactly they run. Its `auto` values are resolved here, once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from importlib import metadata
from typing import TYPE_CHECKING, Any, TypeVar

from lsccli import __version__
from lsccli.core.captioners.base import CAPTIONERS, Captioner, Listener
from lsccli.core.errors import LscError, MissingModelError
from lsccli.core.metrics.base import FITS, METRICS, Metric
from lsccli.core.models.loading import DTYPES
from lsccli.core.models.profile import Profile
from lsccli.core.models.roles import ROLES
from lsccli.core.options import Settings, option
from lsccli.core.receiver.base import Receiver, family_of
from lsccli.core.registry.base import at_work
from lsccli.core.store.keys import Identity, identity, identity_of

if TYPE_CHECKING:
    from lsccli.core.scc.closeness import WordStates
    from lsccli.core.text.attention import WordAttention
    from lsccli.core.text.gradcam import WordGradCam
    from lsccli.core.text.parse import Parser

T = TypeVar("T")

# Pixels of one batch on a processor: sixteen scenes of 64×64, or one photograph of 512×512 at a time.
_BATCH_PIXELS_CPU = 16 * 64 * 64
_BATCH_PIXELS_GPU = 8 * 512 * 512
# A matcher's gradients need memory of their own.
_MATCHES = 8


class Compute(Settings):
    """Where and how models run. Only the number format can change a result."""

    dtype: str = option("float32", choices=DTYPES, help="Number format of the models.")
    device: str = option("cpu", runtime=True, help="Where the models run.")
    batch_size: int | None = option(None, ge=1, runtime=True, help="Images per batch.")


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

    def captioner_identity(self, name: str) -> Identity:
        """What makes a captioner: its name and version, all of its roles, the number format of its models."""
        spec = CAPTIONERS.find(name)
        roles = {role: self.role_identity(role) for role in spec.roles}
        own = identity({"version": 1}, captioner=spec.name, **spec.identity(), roles=roles)
        return own | identity_of(self.compute) if roles else own

    def receiver_identity(self) -> Identity:
        """What makes the receiver, but for the seed, which each generation keeps itself."""
        return self.role_identity("receiver").without("seed")

    def metric_identity(self, name: str, fit: str | None = None) -> Identity:
        """What makes a metric: its name and version, its weights, the size it sees in pixels, and how."""
        spec = METRICS.find(name)
        own = identity({"version": 1}, metric=spec.name, **spec.identity())
        seen = self.role_identity("metric").without("name")
        if fit is not None:
            seen = seen.without("fit") | identity({"fit": FITS[0]}, fit=fit)
        return own | seen

    def role_identity(self, role: str) -> Identity:
        """What makes a role, as captioners and facts read it: its settings, the digests of its models."""
        found = self.profile.identity(role)
        if role == "parser":
            version = self.parser.version
            # What lies in a directory is known by its content, wherever that is.
            if version.startswith("sha256:"):
                named = {name: value for name, value in found.named.items() if name != "model"}
                found = Identity(found.settings, named)
            found |= identity(installed=version)
        # Facts read the others in float32, whatever --dtype says; who knows what one from outside does?
        if role == "receiver" or ROLES.find(role).origin.outside:
            found |= identity_of(self.compute)
        if role == "receiver":
            spec = family_of(self.profile.need(role).model.find().directory)
            family = identity({"family": "diffusers", "version": 1}, family=spec.name, **spec.identity())
            # Told only of another family than the first, as it was before there was another.
            found |= Identity(family.named, family.named)
        return found

    def check_receiver(self) -> None:
        """LscError where the numbers of the profile's [receiver] are not for its model; loads nothing.

        A model that is not here is left to whatever needs it.
        """
        try:
            role = self.profile.need("receiver")
            directory = role.model.find().directory
        except MissingModelError:
            return
        spec = family_of(directory)
        if spec.check_settings is not None:
            with at_work(spec, f"The receiver {spec.name} failed"):
                spec.check_settings(directory, role)

    # -- models -------------------------------------------------------------------------------------

    def loaded(self, name: str, load: Callable[[], T]) -> T:
        """What `load` gives, called at the first use of this name only; for a role of one's own, its name."""
        if name not in self._loaded:
            self._loaded[name] = load()
        found: T = self._loaded[name]
        return found

    def captioner(self, name: str) -> Captioner | Listener:
        """The captioner of this name, loaded."""
        spec = CAPTIONERS.find(name)
        how = (self.compute.device, self.compute.dtype, self.batch_size)
        return self.loaded(f"captioner {spec.name}", lambda: spec.make(self.profile, *how))

    def metric(self, name: str) -> Metric:
        """The metric of this name, loaded."""
        spec = METRICS.find(name)
        return self.loaded(f"metric {spec.name}", lambda: spec.make(self.compute.device))

    @cached_property
    def receiver(self) -> Receiver:
        """Bob's model that turns words into an image, by the family that runs it."""
        role = self.profile.need("receiver")
        directory = role.model.find().directory
        how = (self.compute.device, self.compute.dtype, self.batch_size)
        return family_of(directory).make(directory, role, *how)

    @cached_property
    def parser(self) -> Parser:
        """The parser that finds heads and tags."""
        from lsccli.core.text.parse import Parser

        role = self.profile.need("parser")
        return Parser(role.model, role.conversion)

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

    @cached_property
    def matcher(self) -> WordGradCam:
        """Grad-CAM maps of words in Alice's image."""
        from lsccli.core.text.gradcam import WordGradCam

        role = self.profile.need("matcher")
        size = min(self.batch_size, _MATCHES)
        return WordGradCam(role.model.find().directory, role.layer, self.compute.device, size)


def versions() -> dict[str, str]:
    """Versions of what results may depend on, for the record of a run."""
    packages = (
        "torch",
        "diffusers",
        "transformers",
        "lpips",
        "spacy",
        "numpy",
        "pillow",
        "sqlmodel",
    )
    # From a checkout lsccli itself may not be installed.
    return {"lsccli": __version__, **{package: metadata.version(package) for package in packages}}
